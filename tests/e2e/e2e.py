"""What the end-to-end tests share: starting the program, HTTP, event streams, waiting.

A test file is run as `python3 test_x.py PROGRAM [unittest arguments]`. Nothing here sleeps for a
fixed time: `until` polls with a deadline, and everything that is started is stopped at the end of
its test. Needs Python 3.11 and nothing else.
"""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HARBOUR_MASTER = ROOT / "config" / "personas" / "harbour_master.yaml"
PATIENCE = 20.0  # seconds that anything may take on a busy machine
SKIPPED = 77  # exit code of a file whose tests were all skipped
program = None  # the binary under test, set by main()


def until(check, what, seconds=PATIENCE):
    """Polls `check` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def clean_environment(**extra):
    """The environment of a started program: none of ours but what makes it run."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS",
            "UBSAN_OPTIONS", "PERSONA_SHARE")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env.update({name: str(value) for name, value in extra.items()})
    return env


def die_with_the_test():
    """For preexec_fn: a test that is killed (by its time limit) leaves no server behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def prepare_child(descriptors):
    """For preexec_fn: dies with the test, and may open so many files (None: as many as we)."""
    die_with_the_test()
    if descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def persona_yaml(name="Tester", tools=(), extra=""):
    """A small persona document that may use `tools`."""
    return (f"schema_version: \"1.0\"\nidentity:\n  name: {name}\n  role: tester\n"
            f"  background: Carries out what a test asks for.\n  constraints: []\n"
            f"tools: [{', '.join(tools)}]\n{extra}")


def script_file(directory, script, summaries=(), name="script.json"):
    """Writes what the scripted model plays; returns its path."""
    path = pathlib.Path(directory) / name
    path.write_text(json.dumps({"script": list(script), "summaries": list(summaries)}))
    return path


def scripted(path):
    """Environment that makes the scripted model the only one."""
    return {"PERSONA_PROVIDER": "scripted", "PERSONA_MODEL": str(path)}


class Answer:
    """One HTTP answer, read whole."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json.get("error")

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Frame:
    """One frame of an event stream. `id` is None when the frame had none."""

    def __init__(self, event, event_id, data):
        self.event = event
        self.id = event_id
        self.data = data

    @property
    def json(self):
        return json.loads(self.data)

    def __repr__(self):
        return f"<{self.event} {self.id} {self.data[:120]}>"


