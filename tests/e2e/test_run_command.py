"""`persona run`: what it does, prints and returns."""

import json
import os
import signal
import subprocess

import e2e
import model_server

SAMPLE = ("What is 17 % of 2,480, and which weekday is 2027-05-17? Write both to answer.txt.")


class RunCommand(e2e.Case):
    def setUp(self):
        super().setUp()
        self.files = self.directory / "files"

    def run_task(self, *args, persona=e2e.HARBOUR_MASTER, task=SAMPLE, script=None, env=None):
        surroundings = {"PERSONA_TOOLS_SANDBOX_ROOT": self.files, **(env or {})}
        if script is not None:
            surroundings |= e2e.scripted(e2e.script_file(self.directory, script))
        return e2e.run_program("run", "--persona", persona, "--task", task, *args,
                               env=surroundings, cwd=self.directory)

    def events_of(self, ended, status):
        events = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assert_whole_story(events, status)
        return events

    def test_sample_task_writes_both_answers(self):
        ended = self.run_task()
        self.assertEqual(ended.returncode, 0, ended.stderr)
        text = (self.files / "answer.txt").read_text()
        self.assertIn("421.6", text)
        self.assertIn("Monday", text)
        self.assertIn("421.6", ended.stdout)
        self.assertNotIn("\x1b", ended.stdout, "colours and cursor moves in a pipe")
        lines = ended.stdout.splitlines()
        self.assertEqual([line for line in lines if line.startswith("  file ")],
                         ["  file    answer.txt"], "each file once")

    def test_stand_in_says_what_it_is(self):
        ended = self.run_task()
        self.assertIn("stand-in", (ended.stdout + ended.stderr).lower())

    def test_files_go_below_persona_work_by_default(self):
        ended = e2e.run_program("run", "--persona", e2e.HARBOUR_MASTER, "--task", SAMPLE,
                                cwd=self.directory)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertTrue((self.directory / ".persona_work" / "answer.txt").is_file())

    def test_json_lines_are_events(self):
        ended = self.run_task("--json")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        for event in self.events_of(ended, "completed"):
            self.assertEqual(set(event),
                             {"seq", "run_id", "type", "step", "data", "timestamp"})
            self.assertRegex(event["run_id"], r"^run_[0-9A-HJKMNP-TV-Z]{26}$")

    def test_temperature_of_the_settings_is_sent(self):
        model = model_server.ModelServer(lambda request, wire: wire.text("[FINAL] done"))
        self.addCleanup(model.close)
        for name in "PERSONA_TEMPERATURE", "PERSONA_OPENAI_TEMPERATURE":
            ended = self.run_task(env=model.env | {name: "0.7"})
            self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.run_task(env=model.env).returncode, 0)
        self.assertEqual([r["temperature"] for r in model.requests], [0.7, 0.7, 0])

    def test_token_limit_beyond_what_is_counted_is_wrong_usage(self):
        for limit in "0", "9223372036854775808", "18446744073709551616":
            ended = self.run_task("--max-tokens", limit)
            self.assertEqual(ended.returncode, 2, ended.stderr)
            self.assertIn("--max-tokens", ended.stderr)

    def test_max_steps_is_3(self):
        ended = self.run_task("--max-steps", "0", "--json")
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.events_of(ended, "max_steps_reached")

    def test_budget_is_4(self):
        ended = self.run_task("--max-tokens", "1", "--json")
        self.assertEqual(ended.returncode, 4, ended.stderr)
        self.events_of(ended, "budget_exhausted")

    def test_deadline_is_4(self):
        ended = self.run_task("--deadline", "200ms", "--json",
                              script=[{"content": "[FINAL] late", "delay_ms": 60000}])
        self.assertEqual(ended.returncode, 4, ended.stderr)
        budgets = [e for e in self.events_of(ended, "budget_exhausted") if e["type"] == "budget"]
        self.assertEqual(budgets[-1]["data"]["budget"], "deadline")

    def test_failed_model_is_1(self):
        ended = self.run_task("--json", script=[
            {"error": {"type": "AuthenticationError", "message": "no"}}])
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn("error", [e["type"] for e in self.events_of(ended, "error")])

    def test_wrong_usage_is_2(self):
        for args in (["run", "--persona", e2e.HARBOUR_MASTER], ["run", "--no-such-option"],
                     ["dance"], [], ["serve", "--listen"],
                     ["run", "--persona", e2e.HARBOUR_MASTER, "--task", "x", "--max-steps", "x"],
                     ["run", "--persona", e2e.HARBOUR_MASTER, "--task", "x", "--deadline", "5"],
                     ["run", "--persona", e2e.HARBOUR_MASTER, "--task", "x",
                      "--log-level", "loud"]):
            ended = e2e.run_program(*args, cwd=self.directory)
            self.assertEqual(ended.returncode, 2, (args, ended.stderr))
            self.assertNotEqual(ended.stderr.strip(), "", args)
            self.assertEqual(ended.stdout, "", args)

    def test_help_and_version_are_data(self):
        for args in (["help"], ["help", "run"], ["--help"], ["version"]):
            ended = e2e.run_program(*args, cwd=self.directory)
            self.assertEqual(ended.returncode, 0, (args, ended.stderr))
            self.assertNotEqual(ended.stdout.strip(), "", args)
            self.assertEqual(ended.stderr, "", args)

    def test_bad_persona_file_says_where(self):
        persona = self.directory / "bad.yaml"
        persona.write_text("schema_version: \"1.0\"\nidentity:\n  name: A\n  rolle: b\n")
        ended = self.run_task(persona=persona)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(str(persona), ended.stderr)
        self.assertIn("rolle", ended.stderr)
        self.assertIn(":4", ended.stderr)
        self.assertEqual(ended.stdout, "")

    def test_missing_persona_file_is_named(self):
        ended = self.run_task(persona=self.directory / "none.yaml")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("none.yaml", ended.stderr)

    def test_answers_are_given_in_order(self):
        ended = self.run_task("--json", "--answer", "blue", "--answer", "", script=[
            {"content": "[ASK_USER] Which colour?"}, {"content": "[ASK_USER] Which size?"},
            {"content": "[FINAL] painted"}])
        self.assertEqual(ended.returncode, 0, ended.stderr)
        types = [e["type"] for e in self.events_of(ended, "completed")]
        self.assertEqual(types.count("asking_user"), 2)
        self.assertEqual(types.count("user_responded"), 2)

    def test_script_is_one_sequence_for_all_tiers(self):
        ended = self.run_task("--json", script=[
            {"tool_calls": [{"name": "calculator", "args": {"expression": "1+1"}, "call_id": "a"}]},
            {"tool_calls": [{"name": "calculator", "args": {"expression": "2+2"}, "call_id": "b"}]},
            {"content": "[FINAL] four"}])
        self.assertEqual(ended.returncode, 0, ended.stderr)
        results = [e["data"]["content"] for e in self.events_of(ended, "completed")
                   if e["type"] == "tool_result"]
        self.assertEqual(results, ["2", "4"])

    def test_no_questions_goes_on_alone(self):
        ended = self.run_task("--json", "--no-questions", script=[
            {"content": "[ASK_USER] Which colour?"}, {"content": "[FINAL] grey"}])
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("asking_user", [e["type"] for e in self.events_of(ended, "completed")])

    def start_long(self, *args):
        script = e2e.script_file(self.directory, [{"content": "[FINAL] late", "delay_ms": 60000}])
        process = subprocess.Popen(
            [e2e.program, "run", "--persona", e2e.HARBOUR_MASTER, "--task", "wait", "--json",
             *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True, cwd=self.directory,
            env=e2e.clean_environment(PERSONA_TOOLS_SANDBOX_ROOT=self.files,
                                      **e2e.scripted(script)))
        self.addCleanup(process.kill)
        lines = []
        while not lines or json.loads(lines[-1])["type"] != "thinking":
            lines.append(process.stdout.readline())
        return process, lines

    def test_interrupt_cancels(self):
        process, lines = self.start_long()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=e2e.PATIENCE)
        self.assertEqual(process.returncode, 130, err)
        events = [json.loads(line) for line in lines + out.splitlines()]
        self.assert_whole_story(events, "cancelled")

    def test_journal_is_kept_with_data(self):
        ended = self.run_task("--json", "--data", self.data)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        run = json.loads(ended.stdout.splitlines()[0])["run_id"]
        server = self.serve(args=["--rehearsal"])
        self.assertEqual(server.run(run)["status"], "completed")

    def test_broken_data_directory_is_1(self):
        blocked = self.directory / "blocked"
        blocked.write_text("a file")
        ended = self.run_task("--data", blocked)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(str(blocked), ended.stderr)

    def test_closed_stdout_does_not_crash(self):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as closed:
            process = subprocess.run(
                [e2e.program, "run", "--persona", e2e.HARBOUR_MASTER, "--task", SAMPLE],
                stdout=closed, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                cwd=self.directory, timeout=e2e.PATIENCE, check=False,
                env=e2e.clean_environment(PERSONA_TOOLS_SANDBOX_ROOT=self.files))
        self.assertNotIn(process.returncode, (-signal.SIGSEGV, -signal.SIGABRT))


if __name__ == "__main__":
    e2e.main()
