"""`persona chat`, `init` and `audit` from outside: at a terminal, in a pipe, with a server of the test's own."""

import contextlib
import http.server
import json
import os
import pty
import signal
import subprocess
import threading

import e2e

YAML = "identity:\n  name: Mira\n  role: clerk\n  background: B.\n"


class Desk(http.server.ThreadingHTTPServer):
    """Plays the routes of conversations. `answer` gets a message's text and a function that sends
    a frame; it returns when the turn is over."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.said = []
        self.cancelled = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.cancelled.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/v1/personas/persona_1":
            return self.reply(200, {"id": "persona_1", "yaml": YAML})
        return self.reply(404, {"error": "not_found", "detail": "not told"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/conversations"):
            return self.reply(201, {"id": "conv_1"})
        if self.path.endswith("/active-turn/cancel"):
            self.server.cancelled.set()
            return self.reply(202, {"status": "cancelling"})
        self.server.said.append(body["content"])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        count = 0

        def frame(name, **data):
            nonlocal count
            text = f"id: {count}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
            count += 1
            self.wfile.write(text.encode())
            self.wfile.flush()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(body["content"], frame)
        self.close_connection = True


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *args, env=None):
        ours, theirs = pty.openpty()
        self.fd = ours
        self.process = subprocess.Popen(
            [str(e2e.program), *map(str, args)], stdin=theirs, stdout=theirs, stderr=theirs,
            env=e2e.clean_environment(TERM="xterm", **(env or {})), start_new_session=True,
            preexec_fn=self._take_terminal)
        os.close(theirs)
        self.text = ""
        self.lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    @staticmethod
    def _take_terminal():
        e2e.die_with_the_test()
        import fcntl
        import termios
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _read(self):
        with contextlib.suppress(OSError):
            while data := os.read(self.fd, 4096):
                with self.lock:
                    self.text += data.decode(errors="replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def shows(self, part):
        with self.lock:
            return part in self.text

    def until(self, part):
        e2e.until(lambda: self.shows(part), f"the terminal shows {part!r}, not only {self.text!r}")

    def until_asked(self, answer):
        """The answer, and behind it the next prompt: what is typed earlier meets a terminal
        that is not being read yet, where Ctrl-D means nothing."""
        def asked():
            with self.lock:
                return "you> " in self.text.rpartition(answer)[2] and answer in self.text
        e2e.until(asked, f"a prompt behind {answer!r}")

    def forget(self):
        with self.lock:
            self.text = ""

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.fd)


class Talk(e2e.Case):
    def desk(self, answer):
        desk = Desk(answer)
        self.addCleanup(desk.close)
        return desk

    def echo(self, text, frame):
        frame("chunk", delta="You said ", is_final=False)
        frame("chunk", delta=f"{text}.", is_final=False)
        frame("done", usage={"prompt_tokens": 3, "completion_tokens": 2}, tier="small")

    def terminal(self, *args, **env):
        terminal = Terminal(*args, env={"HOME": self.directory, **env})
        self.addCleanup(terminal.close)
        return terminal

    def at_desk(self, desk, **more):
        return self.terminal("chat", "--server", desk.url, "--persona", "persona_1", **more)

    def test_in_a_pipe(self):
        desk = self.desk(self.echo)
        ended = e2e.run_program("chat", "--server", desk.url, "--persona", "persona_1",
                                stdin="hello\n/tier\n/quit\nnot sent\n")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("Mira:\nYou said hello.\n", ended.stdout)
        self.assertIn("small", ended.stdout)
        self.assertNotIn("\x1b", ended.stdout)
        self.assertEqual(desk.said, ["hello"])

    def test_lines_are_edited_and_remembered(self):
        desk = self.desk(self.echo)
        terminal = self.at_desk(desk)
        terminal.until("you> ")
        terminal.type("helo\x1b[Dl\r")  # one back, then the missing letter
        terminal.until_asked("You said hello.")
        terminal.forget()
        terminal.type("\x1b[A\r")  # the line before
        terminal.until_asked("You said hello.")
        terminal.type("\x04")
        self.assertEqual(terminal.process.wait(e2e.PATIENCE), 0)
        self.assertEqual(desk.said, ["hello", "hello"])
        history = self.directory / ".local" / "state" / "persona" / "chat_history"
        self.assertEqual(history.stat().st_mode & 0o777, 0o600)
        self.assertIn("hello", history.read_text())
        again = self.at_desk(desk)
        again.until("you> ")
        again.type("\x1b[A\r")
        again.until("You said hello.")

    def test_letters_beyond_ascii(self):
        desk = self.desk(self.echo)
        terminal = self.at_desk(desk)
        terminal.until("you> ")
        terminal.type("blåbær\r")
        terminal.until("You said blåbær.")
        self.assertEqual(desk.said, ["blåbær"])

    def test_ctrl_c_cancels_the_turn_and_not_the_program(self):
        def answer(text, frame):
            if text != "long":
                return self.echo(text, frame)
            frame("chunk", delta="Once upon", is_final=False)
            desk.cancelled.wait(e2e.PATIENCE)
            return frame("cancelled", reason="")
        desk = self.desk(answer)
        terminal = self.at_desk(desk)
        terminal.until("you> ")
        terminal.type("long\r")
        terminal.until("Once upon")
        terminal.type("\x03")
        terminal.until("(cancelled)")
        self.assertTrue(desk.cancelled.is_set())
        terminal.type("half a line\x03")  # while typing it drops the line
        terminal.until("^C")
        terminal.forget()
        terminal.type("short\r")
        terminal.until("You said short.")
        self.assertEqual(desk.said, ["long", "short"])
        terminal.type("\r")
        self.assertEqual(terminal.process.wait(e2e.PATIENCE), 0)

    def test_killed_while_a_line_is_typed(self):
        terminal = self.at_desk(self.desk(self.echo))
        terminal.until("you> ")
        terminal.process.send_signal(signal.SIGTERM)
        self.assertEqual(terminal.process.wait(e2e.PATIENCE), -signal.SIGTERM)

    def test_nobody_there(self):
        ended = e2e.run_program("chat", "--server", "http://127.0.0.1:1", "--persona", "persona_1",
                                stdin="hello\n")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("is the server running?", ended.stderr)
        self.assertEqual(e2e.run_program("chat", stdin="").returncode, 2)

    def test_a_locked_data_directory_names_the_way_out(self):
        persona = self.directory / "mira.yaml"
        persona.write_text(YAML)
        self.serve()
        for command in (("chat", "--persona", persona), ("audit", persona)):
            ended = e2e.run_program(*command, "--data", self.data, stdin="hello\n")
            self.assertEqual(ended.returncode, 1)
            self.assertRegex(ended.stderr, r"process \d+ uses it")
        self.assertIn("uses it", ended.stderr)

    def test_init_and_audit(self):
        file = self.directory / "odd.yaml"
        made = e2e.run_program("init", "--output", file,
                               stdin="\nOdd Berg\nclerk\nKeeps berths.\n\nNever guess.\n\n\n\n")
        self.assertEqual((made.returncode, made.stdout), (0, f"{file}\n"), made.stderr)
        self.assertEqual(e2e.run_program("validate", file).returncode, 0)
        again = e2e.run_program("init", "--output", file, "--name", "A", "--role", "b",
                                "--background", "c", stdin="")
        self.assertEqual(again.returncode, 0)
        self.assertIn("aborted", again.stderr)
        self.assertIn("Odd Berg", file.read_text())
        self.assertEqual(e2e.run_program("init", "--from", "a clerk", stdin="").returncode, 2)
        audit = e2e.run_program("audit", file, "--data", self.data)
        self.assertEqual(audit.returncode, 0, audit.stderr)
        self.assertIn("no audit events", audit.stdout)
        for wrong in (("--store", "bogus"), ("--since", "tomorrow")):
            self.assertNotEqual(
                e2e.run_program("audit", file, "--data", self.data, *wrong).returncode, 0)


    def test_init_knows_the_tools_that_come_with_the_server(self):
        tools = [tool["name"] for tool in self.serve().get("/v1/tools").json]
        made = e2e.run_program("init", "--output", "-", "--name", "A", "--role", "b",
                               "--background", "c", *(f"--tool={name}" for name in tools))
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.assertIn(tools[0], made.stdout)


if __name__ == "__main__":
    e2e.main()
