"""A crowd of impatient clients (wrk): no error, no hang, and every run that was accepted ends.

By hand: `ctest -L manual`, or `python3 tests/e2e/test_wrk.py PROGRAM`. Needs wrk.
"""

import json
import re
import shutil
import subprocess
import unittest

import e2e

SECONDS = 5
START_RUN = """
wrk.method = "POST"
wrk.body = '%s'
wrk.headers["Content-Type"] = "application/json"
"""


@unittest.skipUnless(shutil.which("wrk"), "needs wrk")
class Crowd(e2e.Case):
    def crowd(self, url, *more):
        done = subprocess.run(["wrk", "-t1", "-c64", f"-d{SECONDS}s", "--latency", *more, url],
                              capture_output=True, text=True, timeout=SECONDS + 30, check=True)
        print(done.stdout)
        self.assertNotIn("Socket errors", done.stdout)
        return done.stdout

    def runs_script(self):
        path = self.directory / "runs.lua"
        path.write_text(START_RUN % json.dumps({"task": "What is 17 % of 2,480?"}))
        return str(path)

    def until_idle(self, server):
        def is_idle():
            live = re.search(r"^persona_runs_live (\d+)", server.get("/metrics").body.decode(), re.M)
            return live[1] == "0"
        e2e.until(is_idle, "every run has ended", seconds=120)

    def count(self, server, line):
        found = re.search("^" + re.escape(line) + r" (\d+)", server.get("/metrics").body.decode(),
                          re.M)
        return int(found[1]) if found else 0

    def test_reading_and_starting(self):
        server = self.serve(args=("--rehearsal",))
        persona = server.make_persona(tools=["calculator"])
        self.assertNotIn("Non-2xx", self.crowd(server.url + "/v1/personas"))
        said = self.crowd(f"{server.url}/v1/personas/{persona}/runs", "-s", self.runs_script())
        self.assertNotIn("Non-2xx", said)
        self.until_idle(server)
        started = self.count(server, "persona_runs_started_total")
        self.assertGreater(started, 0)
        self.assertEqual(self.count(server, 'persona_runs_ended_total{status="completed"}'),
                         started)
        self.assertEqual(server.stop(), 0)

    def test_far_more_than_is_admitted(self):
        config = self.config("limits: {runs_live_max: 20, runs_queued_max: 20}\n")
        server = self.serve(config=config, args=("--rehearsal",))
        persona = server.make_persona(tools=["calculator"])
        self.crowd(f"{server.url}/v1/personas/{persona}/runs", "-s", self.runs_script())
        self.until_idle(server)
        started = self.count(server, "persona_runs_started_total")
        refused = self.count(
            server, 'persona_http_requests_total{route="start_persona_run",status="5xx"}')
        self.assertGreater(min(started, refused), 0)
        self.assertEqual(self.count(server, 'persona_runs_ended_total{status="completed"}'),
                         started)
        self.assertLess(len(server.errors().splitlines()), 200, "repeats are left out")
        self.assertIn("left_out=", server.errors())


if __name__ == "__main__":
    e2e.main()
