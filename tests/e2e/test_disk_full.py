"""A full disk: runs pause, reading goes on, everything continues when there is room."""

import json
import os
import subprocess
import threading

import e2e
import model_server

STEPS = 60


class DiskFull(e2e.Case):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        self.data.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", self.data],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"cannot mount here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.data], check=False)
        self.model = model_server.ModelServer(self.play)
        self.addCleanup(self.model.close)
        self.slow = threading.Event()

    def play(self, request, wire):
        done = model_server.steps_done(request)
        if done < STEPS:
            self.slow.wait(0.02)
            wire.calls(("calculator", {"expression": str(done)}, f"c{done}"), text="x" * 2000)
        else:
            wire.text("[FINAL] done")

    def fill(self):
        """Takes every byte that is left; a file can be given back by deleting it."""
        block = b"\0" * 4096
        with open(self.data / "ballast", "ab", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError:
                pass

    def test_runs_pause_and_go_on(self):
        server = self.serve(env=self.model.env)
        persona = server.make_persona(tools=["calculator"])
        ended = server.start(persona, max_steps=0)
        server.until_ended(ended)
        runs = [server.start(persona, max_steps=STEPS + 5) for _ in range(3)]
        e2e.until(lambda: len(self.model.requests) > 20, "the runs are under way")

        def is_refusing():
            self.fill()
            return server.get("/readyz").status == 503
        e2e.until(is_refusing, "not ready")
        reason = server.get("/readyz").json["reason"]
        self.assertRegex(reason, "(?i)disk|room|space|journal")
        self.assertEqual(server.get("/livez").status, 200)
        self.assertEqual(server.run(ended)["status"], "max_steps_reached", "reading goes on")
        self.assertGreater(len(server.events(runs[0])), 3)
        refused = server.post(f"/v1/personas/{persona}/runs", {"task": "a"})
        self.assert_error(refused, 503, "journal_unavailable")
        self.assertIn("retry-after", refused.headers)
        for run in runs:
            self.assertEqual(server.run(run)["status"], "running", "paused, not failed")
        (self.data / "ballast").unlink()
        e2e.until(lambda: server.get("/readyz").status == 200, "ready again")
        for run in runs:
            status = server.until_ended(run, seconds=25)
            self.assertEqual(status["status"], "completed", json.dumps(status)[-400:])
            self.assert_whole_story(server.events(run), "completed")
        server.start(persona)

    def test_full_at_the_start(self):
        self.fill()
        ended = e2e.run_program("serve", "--listen", "127.0.0.1:0", "--data", self.data)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn(str(self.data), ended.stderr)


if __name__ == "__main__":
    e2e.main()
