"""`persona serve`: runs over HTTP from their start to their end, and what readers see."""

import json
import re
import threading

import e2e
import model_server


def play(request, wire):
    """Calculates once, then delivers; asks when the task says so, waits when it says so."""
    task = next(m["content"] for m in request["messages"] if m["role"] == "user")
    done = model_server.steps_done(request)
    if "wait" in task:
        wire.chunk({"content": "thinking about it"})
        wire.hang()
    elif "ask" in task and done == 0:
        wire.text("[ASK_USER] Which berth?")
    elif "ask" in task:
        wire.text("[FINAL] it is " + request["messages"][-1]["content"])
    elif done == 0:
        wire.calls(("calculator", {"expression": "6*7"}, "c1"), text="I calculate.")
    else:
        wire.text("[FINAL] " + model_server.results(request)[-1])


class Runs(e2e.Case):
    def setUp(self):
        super().setUp()
        self.model = model_server.ModelServer(play)
        self.addCleanup(self.model.close)
        self.server = self.serve(env=self.model.env)
        self.persona = self.server.make_persona(tools=["calculator"])

    def ended_run(self, task="multiply"):
        run = self.server.start(self.persona, task)
        self.server.until_ended(run)
        return run

    def test_from_start_to_finish(self):
        made = self.server.post(f"/v1/personas/{self.persona}/runs", {"task": "multiply"})
        self.assertEqual(made.status, 202)
        run = made.json["id"]
        self.assertRegex(run, r"^run_[0-9A-HJKMNP-TV-Z]{26}$")
        self.assertEqual(made.headers["location"], f"/v1/runs/{run}")
        self.assertEqual(made.json["status"], "running")
        with self.server.stream(run) as stream:
            self.assertTrue(stream.headers["content-type"].startswith("text/event-stream"))
            frames = list(stream)
        numbered = [f for f in frames if f.id is not None]
        self.assert_whole_story([f.json for f in numbered], "completed")
        for frame in numbered:
            self.assertEqual(frame.event, frame.json["type"])
            self.assertEqual(frame.id, str(frame.json["seq"]))
        self.assertEqual((frames[-1].event, frames[-1].json), ("end", {}))
        order = [f.event for f in numbered]
        for earlier, later in (("started", "thinking"), ("thinking", "tool_calling"),
                               ("tool_calling", "tool_result"), ("tool_result", "completed"),
                               ("completed", "finished")):
            self.assertLess(order.index(earlier), order.index(later), order)
        status = self.server.run(run)
        self.assertEqual(set(status) >= {
            "id", "persona_id", "task", "status", "steps", "output", "error", "usage", "limits",
            "started_at", "finished_at"}, True, status)
        self.assertEqual((status["output"], status["error"]), ("42", None))
        self.assertEqual(status["persona_id"], self.persona)
        usage = status["usage"]
        self.assertEqual((usage["model_calls"], usage["prompt_tokens"],
                          usage["completion_tokens"], usage["cost_cents"]), (2, 40, 10, None))
        self.assertEqual(set(usage["by_model"]), {"openai/test-model"})
        self.assertEqual(set(status["limits"]),
                         {"max_steps", "max_tokens", "max_cost_cents", "deadline_s"})

    def test_cursor_continues_exactly(self):
        run = self.ended_run()
        whole = self.server.events(run)
        for cut in range(-1, len(whole) - 1):
            rest = self.server.events(run, headers={"Last-Event-ID": str(cut)})
            self.assertEqual(rest, whole[cut + 1:])
            self.assertEqual(self.server.events(run, f"?until=now&after={cut}"), rest)
        both = self.server.events(run, "?after=0&until=now", {"Last-Event-ID": "3"})
        self.assertEqual(both, whole[4:], "the header wins")

    def test_nothing_after_finished(self):
        run = self.ended_run()
        last = len(self.server.events(run)) - 1
        for cursor in (last, last + 1, 10 ** 30):
            with self.server.stream(run, headers={"Last-Event-ID": str(cursor)}) as stream:
                self.assertEqual(stream.status, 204, cursor)

    def test_bad_cursors(self):
        run = self.ended_run()
        for query in ("?after=-2", "?after=x", "?after=1.5", "?after=", "?until=later"):
            self.assert_error(self.server.get(f"/v1/runs/{run}/events{query}"), 422,
                              "validation_error")
        bad = self.server.get(f"/v1/runs/{run}/events", headers={"Last-Event-ID": "abc"})
        self.assert_error(bad, 422, "validation_error")

    def test_until_now_of_a_live_run(self):
        run = self.server.start(self.persona, "wait")
        e2e.until(lambda: len(self.server.events(run)) >= 6, "started to thinking")
        types = [event["type"] for event in self.server.events(run)]
        self.assertEqual(types[:6], ["started"] + ["memory_recall"] * 4 + ["thinking"])
        self.assertNotIn("finished", types)

    def test_newline_separated_json(self):
        run = self.ended_run()
        answer = self.server.get(f"/v1/runs/{run}/events",
                                 headers={"Accept": "application/x-ndjson"})
        self.assertTrue(answer.headers["content-type"].startswith("application/x-ndjson"))
        lines = [json.loads(line) for line in answer.body.decode().splitlines() if line]
        numbered = [line for line in lines if "seq" in line]
        self.assertEqual(numbered, self.server.events(run))

    def test_live_text_and_snapshot(self):
        run = self.server.start(self.persona, "wait")

        def first_text(query=""):
            with self.server.stream(run, query, timeout=5) as stream:
                return next(f for f in stream if f.event == "delta")
        first_text()
        late = first_text("?after=1")
        self.assertIsNone(late.id)
        self.assertNotIn("seq", late.json)
        self.assertEqual(late.json["data"], {"text": "thinking about it", "snapshot": True})

    def test_many_viewers_see_the_same(self):
        run = self.server.start(self.persona, "ask me")
        seen = [[] for _ in range(20)]

        def watch(into):
            with self.server.stream(run) as stream:
                into.extend(f.data for f in stream if f.id is not None)
        viewers = [threading.Thread(target=watch, args=(into,)) for into in seen]
        for viewer in viewers:
            viewer.start()
        self.server.until_status(run, "awaiting_user")
        self.server.post(f"/v1/runs/{run}/respond", {"answer": "4"})
        for viewer in viewers:
            viewer.join(e2e.PATIENCE)
        self.assertTrue(all(seen[0] == other for other in seen))
        self.assert_whole_story([json.loads(data) for data in seen[0]], "completed")

    def test_wait(self):
        body = {"persona_id": self.persona, "task": "multiply"}
        done = self.server.post("/v1/runs?wait=20", body)
        self.assertEqual((done.status, done.json["output"]), (200, "42"))
        body["task"] = "wait"
        early = self.server.post("/v1/runs?wait=0.2", body)
        self.assertEqual((early.status, early.json["status"]), (202, "running"))
        for wait in ("-1", "301", "x", "nan", "inf"):
            self.assert_error(self.server.post(f"/v1/runs?wait={wait}", body), 422,
                              "validation_error")

    def test_idempotency_key(self):
        def post(task, key="k-1"):
            return self.server.post("/v1/runs", {"persona_id": self.persona, "task": task},
                                    headers={"Idempotency-Key": key})
        first, again = post("wait"), post("wait")
        self.assertEqual((first.status, again.status), (202, 202))
        self.assertEqual(first.json["id"], again.json["id"])
        self.assert_error(post("other"), 422, "idempotency_key_reused")
        self.assertNotEqual(post("wait", "k-2").json["id"], first.json["id"])
        same = self.server.post(f"/v1/personas/{self.persona}/runs", {"task": "wait"},
                                headers={"Idempotency-Key": "k-1"})
        self.assertEqual(same.json["id"], first.json["id"])
        self.assertEqual(len(self.server.get("/v1/runs").json["items"]), 2)

    def test_idempotency_key_at_the_same_time(self):
        answers = []

        def post():
            answers.append(self.server.post(
                "/v1/runs", {"persona_id": self.persona, "task": "multiply"},
                headers={"Idempotency-Key": "twin"}))
        threads = [threading.Thread(target=post) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({a.status for a in answers}, {202}, answers)
        self.assertEqual(len({a.json["id"] for a in answers}), 1)

    def test_cancel(self):
        run = self.server.start(self.persona, "wait")
        e2e.until(lambda: self.model.requests, "the call is under way")
        cancelled = self.server.post(f"/v1/runs/{run}/cancel", {"reason": "storm"})
        self.assertEqual((cancelled.status, cancelled.json), (202, {"status": "cancelling"}))
        status = self.server.run(run)
        self.assertEqual((status["status"], status["steps"]), ("cancelled", []))
        events = self.server.events(run)
        self.assert_whole_story(events, "cancelled")
        said, = [e["data"] for e in events if e["type"] == "cancelled"]
        self.assertEqual(said, {"reason": "storm"})
        self.assert_error(self.server.post(f"/v1/runs/{run}/cancel", {}), 409, "run_not_active")
        self.assert_error(self.server.post(f"/v1/runs/{self.ended_run()}/cancel", {}), 409,
                          "run_not_active")

    def test_question_and_answer(self):
        run = self.server.start(self.persona, "ask me")
        self.server.until_status(run, "awaiting_user")
        asked, = [e["data"] for e in self.server.events(run) if e["type"] == "asking_user"]
        self.assertEqual(asked["question"], "Which berth?")
        target = f"/v1/runs/{run}/respond"
        self.assert_error(self.server.post(target, {}), 422, "validation_error")
        self.assert_error(self.server.post(target, {"answer": "4", "question_id": "other"}), 409,
                          "not_awaiting_user")
        self.assertEqual(self.server.post(
            target, {"answer": "berth 4", "question_id": asked["question_id"]}).status, 204)
        self.assertIn("berth 4", self.server.until_ended(run)["output"])
        self.assertIn(self.server.post(target, {"answer": "5"}).error,
                      ("not_awaiting_user", "run_not_active"))

    def test_empty_answer_is_an_answer(self):
        run = self.server.start(self.persona, "ask me")
        self.server.until_status(run, "awaiting_user")
        self.assertEqual(self.server.post(f"/v1/runs/{run}/respond", {"answer": ""}).status, 204)
        self.assertEqual(self.server.until_ended(run)["status"], "completed")

    def test_nobody_to_ask(self):
        run = self.server.start(self.persona, "ask me", ask_user=False)
        self.server.until_ended(run)
        self.assertIn("asking_user", [e["type"] for e in self.server.events(run)])

    def test_list_in_pages(self):
        runs = [self.ended_run() for _ in range(5)]
        seen, cursor = [], ""
        while cursor is not None:
            page = self.server.get(f"/v1/runs?limit=2{cursor and '&cursor=' + cursor}").json
            self.assertLessEqual(len(page["items"]), 2)
            seen += page["items"]
            cursor = page["next_cursor"]
        self.assertEqual([item["id"] for item in seen], runs[::-1])
        self.assertTrue(all("steps" not in item for item in seen))
        live = self.server.start(self.persona, "wait")
        for query, wanted in (("status=running", [live]), ("status=completed", runs[::-1]),
                              ("status=error", []), ("persona_id=persona_none", [])):
            items = self.server.get(f"/v1/runs?{query}").json["items"]
            self.assertEqual([item["id"] for item in items], wanted, query)
        for query in ("limit=0", "limit=201", "limit=x", "status=happy", "cursor=x"):
            self.assert_error(self.server.get(f"/v1/runs?{query}"), 422, "validation_error")

    def test_delete(self):
        live = self.server.start(self.persona, "wait")
        self.assert_error(self.server.call("DELETE", f"/v1/runs/{live}"), 409, "run_active")
        ended = self.ended_run()
        self.assertEqual(self.server.call("DELETE", f"/v1/runs/{ended}").status, 204)
        for method, rest in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
            self.assert_error(self.server.call(method, f"/v1/runs/{ended}{rest}"), 404,
                              "run_not_found")
        self.assertEqual([i["id"] for i in self.server.get("/v1/runs").json["items"]], [live])

    def test_persona_in_use(self):
        run = self.server.start(self.persona, "wait")
        target = f"/v1/personas/{self.persona}"
        self.assert_error(self.server.call("DELETE", target), 409, "persona_in_use")
        self.server.post(f"/v1/runs/{run}/cancel", {})
        self.assertEqual(self.server.call("DELETE", target).status, 204)
        self.assert_error(self.server.get(target), 404, "persona_not_found")
        self.assertEqual(self.server.run(run)["status"], "cancelled", "its runs stay")

    def test_personas(self):
        shown = self.server.get(f"/v1/personas/{self.persona}").json
        self.assertRegex(shown["id"], r"^persona_[0-9A-HJKMNP-TV-Z]{26}$")
        self.assertIn("Tester", shown["yaml"])
        other = self.server.make_persona(name="Second")
        listed = self.server.get("/v1/personas").json
        self.assertEqual([p["id"] for p in listed], [other, self.persona], "newest first")
        self.assertEqual([p["id"] for p in self.server.get("/v1/personas?limit=1&offset=1").json],
                         [self.persona])
        for yaml in ("identity: {}", "a: [", "x" * 300_000, "", "schema_version: \"1.0\""):
            self.assert_error(self.server.post("/v1/personas", {"yaml": yaml}), 422,
                              "validation_error")

    def test_health_metrics_and_interface(self):
        self.ended_run()
        self.assertEqual(self.server.get("/livez").json, {"status": "ok"})
        self.assertEqual(self.server.get("/healthz").json, {"status": "ok", "db": "connected"})
        e2e.until(lambda: self.server.get("/readyz").status == 200, "ready")
        self.assertTrue(self.server.get("/").headers["content-type"].startswith("text/html"))
        text = self.server.get("/metrics").body.decode()
        names = set(re.findall(r"^(persona_[a-z_]+)", text, re.M))
        self.assertLessEqual({
            "persona_runs_live", "persona_runs_started_total", "persona_runs_ended_total",
            "persona_model_calls_total", "persona_tool_calls_total", "persona_steps_granted_total",
            "persona_journal_commits_total", "persona_http_requests_total"}, names)
        started, = re.findall(r"^persona_runs_started_total (\d+)", text, re.M)
        self.assertEqual(started, "1")
        described = self.server.get("/openapi.json").json
        self.assertTrue(described["openapi"].startswith("3.1"))
        self.assertIn("/v1/runs/{id}/events", described["paths"])
        tools = [tool["name"] for tool in self.server.get("/v1/tools").json]
        self.assertIn("calculator", tools)
        skills = [skill["name"] for skill in self.server.get("/v1/skills").json]
        self.assertEqual(skills, ["code_review", "document_generation", "web_research"])


if __name__ == "__main__":
    e2e.main()
