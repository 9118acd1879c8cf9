"""Restarts: kill -9 and SIGTERM at many moments lose nothing and repeat nothing."""

import pathlib
import threading

import e2e
import model_server

TOOL = """#!/bin/sh
# Notes the call's idempotency key, then waits as long as the file `hold` is there.
key=$(sed -n 's/.*"idempotency_key": *"\\([^"]*\\)".*/\\1/p')
echo "$1 $key" >> "$2/calls"
while [ -e "$2/hold" ]; do sleep 0.02; done
printf "%s is done" "$1"
"""

CONFIG = """
timeouts: {{drain: {drain}}}
tools:
  - {{name: look, description: Looks., kind: command, sandbox: none, effect: read_only,
     command: [sh, {script}, look, {notes}]}}
  - {{name: stamp, description: Stamps., kind: command, sandbox: none, effect: idempotent,
     command: [sh, {script}, stamp, {notes}]}}
  - {{name: pay, description: Pays., kind: command, sandbox: none,
     command: [sh, {script}, pay, {notes}]}}
"""


class Restarts(e2e.Case):
    calls = (("look", {}, "c1"),)  # what the model calls in its first step

    def setUp(self):
        super().setUp()
        self.gates = {}  # step -> threading.Event that the model's reply waits for
        self.model = model_server.ModelServer(self.play)
        self.addCleanup(self.model.close)
        self.notes = self.directory / "notes"
        self.notes.mkdir()
        script = self.directory / "tool.sh"
        script.write_text(TOOL)
        self.settings = self.config(CONFIG.format(drain="10s", script=script, notes=self.notes))
        self.server = None

    def play(self, request, wire):
        done = model_server.steps_done(request)
        gate = self.gates.get(done)
        if gate is not None:
            wire.chunk({"content": "on my way "})
            if not wire.wait_for(gate):
                return
        if "ask" in request["messages"][1]["content"] and done == 1:
            wire.text("[ASK_USER] Which berth?")
        elif done == 0:
            wire.calls(*self.calls)
        elif done == 1:
            wire.calls(("calculator", {"expression": "6*7"}, "c9"))
        else:
            wire.text("[FINAL] " + " | ".join(model_server.results(request)))

    def start(self):
        self.server = self.serve(env=self.model.env, config=self.settings)
        return self.server

    def begin(self, task="work", **fields):
        self.start()
        persona = self.server.make_persona(tools=["look", "stamp", "pay", "calculator"])
        return self.server.start(persona, task, **fields)

    def kill_and_restart(self):
        self.server.kill()
        return self.start()

    def noted(self):
        path = self.notes / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def finish(self, run, status="completed"):
        self.server.until_ended(run)
        events = self.server.events(run)
        self.assert_whole_story(events, status)
        return events

    def watch(self, run, count):
        """The first `count` events, as a viewer gets them who is cut off then."""
        seen = []
        with self.server.stream(run) as stream:
            for frame in stream:
                if frame.id is not None:
                    seen.append(frame.json)
                if len(seen) == count:
                    break
        return seen

    def test_killed_after_every_event(self):
        run = self.begin()
        total = len(self.finish(run))
        for count in range(1, total):
            with self.subTest(killed_after=count):
                self.server.kill()
                self.start()
                run = self.server.start(self.server.get("/v1/personas").json[0]["id"])
                seen = self.watch(run, count)
                self.kill_and_restart()
                with self.server.stream(run, headers={"Last-Event-ID": str(count - 1)}) as stream:
                    rest = [f.json for f in stream if f.id is not None] \
                        if stream.status == 200 else []
                self.assert_whole_story(seen + rest, "completed")
                self.assertEqual(seen + rest, self.finish(run))
                self.assertEqual(self.server.run(run)["output"], "look is done | 42")

    def test_acknowledged_runs_survive(self):
        self.gates[0] = threading.Event()
        first = self.begin()
        persona = self.server.get("/v1/personas").json[0]["id"]
        acknowledged, lock = [first], threading.Lock()
        enough = threading.Event()

        def post():
            while True:
                try:
                    made = self.server.post(f"/v1/personas/{persona}/runs", {"task": "work"})
                except OSError:
                    return
                if made.status != 202:
                    return
                with lock:
                    acknowledged.append(made.json["id"])
                    if len(acknowledged) >= 30:
                        enough.set()
        threads = [threading.Thread(target=post) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.assertTrue(enough.wait(e2e.PATIENCE))
        self.server.process.kill()
        for thread in threads:
            thread.join()
        self.server.wait()
        self.gates.clear()
        self.start()
        for run in acknowledged:
            self.assertEqual(self.server.until_ended(run)["status"], "completed")

    def test_killed_during_a_model_call(self):
        self.gates[1] = threading.Event()
        run = self.begin()
        e2e.until(lambda: len(self.model.requests) == 2, "the second call is under way")
        self.kill_and_restart()
        self.gates[1].set()
        events = self.finish(run)
        resumed, = [e for e in events if e["type"] == "resumed"]
        self.assertEqual((resumed["step"], resumed["data"]["from_step"]), (-1, 1))
        self.assertEqual(self.noted(), [f"look {run}/0/0"], "the finished call is not repeated")
        usage = self.server.run(run)["usage"]
        self.assertGreaterEqual(usage["model_calls"], 3)

    def hold_tool(self, name):
        self.calls = ((name, {}, "c1"),)
        (self.notes / "hold").touch()
        run = self.begin()
        e2e.until(lambda: len(self.noted()) == 1, "the tool has begun")
        self.kill_and_restart()
        return run

    def release_tool(self):
        (self.notes / "hold").unlink()

    def test_killed_during_a_read_only_tool(self):
        run = self.hold_tool("look")
        e2e.until(lambda: len(self.noted()) == 2, "the tool begins again")
        self.release_tool()
        self.finish(run)
        self.assertEqual(self.noted(), [f"look {run}/0/0"] * 2, "with the same key")

    def test_killed_during_an_idempotent_tool(self):
        run = self.hold_tool("stamp")
        e2e.until(lambda: len(self.noted()) == 2, "the tool begins again")
        self.release_tool()
        self.finish(run)
        self.assertEqual(self.noted(), [f"stamp {run}/0/0"] * 2)

    def test_killed_during_a_side_effect(self):
        run = self.hold_tool("pay")
        events = self.finish(run)
        self.assertEqual(self.noted(), [f"pay {run}/0/0"], "never paid twice")
        result = next(e["data"] for e in events if e["type"] == "tool_result")
        self.assertTrue(result["is_error"])
        self.assertIn("unknown", result["content"])
        self.release_tool()

    def test_finished_calls_of_an_unfinished_step(self):
        self.calls = (("pay", {}, "c1"), ("look", {}, "c2"))
        (self.notes / "hold").touch()
        run = self.begin()
        e2e.until(lambda: len(self.noted()) == 2, "both have begun")
        self.kill_and_restart()
        e2e.until(lambda: len(self.noted()) == 3, "one begins again")
        self.release_tool()
        self.finish(run)
        self.assertEqual(sorted(self.noted()),
                         [f"look {run}/0/1", f"look {run}/0/1", f"pay {run}/0/0"])

    def test_killed_while_a_question_is_open(self):
        run = self.begin("ask me")
        self.server.until_status(run, "awaiting_user")
        asked, = [e for e in self.server.events(run) if e["type"] == "asking_user"]
        self.kill_and_restart()
        self.server.until_status(run, "awaiting_user")
        answer = {"answer": "four", "question_id": asked["data"]["question_id"]}
        self.assertEqual(self.server.post(f"/v1/runs/{run}/respond", answer).status, 204)
        self.kill_and_restart()
        events = self.finish(run)
        types = [e["type"] for e in events]
        self.assertEqual((types.count("asking_user"), types.count("user_responded")), (1, 1))

    def test_killed_after_a_cancel(self):
        self.gates[0] = threading.Event()
        run = self.begin()
        e2e.until(lambda: self.model.requests, "the call is under way")
        self.assertEqual(self.server.post(f"/v1/runs/{run}/cancel", {}).status, 202)
        self.kill_and_restart()
        self.assertEqual(self.server.run(run)["status"], "cancelled")
        self.finish(run, "cancelled")

    def test_idempotency_key_after_a_restart(self):
        self.gates[0] = threading.Event()
        self.start()
        persona = self.server.make_persona(tools=["look"])

        def post():
            return self.server.post(f"/v1/personas/{persona}/runs", {"task": "work"},
                                    headers={"Idempotency-Key": "once"}).json["id"]
        run = post()
        self.kill_and_restart()
        self.assertEqual(post(), run)

    def test_deadline_goes_on_while_the_server_is_down(self):
        self.gates[0] = threading.Event()
        run = self.begin(deadline_s=0.5)
        self.server.kill()
        started = e2e.time.monotonic()
        e2e.until(lambda: e2e.time.monotonic() - started > 0.5, "the deadline passes")
        self.start()
        self.finish(run, "budget_exhausted")

    def test_sigterm_drains(self):
        self.gates[1] = threading.Event()
        run = self.begin()
        e2e.until(lambda: len(self.model.requests) == 2, "the second call is under way")
        viewer = self.server.stream(run)
        self.server.signal(e2e.signal.SIGTERM)
        e2e.until(self.refuses_work, "no new work is taken")
        self.gates[1].set()
        self.assertEqual(self.server.wait(12), 0)
        viewer.close()
        calls = len(self.model.requests)
        self.start()
        self.finish(run)
        self.assertEqual(len(self.model.requests), calls + 1, "the drained step is not repeated")

    def refuses_work(self):
        try:
            return self.server.get("/readyz", timeout=2).status == 503
        except OSError:
            return True  # the listener may be closed already

    def test_sigterm_ends_in_time(self):
        self.settings = self.config(self.settings.read_text().replace("drain: 10s",
                                                                      "drain: 300ms"))
        self.gates[1] = threading.Event()
        run = self.begin()
        e2e.until(lambda: len(self.model.requests) == 2, "the second call is under way")
        began = e2e.time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(e2e.time.monotonic() - began, 5)
        self.start()
        self.gates[1].set()
        self.finish(run)

    def test_sigterm_with_an_open_question(self):
        run = self.begin("ask me")
        self.server.until_status(run, "awaiting_user")
        began = e2e.time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(e2e.time.monotonic() - began, 5, "nobody waits for a person")
        self.start()
        self.server.until_status(run, "awaiting_user")

    def test_found_unfinished_20_times(self):
        self.gates[0] = threading.Event()
        run = self.begin()
        for count in range(1, 23):
            e2e.until(lambda: len(self.model.requests) == count
                      or self.server.run(run)["status"] == "error", "it is under way again")
            if self.server.run(run)["status"] == "error":
                break
            self.kill_and_restart()
        status = self.server.run(run)
        self.assertEqual((status["status"], status["error_kind"]), ("error", "crash_loop"))
        self.finish(run, "error")

    def test_files_of_killed_runs_are_whole(self):
        run = self.begin()
        self.finish(run)
        left = [p for p in pathlib.Path(self.data).rglob("*") if ".tmp" in p.name]
        self.assertEqual(left, [])


if __name__ == "__main__":
    e2e.main()
