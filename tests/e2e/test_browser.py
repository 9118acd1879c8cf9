"""An EventSource in a real browser finds its way back after a restart, and stops at the end.

Needs Chromium and its driver (`apt-get install chromium chromium-driver`); skipped without them.
"""

import http.client
import json
import shutil
import subprocess
import threading

import e2e
import model_server

WATCH = """
window.seen = []; window.errors = 0;
window.source = new EventSource(arguments[0]);
for (const type of ["started", "memory_recall", "thinking", "reasoning", "tool_calling",
                    "activity_start", "activity_end", "tool_result", "resumed", "completed",
                    "finished"])
  source.addEventListener(type, e => seen.push([Number(e.lastEventId), type]));
source.onerror = () => errors++;
"""


class Driver:
    """The little that we need of the WebDriver protocol."""

    def __init__(self, profile):
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.port = next(int(line.rstrip(".\n").rsplit(" ", 1)[1]) for line in self.process.stdout
                         if "started successfully on port" in line)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                            "--disable-dev-shm-usage", f"--user-data-dir={profile}"],
                   "binary": shutil.which("chromium")}
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options}}})
        self.session = f"/session/{made['sessionId']}"

    def call(self, method, target, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, target, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(value["message"])
        return value

    def open(self, url):
        self.call("POST", f"{self.session}/url", {"url": url})

    def script(self, text, *args):
        return self.call("POST", f"{self.session}/execute/sync", {"script": text, "args": args})

    def close(self):
        self.call("DELETE", self.session)
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class Browser(e2e.Case):
    def setUp(self):
        super().setUp()
        for name in ("chromium", "chromedriver"):
            if not shutil.which(name):
                self.skipTest(f"{name} is not installed")
        self.driver = Driver(self.directory / "profile")
        self.addCleanup(self.driver.close)

    def test_event_source_resumes_and_stops(self):
        gate = threading.Event()

        def play(request, wire):
            done = model_server.steps_done(request)
            if done == 1 and not wire.wait_for(gate):
                return
            if done < 2:
                wire.calls(("calculator", {"expression": "6*7"}, f"c{done}"))
            else:
                wire.text("[FINAL] 42")
        model = model_server.ModelServer(play)
        self.addCleanup(model.close)
        server = self.serve(env=model.env)
        run = server.start(server.make_persona(tools=["calculator"]))
        self.driver.open(server.url + "/")
        self.driver.script(WATCH, f"/v1/runs/{run}/events")

        def seen():
            return self.driver.script("return seen")
        e2e.until(lambda: len(model.requests) == 2 and len(seen()) >= 4, "the first step is seen")
        before = len(seen())
        server.kill()
        e2e.until(lambda: self.driver.script("return errors") > 0, "the browser notices")
        server = self.serve(env=model.env, listen=f"127.0.0.1:{server.port}")
        gate.set()
        e2e.until(lambda: self.driver.script("return source.readyState") == 2, "it stops", 60)
        got = seen()
        told = [[e["seq"], e["type"]] for e in server.events(run)]
        self.assertEqual(got, told, "each event once, in order")
        self.assertGreater(len(got), before)
        self.assertEqual(got[-1][1], "finished")


if __name__ == "__main__":
    e2e.main()
