"""What `persona serve` refuses, and how: errors, keys, owners, limits of requests."""

import hashlib
import json
import socket

import e2e

FAR = {"content": "[FINAL] late", "delay_ms": 60000}


class Refusals(e2e.Case):
    def setUp(self):
        super().setUp()
        script = e2e.script_file(self.directory, [FAR] * 40)
        self.server = self.serve(env=e2e.scripted(script))
        self.persona = self.server.make_persona()
        self.runs = f"/v1/personas/{self.persona}/runs"

    def refuse_run(self, body, status=422, token="validation_error"):
        with self.subTest(str(body)[:80]):
            self.assert_error(self.server.post(self.runs, body), status, token)

    def test_bodies_that_are_no_json(self):
        for body in ("{", "task", '{"task": "a"', '{"task": "a"} x', "[" * 100, b"\xff\xfe",
                     '{"task": "\xff"}'.encode("latin-1"), '{"task": "a" // no\n}', "{'task': 1}"):
            self.refuse_run(body, 400, "malformed_json")
        deep = '{"task": "a", "metadata": ' + '{"a":' * 70 + "1" + "}" * 70 + "}"
        self.assertIn(self.server.post(self.runs, deep).status, (400, 422))

    def test_bodies_of_the_wrong_shape(self):
        for body in ({}, [], "null", {"task": ""}, {"task": 7}, {"task": None},
                     {"task": "a", "colour": "red"}, {"task": "a", "max_steps": -1},
                     {"task": "a", "max_steps": 1001}, {"task": "a", "max_steps": 1.5},
                     {"task": "a", "max_steps": "7"}, {"task": "a", "max_steps": True},
                     {"task": "a", "max_tokens": 0}, {"task": "a", "max_cost_cents": 0},
                     {"task": "a", "deadline_s": 0}, {"task": "a", "deadline_s": "1"},
                     {"task": "a", "ask_user": "yes"}, {"task": "a", "metadata": []},
                     {"task": "x" * 65537}):
            self.refuse_run(body)
        shown = self.server.post(self.runs, {"task": "a", "max_steps": "7", "x": 1}).json
        self.assertEqual(len(shown["detail"]), 2, "every problem is listed")
        self.assertTrue(all(set(p) >= {"type", "loc", "msg"} for p in shown["detail"]), shown)

    def test_bounds_that_are_allowed(self):
        for body in ({"task": "x" * 65536}, {"task": "a", "max_steps": 0},
                     {"task": "a", "deadline_s": 0.5}, {"task": "a", "max_steps": 1000}):
            answer = self.server.post(self.runs, body)
            self.assertEqual(answer.status, 202, answer)

    def test_unknown_ids_and_routes(self):
        none = "run_01ARZ3NDEKTSV4RRFFQ69G5FAV"
        for method, target, body in (
                ("GET", f"/v1/runs/{none}", None), ("GET", f"/v1/runs/{none}/events", None),
                ("POST", f"/v1/runs/{none}/cancel", {}), ("DELETE", f"/v1/runs/{none}", None),
                ("POST", f"/v1/runs/{none}/respond", {"answer": "a"}),
                ("GET", "/v1/runs/%2e%2e", None)):
            self.assert_error(self.server.call(method, target, body), 404, "run_not_found")
        for method, target, body in (
                ("GET", "/v1/personas/none", None), ("DELETE", "/v1/personas/none", None),
                ("POST", "/v1/personas/none/runs", {"task": "a"}),
                ("POST", "/v1/runs", {"persona_id": "none", "task": "a"})):
            self.assert_error(self.server.call(method, target, body), 404, "persona_not_found")
        self.assertEqual(self.server.get("/v1/nothing").status, 404)
        self.assertEqual(self.server.get("/v1/runs/a%00b").status, 400)

    def test_wrong_method_names_the_right_ones(self):
        answer = self.server.call("PUT", "/v1/runs", {})
        self.assertEqual(answer.status, 405)
        allowed = set(answer.headers["allow"].replace(" ", "").split(","))
        self.assertEqual(allowed - {"HEAD", "OPTIONS"}, {"GET", "POST"})

    def test_answer_when_nothing_is_asked(self):
        run = self.server.start(self.persona)
        self.assert_error(self.server.post(f"/v1/runs/{run}/respond", {"answer": "a"}), 409,
                          "not_awaiting_user")

    def test_body_over_1_mib(self):
        self.assert_error(self.server.post(self.runs, "x" * (1 << 20) + "x"), 413,
                          self.server.post(self.runs, "x" * (1 << 20) + "x").error)
        head = f"POST {self.runs} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        announced = self.server.raw((head + "Content-Length: 99999999999\r\n\r\n").encode())
        self.assertTrue(announced.startswith(b"HTTP/1.1 413"), announced[:200])

    def test_head_over_16_kib(self):
        answer = self.server.raw(
            b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 431"), answer[:200])

    def test_bytes_that_are_no_http(self):
        for data in (b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
                     b"GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
            answer = self.server.raw(data)
            self.assertRegex(answer[:16], rb"^HTTP/1\.1 [45]\d\d|^$", data)
        self.assertEqual(self.server.get("/livez").status, 200)

    def test_foreign_pages_are_refused(self):
        self.assertNotEqual(self.server.get("/v1/runs", headers={"Host": "evil.example"}).status,
                            200)
        plain = self.server.post(self.runs, {"task": "a"}, headers={"Content-Type": "text/plain"})
        self.assertGreaterEqual(plain.status, 400)
        for host in ("localhost", "127.0.0.1", "[::1]", f"localhost:{self.server.port}"):
            self.assertEqual(self.server.get("/v1/runs", headers={"Host": host}).status, 200, host)

    def test_errors_say_what_and_never_how(self):
        for answer in (self.server.get("/v1/runs/none"), self.server.post(self.runs, "{")):
            self.assertNotRegex(answer.body.decode(), r"\.cpp|0x[0-9a-f]{6}|std::|/home|terminate")
            self.assertTrue(answer.headers["content-type"].startswith("application/json"))


class NoModel(e2e.Case):
    def test_runs_are_refused_and_personas_work(self):
        server = self.serve()
        e2e.until(lambda: "no model" in server.errors(), "it says that there is no model")
        persona = server.make_persona()
        answer = server.post(f"/v1/personas/{persona}/runs", {"task": "a"})
        self.assert_error(answer, 503, "model_unavailable")
        self.assertIn("retry-after", answer.headers)


class UnknownPrice(e2e.Case):
    def test_cost_limit_without_a_price(self):
        server = self.serve(env={"PERSONA_PROVIDER": "openai", "PERSONA_MODEL": "nobody-knows-it",
                                 "PERSONA_API_KEY": "k",
                                 "PERSONA_BASE_URL": "http://127.0.0.1:9/v1"})
        target = f"/v1/personas/{server.make_persona()}/runs"
        self.assert_error(server.post(target, {"task": "a", "max_cost_cents": 5}), 422,
                          "validation_error")


class Overload(e2e.Case):
    def test_beyond_admission_is_refused_at_once(self):
        config = self.config("limits: {runs_live_max: 2, runs_queued_max: 1}\n")
        script = e2e.script_file(self.directory, [FAR] * 9)
        server = self.serve(config=config, env=e2e.scripted(script))
        persona = server.make_persona()
        runs = [server.start(persona) for _ in range(3)]
        answer = server.post(f"/v1/personas/{persona}/runs", {"task": "a"}, timeout=3)
        self.assert_error(answer, 503, "overloaded")
        self.assertIn("retry-after", answer.headers)
        self.assertEqual(server.run(runs[2])["status"], "running", "queued ones count as running")
        self.assertEqual(server.post(f"/v1/runs/{runs[2]}/cancel", {}).status, 202)
        self.assertEqual(server.run(runs[2])["status"], "cancelled")
        server.post(f"/v1/runs/{runs[0]}/cancel", {})
        server.start(persona)

    def test_rate_limit(self):
        config = self.config("rates: {runs_per_minute: 2}\n")
        server = self.serve(config=config, env=e2e.scripted(
            e2e.script_file(self.directory, [FAR] * 9)))
        persona = server.make_persona()
        answers = [server.post(f"/v1/personas/{persona}/runs", {"task": "a"}) for _ in range(5)]
        self.assertIn(429, [a.status for a in answers], answers)
        refused = next(a for a in answers if a.status == 429)
        self.assert_error(refused, 429, "rate_limit_exceeded")
        for name in ("limit", "remaining", "reset"):
            self.assertIn(f"x-ratelimit-{name}", refused.headers)
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)


class Keys(e2e.Case):
    def setUp(self):
        super().setUp()
        rows = "".join(
            f"    - {{name: {name}, sha256: {hashlib.sha256(key.encode()).hexdigest()}, "
            f"owner: {owner}, role: {role}}}\n"
            for name, key, owner, role in (("ops", "key-ops", "root", "admin"),
                                           ("a", "key-a", "alice", "user"),
                                           ("b", "key-b", "bob", "user")))
        script = e2e.script_file(self.directory, [FAR] * 9)
        self.server = self.serve(config=self.config("auth:\n  keys:\n" + rows),
                                 env=e2e.scripted(script))
        self.alice, self.bob, self.admin = (
            e2e.Client(self.server.host, self.server.port, key)
            for key in ("key-a", "key-b", "key-ops"))

    def test_without_a_good_key(self):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "key-a"},
                        {"Authorization": "Basic key-a"}, {"Authorization": "Bearer "}):
            answer = self.server.get("/v1/runs", headers=headers)
            self.assert_error(answer, 401, "authentication_error")
            self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
        self.assertEqual(self.server.get("/livez").status, 200)
        e2e.until(lambda: self.server.get("/readyz").status == 200, "ready")

    def test_owners_do_not_see_each_other(self):
        persona = self.alice.make_persona()
        run = self.alice.start(persona)
        for method, target, body in (
                ("GET", f"/v1/runs/{run}", None), ("GET", f"/v1/runs/{run}/events", None),
                ("POST", f"/v1/runs/{run}/cancel", {}), ("DELETE", f"/v1/runs/{run}", None),
                ("POST", f"/v1/runs/{run}/respond", {"answer": "a"})):
            self.assert_error(self.bob.call(method, target, body), 404, "run_not_found")
        for method, target, body in (
                ("GET", f"/v1/personas/{persona}", None),
                ("DELETE", f"/v1/personas/{persona}", None),
                ("POST", f"/v1/personas/{persona}/runs", {"task": "a"})):
            self.assert_error(self.bob.call(method, target, body), 404, "persona_not_found")
        self.assertEqual(self.bob.get("/v1/runs").json["items"], [])
        self.assertEqual(self.bob.get("/v1/personas").json, [])
        self.assertEqual(self.admin.run(run)["id"], run)
        self.assertEqual([i["id"] for i in self.admin.get("/v1/runs").json["items"]], [run])

    def test_same_idempotency_key_of_two_owners(self):
        runs = []
        for client in (self.alice, self.bob):
            made = client.post(f"/v1/personas/{client.make_persona()}/runs", {"task": "a"},
                               headers={"Idempotency-Key": "one"})
            runs.append(made.json["id"])
        self.assertNotEqual(*runs)


class SlowClients(e2e.Case):
    def test_half_a_request_is_cut_off(self):
        server = self.serve(config=self.config("http: {header: 300ms, body: 300ms, idle: 300ms}\n"))
        for start in (b"", b"GET /livez HTT", b"POST /v1/personas HTTP/1.1\r\nHost: localhost\r\n"
                      b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"):
            with socket.create_connection((server.host, server.port), timeout=10) as plain:
                plain.sendall(start)
                while plain.recv(4096):
                    pass  # an answer such as 408 is welcome, the end must come
        self.assertEqual(server.get("/livez").status, 200)

    def test_heartbeat(self):
        script = e2e.script_file(self.directory, [FAR])
        server = self.serve(config=self.config("http: {heartbeat: 100ms}\n"),
                            env=e2e.scripted(script))
        run = server.start(server.make_persona())
        with server.stream(run) as stream:
            lines = []
            while sum(line.startswith(b":") for line in lines) < 2:
                lines.append(stream.response.readline())
        self.assertTrue(all(b"\n" in line for line in lines))
        self.assertIsInstance(json.dumps(server.run(run)), str)


if __name__ == "__main__":
    e2e.main()
