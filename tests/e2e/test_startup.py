"""What stops `persona serve` and `persona config check`, and what is said then."""

import pathlib
import shutil
import socket

import e2e


class Startup(e2e.Case):
    def refused(self, *args, config=None, env=None, data=None):
        """Starts a server that must not start; returns what it said."""
        command = ["serve", "--listen", "127.0.0.1:0", "--data", data or self.data, *args]
        if config is not None:
            command += ["--config", self.config(config)]
        ended = e2e.run_program(*command, env=env, cwd=self.directory)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""), ended.stderr)
        self.assertNotRegex(ended.stderr, r"terminate called|what\(\)|\.cpp:\d|core dumped")
        self.assertNotEqual(ended.stderr.strip(), "")
        return ended.stderr

    def test_unknown_key(self):
        said = self.refused(config="timeouts:\n  first_token: 3s\n  questoin: 1h\n")
        self.assertIn("runtime.yaml:3", said)
        self.assertIn("questoin", said)
        self.assertIn("question", said.replace("questoin", ""))

    def test_every_kind_of_wrong_value(self):
        for text, line, word in (
                ("listen: 5\n", 1, "listen"), ("limits: {steps_max: many}\n", 1, "steps_max"),
                ("timeouts:\n  call: 5\n", 2, "call"),
                ("timeouts:\n  call: 5 parsecs\n", 2, "call"),
                ("limits:\n  steps_max: -1\n", 2, "steps_max"),
                ("journal:\n  durability: maybe\n", 2, "durability"),
                ("data: a\ndata: b\n", 2, "data"), ("tools:\n  - name: a b\n", 2, "name"),
                ("tools: 7\n", 1, "tools"), ("a: [1\n", 1, ""), ("- a\n", 1, ""),
                ("auth: {keys: [{name: a, sha256: xyz, owner: o}]}\n", 1, "sha256")):
            with self.subTest(text):
                said = self.refused(config=text)
                self.assertRegex(said, rf"runtime\.yaml:({line}|{line + 1})\b")
                self.assertIn(word, said)

    def test_all_problems_at_once(self):
        said = self.refused(config="lissten: a\ntimeouts: {call: never}\nlimits: {steps: 3}\n")
        for word in ("lissten", "call", "steps"):
            self.assertIn(word, said)

    def test_missing_configuration_file(self):
        self.assertIn("none.yaml", self.refused("--config", self.directory / "none.yaml"))

    def test_half_configured_model(self):
        said = self.refused(env={"PERSONA_MID_PROVIDER": "openai"})
        self.assertIn("PERSONA_MID_MODEL", said)

    def test_unknown_provider(self):
        said = self.refused(env={"PERSONA_PROVIDER": "oracle", "PERSONA_MODEL": "m",
                                 "PERSONA_API_KEY": "k"})
        self.assertIn("oracle", said)

    def test_key_is_never_printed(self):
        env = {"PERSONA_PROVIDER": "openai", "PERSONA_MODEL": "m", "PERSONA_API_KEY": "k-secret-9",
               "PERSONA_BASE_URL": "not a url"}
        self.assertNotIn("k-secret-9", self.refused(env=env))
        shown = e2e.run_program("config", "explain", env=env, cwd=self.directory)
        self.assertNotIn("k-secret-9", shown.stdout + shown.stderr)

    def test_broken_script_file(self):
        path = self.directory / "script.json"
        path.write_text('{"script": [{"content": 5}]}')
        said = self.refused(env=e2e.scripted(path))
        self.assertIn("script[0].content", said)
        self.assertIn(str(path), said)

    def test_tool_named_like_a_built_in_one(self):
        said = self.refused(config="tools:\n  - {name: calculator, description: d, kind: command, "
                                   "command: [cat], sandbox: none}\n")
        self.assertIn("calculator", said)

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            said = e2e.run_program("serve", "--listen", address, "--data", self.data)
        self.assertEqual((said.returncode, said.stdout), (1, ""))
        self.assertIn(address, said.stderr)

    def test_public_address_without_keys(self):
        ended = e2e.run_program("serve", "--listen", "0.0.0.0:0", "--data", self.data)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""), ended.stderr)
        self.assertIn("auth.keys", ended.stderr)

    def test_ipv6_loopback(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError as reason:
            self.skipTest(f"no IPv6 here: {reason}")
        server = self.serve(listen="[::1]:0")
        self.assertEqual(server.get("/livez").status, 200)

    def test_data_directory_of_another_process(self):
        first = self.serve()
        said = self.refused()
        self.assertIn(str(self.data), said)
        e2e.until(lambda: first.get("/readyz").status == 200, "ready")
        first.kill()
        self.serve()

    def test_data_directory_that_is_a_file(self):
        blocked = self.directory / "blocked"
        blocked.write_text("x")
        self.assertIn(str(blocked), self.refused(data=blocked))
        self.assertIn(str(blocked), self.refused(data=blocked / "below"))

    def database(self):
        server = self.serve()
        server.make_persona()
        server.stop()
        files = [f for f in self.data.iterdir()
                 if f.is_file() and f.read_bytes()[:15] == b"SQLite format 3"]
        self.assertEqual(len(files), 1, list(self.data.iterdir()))
        return files[0]

    def test_damaged_database(self):
        path = self.database()
        whole = path.read_bytes()
        middle = len(whole) // 2
        for name, data in (("garbage", b"\x5a" * 8192), ("half a head", whole[:50]),
                           ("half of it", whole[:4096 + 17]),
                           ("pages of zeros", whole[:4096] + bytes(len(whole) - 4096)),
                           ("noise in the middle", whole[:middle - 900] + b"\xa5" * 1800
                            + whole[middle + 900:])):
            with self.subTest(name):
                for beside in self.data.glob(path.name + "-*"):
                    beside.unlink()
                path.write_bytes(data)
                if name == "noise in the middle":
                    self.survives_or_refuses(path)
                else:
                    self.assertIn(path.name, self.refused())

    def survives_or_refuses(self, path):
        """Damage that the start does not read may go unnoticed, but must never crash."""
        try:
            server = self.serve()
        except AssertionError as reason:
            self.assertIn(path.name, str(reason))
            return
        self.assertIn(server.get("/v1/personas").status, (200, 500, 503))
        self.assertTrue(server.is_alive())
        server.kill()

    def test_other_directory_after_a_move(self):
        self.database()
        moved = pathlib.Path(shutil.move(self.data, self.directory / "moved"))
        server = self.serve(data=moved)
        self.assertEqual(len(server.get("/v1/personas").json), 1)

    def test_config_check_and_explain(self):
        good = self.config("limits: {steps_max: 7}\n")
        ended = e2e.run_program("config", "check", "--config", good, cwd=self.directory)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        ended = e2e.run_program("config", "explain", "--config", good, cwd=self.directory)
        self.assertRegex(ended.stdout, r"limits\.steps_max[^\n]*7")
        self.assertIn("runtime.yaml:1", ended.stdout)
        bad = self.config("limits: {steps_maxx: 7}\n", "bad.yaml")
        ended = e2e.run_program("config", "check", "--config", bad, cwd=self.directory)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("bad.yaml:1", ended.stdout + ended.stderr)

    def test_CL_01_validate(self):
        good = self.directory / "good.yaml"
        good.write_text(e2e.persona_yaml())
        bad = self.directory / "bad.yaml"
        bad.write_text("schema_version: \"1.0\"\nidentity:\n  name: A\n  rol: b\nextra: 1\n")
        self.assertEqual(e2e.run_program("validate", good).returncode, 0)
        ended = e2e.run_program("validate", good, bad)
        self.assertEqual(ended.returncode, 1)
        for part in ("bad.yaml:4", "rol", "bad.yaml:5", "extra"):
            self.assertIn(part, ended.stdout + ended.stderr)


class RunsCommand(e2e.Case):
    def test_runs_of_a_server(self):
        server = self.serve(env=e2e.scripted(e2e.script_file(self.directory, [
            {"content": "[ASK_USER] Which berth?"}, {"content": "[FINAL] berth four"},
            {"content": "[FINAL] late", "delay_ms": 60000}])))
        at = ("--server", server.url)
        run = server.start(server.make_persona(), "find a berth")
        server.until_status(run, "awaiting_user")
        self.assertIn(run, e2e.run_program("runs", "list", *at).stdout)
        self.assertEqual(e2e.run_program("runs", "answer", run, "4", *at).returncode, 0)
        watched = e2e.run_program("runs", "watch", run, *at)
        self.assertEqual(watched.returncode, 0, watched.stderr)
        self.assertIn("berth four", watched.stdout)
        self.assertIn("completed", e2e.run_program("runs", "show", run, *at).stdout)
        other = server.start(server.get("/v1/personas").json[0]["id"])
        cancelled = e2e.run_program("runs", "cancel", other, *at)
        self.assertEqual(cancelled.returncode, 0, cancelled.stderr)
        self.assertIn("cancelled", e2e.run_program("runs", "watch", other, *at).stdout)
        again = e2e.run_program("runs", "cancel", other, *at)
        self.assertEqual(again.returncode, 1)
        self.assertIn("run_not_active", again.stderr)
        server.kill()
        gone = e2e.run_program("runs", "list", *at)
        self.assertEqual(gone.returncode, 1)
        self.assertIn(server.url.removeprefix("http://"), gone.stderr)


if __name__ == "__main__":
    e2e.main()