class EventStream:
    """An open event stream; iterating gives its frames until the server ends it."""

    def __init__(self, connection, response):
        self.connection = connection
        self.response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.comments = 0

    def __iter__(self):
        event, event_id, data = "message", None, []
        while True:
            line = self.response.readline()
            if not line:
                return
            line = line.decode().rstrip("\r\n")
            if not line:
                if data:
                    yield Frame(event, event_id, "\n".join(data))
                event, event_id, data = "message", None, []
            elif line.startswith(":"):
                self.comments += 1
            else:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "event":
                    event = value
                elif name == "id":
                    event_id = value
                elif name == "data":
                    data.append(value)

    def close(self):
        self.response.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client:
    """Talks to one server; every call is a connection of its own."""

    def __init__(self, host, port, key=None):
        self.host, self.port, self.key = host, port, key

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def _send(self, method, target, body, headers, timeout):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        headers = dict(headers or {})
        if self.key:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, target, body=body, headers=headers)
        return connection, connection.getresponse()

    def call(self, method, target, body=None, headers=None, timeout=PATIENCE):
        connection, response = self._send(method, target, body, headers, timeout)
        with contextlib.closing(connection):
            return Answer(response.status, response.getheaders(), response.read())

    def get(self, target, **more):
        return self.call("GET", target, **more)

    def post(self, target, body, **more):
        return self.call("POST", target, body, **more)

    def stream(self, run, query="", headers=None, timeout=PATIENCE):
        target = f"/v1/runs/{run}/events{query}"
        return EventStream(*self._send("GET", target, None, headers, timeout))

    def raw(self, data, timeout=PATIENCE):
        """Sends bytes as they are and returns all that comes back until the end."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as plain:
            plain.sendall(data)
            parts = []
            with contextlib.suppress(ConnectionResetError):
                while piece := plain.recv(65536):
                    parts.append(piece)
            return b"".join(parts)

    def make_persona(self, **fields):
        made = self.post("/v1/personas", {"yaml": persona_yaml(**fields)})
        if made.status != 201:
            raise AssertionError(f"the persona was refused: {made}")
        return made.json["id"]

    def start(self, persona, task="Do it.", **fields):
        made = self.post(f"/v1/personas/{persona}/runs", {"task": task, **fields})
        if made.status != 202:
            raise AssertionError(f"the run was refused: {made}")
        return made.json["id"]

    def run(self, run):
        return self.get(f"/v1/runs/{run}").json

    def events(self, run, query="?until=now", headers=None):
        """The numbered events as objects."""
        with self.stream(run, query, headers) as stream:
            return [frame.json for frame in stream if frame.id is not None]

    def until_status(self, run, *wanted, seconds=PATIENCE):
        def check():
            status = self.run(run)
            return status if status["status"] in wanted else None
        return until(check, f"{run} is {' or '.join(wanted)}", seconds)

    TERMINAL = ("completed", "cancelled", "max_steps_reached", "budget_exhausted", "error")

    def until_ended(self, run, seconds=PATIENCE):
        return self.until_status(run, *self.TERMINAL, seconds=seconds)


class Server(Client):
    """A `persona serve` process of its own. `listen` defaults to a free loopback port."""

    def __init__(self, data, env=None, config=None, args=(), listen="127.0.0.1:0", key=None,
                 descriptors=None):
        self.data = pathlib.Path(data)
        command = [str(program), *self.command(listen), *args]
        if config:
            command += ["--config", str(config)]
        self.log = tempfile.NamedTemporaryFile(prefix="persona-log-", suffix=".txt")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            env=clean_environment(**(env or {})), text=True,
            preexec_fn=lambda: prepare_child(descriptors))
        self.exit_code = None
        self.said = ""
        line = self._first_line()
        address = line.strip().removeprefix("listening on http://")
        host, _, port = address.rpartition(":")
        super().__init__(host.strip("[]"), int(port), key)

    def command(self, listen):
        return ["serve", "--data", str(self.data), "--listen", listen]

    def _first_line(self):
        found = []
        reader = threading.Thread(target=lambda: found.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(PATIENCE)
        if not found or not found[0].startswith("listening on http://"):
            self.kill()
            raise AssertionError(f"the server did not start: {found} {self.errors()}")
        return found[0]

    def errors(self):
        if self.exit_code is None:
            self.said = pathlib.Path(self.log.name).read_text(errors="replace")
        return self.said

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        code = self.process.wait(seconds)
        self.errors()
        self.exit_code = code
        self.process.stdout.close()
        self.log.close()
        return self.exit_code

    def stop(self, seconds=PATIENCE):
        """SIGTERM; returns the exit code."""
        if self.exit_code is None:
            self.signal(signal.SIGTERM)
            self.wait(seconds)
        return self.exit_code

    def kill(self):
        if self.exit_code is None:
            self.process.kill()
            self.wait()

    def is_alive(self):
        return self.exit_code is None and self.process.poll() is None


class Simulator(Server):
    """A `persona simulate-model` process."""

    def __init__(self, *args, listen="127.0.0.1:0"):
        super().__init__("", args=args, listen=listen)

    def command(self, listen):
        return ["simulate-model", "--listen", listen]


def run_program(*args, env=None, cwd=None, stdin=None, seconds=PATIENCE):
    """Runs the program to its end; returns the CompletedProcess with texts."""
    return subprocess.run([str(program), *map(str, args)], env=clean_environment(**(env or {})),
                          cwd=cwd, input=stdin, capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL if stdin is None else None, check=False)


class Case(unittest.TestCase):
    """A test with a directory of its own and servers that end with it."""

    maxDiff = 4000

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="persona-e2e-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.data = self.directory / "data"

    def serve(self, **options):
        server = Server(options.pop("data", self.data), **options)
        self.addCleanup(server.kill)
        return server

    def simulate(self, *args, **options):
        simulator = Simulator(*args, **options)
        self.addCleanup(simulator.kill)
        return simulator

    def config(self, text, name="runtime.yaml"):
        path = self.directory / name
        path.write_text(text)
        return path

    def assert_error(self, answer, status, token):
        self.assertEqual((answer.status, answer.error), (status, token), answer)
        self.assertIn("detail", answer.json)

    def assert_whole_story(self, events, status):
        """The rules that hold for the events of every run that has ended."""
        self.assertEqual([event["seq"] for event in events], list(range(len(events))))
        self.assertEqual(events[0]["type"], "started")
        self.assertEqual([e["type"] for e in events].count("finished"), 1)
        self.assertEqual(events[-1]["type"], "finished")
        self.assertEqual(events[-1]["data"]["status"], status)


def main():
    """Runs the tests of the calling file against the program named on the command line."""
    global program
    if len(sys.argv) < 2:
        sys.exit(f"use: {sys.argv[0]} PROGRAM [unittest arguments]")
    program = pathlib.Path(sys.argv.pop(1)).resolve()
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is not a program")
    outcome = unittest.main(module="__main__", exit=False, verbosity=2).result
    for test, reason in outcome.skipped:
        print(f"skipped {test}: {reason}", file=sys.stderr)
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if outcome.testsRun and len(outcome.skipped) == outcome.testsRun else 0)
