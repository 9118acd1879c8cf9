"""SIGHUP and POST /v1/admin/reload: other models under a running server; and what usage shows."""

import hashlib
import signal
import threading

import e2e
import model_server

CONFIG = """
limits: {steps_max: %(steps)d}
tiers:
  mid:
    provider: openai
    model: %(model)s
    api_key: test-key
    context_window: 100000
    cost_input_per_1k_tokens: 1
    cost_output_per_1k_tokens: 2
    base_url: http://127.0.0.1:%(port)d/v1
"""
KEYS = """
auth:
  keys:
    - {name: ops, sha256: %s, owner: ops, role: admin}
    - {name: al, sha256: %s, owner: alice}
"""


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


class Reload(e2e.Case):
    def setUp(self):
        super().setUp()
        self.asked = []
        self.held = threading.Event()
        self.release = threading.Event()

        def play(request, wire):
            self.asked.append(request["model"])
            if "hold" in str(request["messages"][-1]["content"]):
                self.held.set()
                self.release.wait(e2e.PATIENCE)
            wire.text("[FINAL] done")

        self.model = model_server.ModelServer(play)
        self.addCleanup(self.model.close)
        self.addCleanup(self.release.set)
        self.path = self.directory / "runtime.yaml"

    def write(self, model, steps=50, more=""):
        port = self.model.server.server_address[1]
        text = CONFIG % {"model": model, "port": port, "steps": steps}
        self.path.write_text(text + more)

    def start(self, model="first", more="", **options):
        self.write(model, more=more)
        return self.serve(config=self.path, **options)

    def run_once(self, server, persona, task="Do it."):
        return server.until_ended(server.start(persona, task))

    def test_sighup_swaps_models_and_keeps_calls_in_flight(self):
        server = self.start()
        persona = server.make_persona()
        held = server.start(persona, "hold on")
        self.assertTrue(self.held.wait(e2e.PATIENCE))
        self.write("second")
        server.signal(signal.SIGHUP)
        e2e.until(lambda: "reloaded" in server.errors(), "the log says that it was reloaded")
        self.assertIn("openai/second", self.run_once(server, persona)["usage"]["by_model"])
        self.release.set()
        ended = server.until_ended(held)
        self.assertEqual((ended["status"], list(ended["usage"]["by_model"])),
                         ("completed", ["openai/first"]))
        self.assertEqual(server.stop(), 0)

    def test_invalid_file_changes_nothing(self):
        server = self.start()
        persona = server.make_persona()
        for text, place in (("tires: {}\n", "runtime.yaml:1"),
                            ("tiers:\n  mid: {models: [nowhere/x]}\n", "runtime.yaml:2"),
                            ("tiers: {mid: {provider: openai}}\n", "tier mid")):
            self.path.write_text(text)
            answer = server.post("/v1/admin/reload", {})
            self.assertEqual((answer.status, answer.error), (422, "validation_error"), answer)
            self.assertIn(place, answer.json["detail"][0]["msg"])
            server.signal(signal.SIGHUP)
        e2e.until(lambda: server.errors().count("not reloaded") >= 4, "the log tells of it")
        self.path.unlink()
        self.assertEqual(server.post("/v1/admin/reload", {}).status, 422)
        self.assertEqual(self.run_once(server, persona)["status"], "completed")
        self.assertEqual(set(self.asked), {"first"})

    def test_reload_says_what_waits_for_a_restart(self):
        server = self.start()
        self.write("second", steps=60, more="log: {format: json}\n")
        answer = server.post("/v1/admin/reload", {})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["tiers"], [{"tier": "mid", "models": ["openai/second"]}])
        self.assertEqual(answer.json["needs_restart"], ["limits.steps_max", "log.format"])
        self.assertEqual(answer.json["off"], [])

    def test_only_an_admin_reloads(self):
        server = self.start(more=KEYS % (digest("ops-key"), digest("al-key")), key="al-key")
        self.assertEqual(server.post("/v1/admin/reload", {}).status, 403)
        server.key = "ops-key"
        self.assertEqual(server.post("/v1/admin/reload", {}).status, 200)
        server.key = None
        self.assertEqual(server.post("/v1/admin/reload", {}).status, 401)

    def test_a_broken_tier_is_off_and_said_to_be(self):
        server = self.start(env={"PERSONA_SMALL_MODELS": "groq"})
        self.assertIn("tier small is off, served by mid", server.errors())
        self.assertEqual(self.run_once(server, server.make_persona())["status"], "completed")
        answer = server.post("/v1/admin/reload", {})  # it was off before
        self.assertEqual([o["tier"] for o in answer.json["off"]], ["small"])

    def test_usage_survives_a_restart(self):
        server = self.start()
        persona = server.make_persona()
        first = self.run_once(server, persona)["usage"]
        metrics = server.get("/metrics").body.decode()
        self.assertIn('persona_model_replies_total{tier="mid",model="openai/first"} 1', metrics)
        self.assertEqual(server.stop(), 0)
        server = self.serve(config=self.path)
        self.run_once(server, persona)
        page = server.get("/v1/usage?group=model,persona").json
        self.assertEqual([(i["model"], i["persona_id"]) for i in page["items"]],
                         [("openai/first", persona)])
        self.assertEqual(page["total"]["model_calls"], 2 * first["model_calls"])
        self.assertEqual(page["total"]["prompt_tokens"], 2 * first["prompt_tokens"])
        self.assertAlmostEqual(page["total"]["cost_cents"], 2 * first["cost_cents"])
        self.assertIsNone(page["next_offset"])


if __name__ == "__main__":
    e2e.main()
