"""The protocols beside OpenAI's, end to end: a tool is called, its result goes back, the run ends."""

import json
import socket

import e2e
import model_server

CONFIG = """
tiers:
  frontier:
    provider: %s
    model: test-model
    api_key: test-key
    context_window: 100000
    base_url: http://127.0.0.1:%d
"""
CHAIN = """
tiers:
  frontier:
    models: [openai/first, anthropic/second, groq/third]
    context_window: 100000
    base_url: http://127.0.0.1:%d
"""
THOUGHT = {"type": "thinking", "thinking": "Count, then tell: 2 < 3 \u00e6", "signature": "c2ln"}


class Protocols(e2e.Case):
    def run_over(self, provider, play):
        model = model_server.ModelServer(play)
        self.addCleanup(model.close)
        port = model.server.server_address[1]
        server = self.serve(config=self.config(CONFIG % (provider, port)))
        run_id = server.start(server.make_persona(tools=("calculator",)))
        ended = server.until_ended(run_id)
        self.assertEqual(ended["status"], "completed", ended)
        self.assertEqual(ended["output"], "It is 42.")
        events = server.events(run_id)
        self.assert_whole_story(events, "completed")
        result, = [e["data"] for e in events if e["type"] == "tool_result"]
        self.assertFalse(result["is_error"], result)
        return model.requests, ended

    def test_anthropic(self):
        def say(wire, *documents):
            for document in documents:
                wire.raw(f"event: {document['type']}\ndata: {json.dumps(document)}\n\n".encode())

        def start(index, block):
            return {"type": "content_block_start", "index": index, "content_block": block}

        def delta(index, **fields):
            return {"type": "content_block_delta", "index": index, "delta": fields}

        def play(request, wire):
            usage = {"input_tokens": 20, "output_tokens": 1, "cache_read_input_tokens": 30}
            say(wire, {"type": "message_start", "message": {"usage": usage}})
            if model_server.steps_done(request) == 0:
                say(wire, start(0, {"type": "thinking", "thinking": "", "signature": ""}),
                    delta(0, type="thinking_delta", thinking=THOUGHT["thinking"]),
                    delta(0, type="signature_delta", signature=THOUGHT["signature"]),
                    start(1, {"type": "tool_use", "id": "toolu_1", "name": "calculator"}),
                    delta(1, type="input_json_delta", partial_json='{"expression": "6*7"}'))
            else:
                say(wire, delta(0, type="text_delta", text="[FINAL] It is 42."))
            say(wire, {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                       "usage": {"output_tokens": 5}}, {"type": "message_stop"})

        (first, second), ended = self.run_over("anthropic", play)
        self.assertNotIn("system", [m["role"] for m in first["messages"]])
        self.assertIn("cache_control", first["tools"][-1])
        called, returned = second["messages"][-2:]
        self.assertEqual(called["content"][0], THOUGHT)
        self.assertEqual(called["content"][-1]["id"], "toolu_1")
        self.assertEqual(returned["content"][0]["tool_use_id"], "toolu_1")
        self.assertEqual(returned["content"][0]["content"], "42")
        self.assertEqual(ended["usage"]["prompt_tokens"], 100)

    def test_ollama_in_words(self):
        def play(request, wire):
            said = "[FINAL] It is 42."
            if model_server.steps_done(request) == 0:
                said = 'Let me see. {"tool": "calculator", "args": {"expression": "6*7"}}'
            lines = [{"message": {"role": "assistant", "content": said}, "done": False},
                     {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 4}]
            body = "".join(json.dumps(line) + "\n" for line in lines)
            wire.status(200, body, Content_Type="application/x-ndjson")

        (first, second), _ = self.run_over("ollama", play)
        self.assertNotIn("tools", first)
        self.assertIn("- calculator: ", first["messages"][0]["content"])
        self.assertEqual(second["messages"][-1],
                         {"role": "user", "content": "calculator returned: 42"})

    def test_another_protocol_stands_in(self):
        def play(request, wire):
            if request["model"] == "first":
                wire.status(503, '{"error": {"message": "down"}}', Retry_After="1")
            elif request["model"] == "second":
                wire.raw(b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": '
                         b'0, "delta": {"type": "text_delta", "text": "[FINAL] It is n\xc3')
                wire.handler.connection.shutdown(socket.SHUT_RDWR)
            else:
                wire.text("[FINAL] It is 42.")

        model = model_server.ModelServer(play)
        self.addCleanup(model.close)
        keys = {f"PERSONA_{name}_API_KEY": "test-key" for name in ("OPENAI", "ANTHROPIC", "GROQ")}
        server = self.serve(config=self.config(CHAIN % model.server.server_address[1]), env=keys)
        run_id = server.start(server.make_persona())
        ended = server.until_ended(run_id)
        self.assertEqual((ended["status"], ended["output"]), ("completed", "It is 42."), ended)
        events = server.events(run_id)
        self.assert_whole_story(events, "completed")
        fell = [(e["data"]["from"], e["data"]["to"], e["data"].get("status"))
                for e in events if e["type"] == "fell_over"]
        self.assertEqual(fell, [("openai/first", "anthropic/second", 503),
                                ("anthropic/second", "groq/third", None)])
        asked = [request["model"] for request in model.requests]
        self.assertEqual(asked, ["first"] * 2 + ["second"] * 2 + ["third"])
        self.assertEqual(ended["usage"]["by_model"]["groq/third"]["model_calls"], 1)


if __name__ == "__main__":
    e2e.main()
