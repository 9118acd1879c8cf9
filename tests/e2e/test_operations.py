"""What an operator sees of `persona serve`: its log, its state, and what happens at its limits."""

import json
import socket

import e2e

FAR = {"content": "[FINAL] late", "delay_ms": 60000}


def lines_of(server):
    """A running server may be in the middle of a line."""
    return [json.loads(line) for line in server.errors().splitlines(keepends=True)
            if line.endswith("\n")]


class Log(e2e.Case):
    def test_json_lines_of_a_whole_life(self):
        script = e2e.script_file(self.directory, [{"content": "[FINAL] a secret answer"}])
        server = self.serve(env={**e2e.scripted(script), "PERSONA_LOG_FORMAT": "json",
                                 "PERSONA_LOG_LEVEL": "debug"})
        run = server.start(server.make_persona(), "a secret task")
        server.until_ended(run)
        self.assertEqual(server.stop(), 0)
        lines = lines_of(server)
        for line in lines:
            self.assertLessEqual({"time", "level", "component", "message"}, set(line), line)
            self.assertNotIn("secret", json.dumps(line))
        said = [line["message"] for line in lines]
        wanted = ["starting", "journal opened", "descriptors shared out", "tier configured",
                  "listening", "run ended", "stopping", "stopped"]
        self.assertEqual([text for text in said if text in wanted and text != "tier configured"],
                         [text for text in wanted if text != "tier configured"])
        ended = lines[said.index("run ended")]
        self.assertEqual((ended["level"], ended["run_id"], ended["status"]),
                         ("debug", run, "completed"))

    def test_level_and_file(self):
        log = self.directory / "logs" / "persona.log"
        config = self.config(f"log: {{level: debug, file: {log}}}\n")
        server = self.serve(config=config, args=("--log-level", "warning"))
        self.assertEqual(server.stop(), 0)
        self.assertIn("no model is configured", server.errors())
        self.assertNotIn("listening", server.errors())
        self.assertEqual(log.read_text(), server.errors())

    def test_a_file_that_cannot_be_opened_stops_the_start(self):
        config = self.config("log: {file: /proc/no/such/file}\n")
        done = e2e.run_program("serve", "--config", config, "--listen", "127.0.0.1:0",
                               "--data", self.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("log.file", done.stderr)

    def test_a_run_of_the_command_line_is_quiet_unless_asked(self):
        script = e2e.script_file(self.directory, [{"content": "[FINAL] done"}])
        persona = self.directory / "p.yaml"
        persona.write_text(e2e.persona_yaml())
        command = ("run", "--persona", persona, "--task", "Do it.", "--no-questions")
        quiet = e2e.run_program(*command, env=e2e.scripted(script), cwd=self.directory)
        self.assertEqual((quiet.returncode, quiet.stderr.count("run ended")), (0, 0))
        loud = e2e.run_program("--log-level", "debug", *command, env=e2e.scripted(script),
                               cwd=self.directory)
        self.assertEqual((loud.returncode, loud.stderr.count("run ended")), (0, 1))


class Restart(e2e.Case):
    def test_many_unfinished_runs_are_taken_up_before_it_is_ready(self):
        script = e2e.script_file(self.directory, [FAR] * 600)
        env = {**e2e.scripted(script), "PERSONA_LOG_FORMAT": "json"}
        first = self.serve(env=env)
        persona = first.make_persona()
        runs = [first.start(persona) for _ in range(300)]
        first.kill()
        second = self.serve(env=env)
        reasons = set()

        def is_ready():
            answer = second.get("/readyz")
            if answer.status == 503:
                reasons.add(answer.json["reason"].split(":")[0])
            return answer.status == 200
        e2e.until(is_ready, "ready")
        self.assertLessEqual(reasons, {"resuming"})
        for run in runs[::50]:  # taken up; what it says of that is shown once it is durable
            e2e.until(lambda: "resumed" in [event["type"] for event in second.events(run)],
                      "the run says that it was resumed")
        resumed = e2e.until(lambda: [line for line in lines_of(second) if line["message"]
                                     == "unfinished runs are taken up again"], "the log says so")
        self.assertEqual([line["resumed"] for line in resumed], ["300"])


class Descriptors(e2e.Case):
    """A limit so low that it is the descriptors that run out, not the share of the clients."""

    LIMIT = 96

    def test_the_server_survives_and_accepts_again(self):
        config = self.config("descriptors: {clients: 5000, upstream: 10, tools: 5}\n")
        server = self.serve(config=config, args=("--rehearsal",), descriptors=self.LIMIT)
        persona = server.make_persona()
        crowd = []
        for _ in range(2 * self.LIMIT):
            crowd.append(socket.create_connection((server.host, server.port), timeout=5))
        first = crowd[0]
        first.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertTrue(first.recv(100).startswith(b"HTTP/1.1 200"))
        e2e.until(lambda: "no connection can be accepted" in server.errors(), "the log says so")
        for connection in crowd:
            connection.close()
        run = e2e.until(lambda: self.try_to_start(server, persona), "accepts again")
        self.assertEqual(server.until_ended(run)["status"], "completed")
        self.assertEqual(server.stop(), 0)

    @staticmethod
    def try_to_start(server, persona):
        try:
            return server.start(persona, "What is 6 * 7?")
        except OSError:
            return None


if __name__ == "__main__":
    e2e.main()
