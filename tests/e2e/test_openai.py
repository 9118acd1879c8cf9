"""The official `openai` client of npm works unchanged with the server (npm_clients.py)."""

import hashlib
import json
import threading

import e2e
import model_server
import npm_clients

HELLO = [{"role": "user", "content": "Hello"}]
LOOK = {"type": "function", "function": {"name": "look_outside", "description": "The weather.",
                                         "parameters": {"type": "object", "properties": {}}}}


class OpenAiClient(e2e.Case):
    def setUp(self):
        super().setUp()
        reason = npm_clients.why_none()
        if reason:
            self.skipTest(reason)

    def begin(self, play, **options):
        self.model = model_server.ModelServer(play)
        self.addCleanup(self.model.close)
        self.server = self.serve(env=self.model.env, **options)
        self.client = npm_clients.NodeClient("openai", f"{self.server.url}/v1")
        self.addCleanup(self.client.close)

    def ask(self, persona, **fields):
        return {"model": persona, "messages": HELLO, **fields}

    def test_whole_and_streamed(self):
        self.begin(lambda request, wire: wire.text("Good morning to you.", pieces=4))
        persona = self.server.make_persona(name="Mira")
        self.assertEqual([m["id"] for m in self.client.do("models")["models"]], [persona])
        whole = self.client.do("create", self.ask(
            persona, temperature=0.5, max_tokens=50, stop=["###"],
            messages=[{"role": "developer", "content": "Be brief."}] + HELLO))
        self.assertEqual(whole["choices"][0]["message"]["content"], "Good morning to you.")
        self.assertEqual(whole["choices"][0]["finish_reason"], "stop")
        self.assertEqual(whole["usage"], {"prompt_tokens": 20, "completion_tokens": 5,
                                          "total_tokens": 25})
        self.assertEqual((whole["object"], whole["model"]), ("chat.completion", persona))
        sent = self.model.requests[-1]
        self.assertEqual((sent["temperature"], sent["max_tokens"], sent["stop"]),
                         (0.5, 50, ["###"]))
        system = sent["messages"][0]["content"]
        self.assertLess(system.index("Mira"), system.index("Be brief."))
        self.assertEqual([m["role"] for m in sent["messages"]], ["system", "user"])
        streamed = self.client.do("stream", self.ask(persona,
                                                     stream_options={"include_usage": True}))
        self.assertEqual("".join(streamed["pieces"]), "Good morning to you.")
        self.assertEqual((streamed["role"], streamed["finish"]), ("assistant", "stop"))
        self.assertEqual(streamed["usage"]["total_tokens"], 25)
        self.assertEqual(self.server.get("/v1/conversations").json, [])

    def test_stop_ends_the_text_whatever_the_model_does(self):
        self.begin(lambda request, wire: wire.text("one two ### three", pieces=17))
        persona = self.server.make_persona()
        body = self.ask(persona, stop="###")
        whole = self.client.do("create", body)
        self.assertEqual(whole["choices"][0]["message"]["content"], "one two ")
        self.assertEqual("".join(self.client.do("stream", body)["pieces"]), "one two ")

    def test_response_format(self):
        self.begin(lambda request, wire: wire.text('{"ok": true}'))
        persona = self.server.make_persona()
        wished = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {
            "type": "object", "properties": {"ok": {"type": "boolean"}}}}}
        whole = self.client.do("create", self.ask(persona, response_format=wished))
        self.assertEqual(json.loads(whole["choices"][0]["message"]["content"]), {"ok": True})
        self.assertEqual(self.model.requests[-1]["response_format"], wished)

    def test_tools_of_the_client(self):
        def play(request, wire):
            done = model_server.results(request)
            if not done:
                wire.calls(("look_outside", {}, "c1"), ("calculator", {"expression": "6*7"}, "c2"))
            else:
                wire.text("It is " + " and ".join(sorted(done)) + ".")
        self.begin(play)
        persona = self.server.make_persona(tools=["calculator"])
        whole = self.client.do("create", self.ask(persona, tools=[LOOK]))
        choice = whole["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertIsNone(choice["message"]["content"])
        calls = choice["message"]["tool_calls"]
        self.assertEqual([c["function"]["name"] for c in calls], ["look_outside"])
        self.assertEqual(len(self.model.requests), 1)
        again = self.client.do("create", self.ask(persona, tools=[LOOK], messages=HELLO + [
            choice["message"],
            {"role": "tool", "tool_call_id": calls[0]["id"], "content": "rain"}]))
        said = again["choices"][0]["message"]["content"]
        self.assertIn("rain", said)
        self.assertIn("42", said)  # what the server's own tool had answered is still there
        streamed = self.client.do("stream", self.ask(persona, tools=[LOOK]))
        self.assertEqual(streamed["finish"], "tool_calls")
        self.assertEqual(streamed["calls"][0]["function"]["name"], "look_outside")
        self.assertIn("rain", self.client.do("run_tools", self.ask(persona))["final"])

    def test_errors_are_the_clients_own(self):
        gate = threading.Event()

        def play(request, wire):
            if request["messages"][-1]["content"] == "refuse":
                wire.status(401, '{"error": {"message": "no"}}', Content_Type="application/json")
            elif wire.wait_for(gate):
                wire.text("Yes.")
        rows = "".join(
            f"    - {{name: {name}, sha256: {hashlib.sha256(key.encode()).hexdigest()}, "
            f"owner: {name}, role: user}}\n" for name, key in (("a", "key-a"), ("b", "key-b")))
        config = self.config(f"auth:\n  keys:\n{rows}rates: {{messages_per_minute: 6}}\n")
        self.begin(play, config=config, key="key-a")
        gate.set()
        persona = self.server.make_persona()

        def error(key="key-a", **fields):
            return self.client.do("create", {**self.ask(persona), **fields}, key)
        wrong = error(key="wrong")
        self.assertEqual((wrong["error"], wrong["status"], wrong["code"]),
                         ("AuthenticationError", 401, "invalid_api_key"))
        absent = error(model="persona_none")
        self.assertEqual((absent["error"], absent["status"], absent["code"]),
                         ("NotFoundError", 404, "model_not_found"))
        others = error(key="key-b")
        self.assertEqual((others["error"], others["code"]), ("NotFoundError", "model_not_found"))
        bad = error(seed=7)
        self.assertEqual((bad["error"], bad["status"], bad["param"]),
                         ("BadRequestError", 400, "seed"))
        for _ in range(3):
            last = error()
        # A refused key is not tried again: nothing is answered behind this.
        upstream = error(messages=[{"role": "user", "content": "refuse"}])
        self.assertEqual((upstream["error"], upstream["status"], upstream["code"]),
                         ("InternalServerError", 502, "provider_auth_failed"))
        limited = error()
        self.assertEqual(last["choices"][0]["message"]["content"], "Yes.")
        self.assertEqual((limited["error"], limited["status"], limited["code"]),
                         ("RateLimitError", 429, "rate_limit_exceeded"))

    def test_a_turn_of_a_conversation_and_a_client_that_leaves(self):
        gate = threading.Event()
        gone = threading.Event()

        def play(request, wire):
            wire.chunk({"content": "It "})
            if request["messages"][-1]["content"] == "leave":
                wire.hang()
                gone.set()
            elif wire.wait_for(gate):
                wire.chunk({"content": "is."})
                wire.end()
        self.begin(play)
        persona = self.server.make_persona()
        talk = self.server.post(f"/v1/personas/{persona}/conversations", {}).json["id"]
        there = self.ask(persona, metadata={"conversation": talk})
        self.assertEqual(self.client.do("leave", there), {"left": True})
        gate.set()

        def answered():
            items = self.server.get(f"/v1/conversations/{talk}/messages").json["items"]
            return items if items[-1]["streaming_status"] == "complete" else None
        items = e2e.until(answered, "the turn survives its client")
        self.assertIn("It is.", json.dumps(items[-1]))
        whole = self.client.do("create", there)
        self.assertEqual(whole["choices"][0]["message"]["content"], "It is.")
        self.assertEqual(len(self.server.get(f"/v1/conversations/{talk}/messages").json["items"]), 4)
        self.client.do("leave", self.ask(persona, messages=[{"role": "user", "content": "leave"}]))
        self.assertTrue(gone.wait(e2e.PATIENCE), "the model call stops with its client")


if __name__ == "__main__":
    e2e.main()
