"""The official clients of npm read the model simulator (npm_clients.py), so that what our own
providers are tested with is the protocol, and not merely what they understand."""

import e2e
import npm_clients

HELLO = [{"role": "user", "content": "Which berth is free?"}]
SCHEMA = {"type": "object", "properties": {"berth": {"type": "integer", "minimum": 4}},
          "required": ["berth"]}
OPENAI_TOOL = {"type": "function", "function": {"name": "look_up", "description": "A berth.",
                                                "parameters": SCHEMA}}
ANTHROPIC_TOOL = {"name": "look_up", "description": "A berth.", "input_schema": SCHEMA}


def refusing(status, retry_after=""):
    return {"simulate": {"status": status, "retry_after": retry_after}}


class NpmClients(e2e.Case):
    def setUp(self):
        super().setUp()
        reason = npm_clients.why_none()
        if reason:
            self.skipTest(reason)

    def begin(self, name, path=""):
        self.simulator = self.simulate()
        self.client = npm_clients.NodeClient(name, self.simulator.url + path)
        self.addCleanup(self.client.close)

    def asked(self, **fields):
        return {"model": "simulated", "messages": HELLO, **fields}

    def test_openai(self):
        self.begin("openai", "/v1")
        self.assertEqual(self.client.do("models")["models"][0]["id"], "simulated")
        whole = self.client.do("create", self.asked())
        choice = whole["choices"][0]
        self.assertEqual(choice["message"]["content"], HELLO[0]["content"])
        self.assertEqual((whole["object"], choice["finish_reason"]), ("chat.completion", "stop"))
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        self.assertEqual(whole["usage"], usage)
        streamed = self.client.do("stream", self.asked(stream_options={"include_usage": True}))
        self.assertEqual("".join(streamed["pieces"]), HELLO[0]["content"])
        self.assertEqual((streamed["role"], streamed["finish"], streamed["usage"]),
                         ("assistant", "stop", usage))
        self.assertIsNone(self.client.do("stream", self.asked())["usage"])

    def test_openai_tools(self):
        self.begin("openai", "/v1")
        called = self.client.do("create", self.asked(tools=[OPENAI_TOOL]))["choices"][0]
        call, = called["message"]["tool_calls"]
        self.assertEqual(called["finish_reason"], "tool_calls")
        self.assertIsNone(called["message"]["content"])
        self.assertEqual((call["function"]["name"], call["function"]["arguments"]),
                         ("look_up", '{"berth":4}'))
        streamed = self.client.do("stream", self.asked(tools=[OPENAI_TOOL]))
        first, *others = streamed["calls"]
        self.assertEqual((first["id"][:5], first["function"]["name"]), ("call_", "look_up"))
        self.assertEqual("".join(c["function"]["arguments"] for c in others), '{"berth":4}')
        self.assertEqual(streamed["finish"], "tool_calls")
        # The client carries the call out itself and comes back with the result.
        self.assertEqual(self.client.do("run_tools", self.asked())["final"], "rain")

    def test_openai_errors(self):
        self.begin("openai", "/v1")
        for status, name in ((400, "BadRequestError"), (401, "AuthenticationError"),
                             (403, "PermissionDeniedError"), (404, "NotFoundError"),
                             (409, "ConflictError"), (422, "UnprocessableEntityError"),
                             (429, "RateLimitError"), (503, "InternalServerError"),
                             (529, "InternalServerError")):
            for what in ("create", "stream"):
                with self.subTest(f"{what} {status}"):
                    error = self.client.do(what, self.asked(**refusing(status, "1.5")))
                    self.assertEqual((error["error"], error["status"], error["retry_after"]),
                                     (name, status, "1.5"))
        nothing = self.client.do("create", {"model": "simulated", "messages": []})
        self.assertEqual((nothing["error"], nothing["type"]),
                         ("BadRequestError", "invalid_request_error"))
        self.assertIn("messages", nothing["message"])

    def test_anthropic(self):
        self.begin("anthropic")
        body = self.asked(max_tokens=100, system="Be brief.")
        whole = self.client.do("create", body)
        self.assertEqual(whole["content"], [{"type": "text", "text": HELLO[0]["content"]}])
        self.assertEqual((whole["type"], whole["stop_reason"]), ("message", "end_turn"))
        self.assertEqual(whole["usage"], {"input_tokens": 8, "output_tokens": 5})
        streamed = self.client.do("stream", body)
        self.assertEqual("".join(streamed["pieces"]), HELLO[0]["content"])
        self.assertEqual((streamed["stop"], streamed["usage"]["output_tokens"]), ("end_turn", 5))
        self.assertEqual((streamed["events"][0], streamed["events"][-1]),
                         ("message_start", "message_stop"))
        gathered = self.client.do("gather", body)
        for field in ("id", "role", "model", "content", "stop_reason", "usage"):
            self.assertEqual(gathered[field], {**whole, "id": gathered["id"]}[field], field)
        self.assertEqual(self.client.do("create", self.asked(max_tokens=2))["stop_reason"],
                         "max_tokens")

    def test_anthropic_tools(self):
        self.begin("anthropic")
        body = self.asked(max_tokens=100, tools=[ANTHROPIC_TOOL])
        whole = self.client.do("create", body)
        use, = whole["content"]
        self.assertEqual((use["type"], use["name"], use["input"], whole["stop_reason"]),
                         ("tool_use", "look_up", {"berth": 4}, "tool_use"))
        self.assertEqual(self.client.do("stream", body)["json"], '{"berth":4}')
        gathered, = self.client.do("gather", body)["content"]
        self.assertEqual((gathered["name"], gathered["input"]), ("look_up", {"berth": 4}))
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "It is free."}
        after = self.client.do("create", {**body, "messages": HELLO + [
            {"role": "assistant", "content": whole["content"]},
            {"role": "user", "content": [result]}]})
        self.assertEqual(after["content"][0]["text"], "It is free.")

    def test_anthropic_errors(self):
        self.begin("anthropic")
        for status, name, kind in ((400, "BadRequestError", "invalid_request_error"),
                                   (401, "AuthenticationError", "authentication_error"),
                                   (403, "PermissionDeniedError", "permission_error"),
                                   (404, "NotFoundError", "not_found_error"),
                                   (429, "RateLimitError", "rate_limit_error"),
                                   (500, "InternalServerError", "api_error"),
                                   (529, "OverloadedError", "overloaded_error")):
            for what in ("create", "stream"):
                with self.subTest(f"{what} {status}"):
                    error = self.client.do(what, self.asked(max_tokens=9, **refusing(status, "2")))
                    self.assertEqual((error["error"], error["status"], error["type"],
                                      error["retry_after"]), (name, status, kind, "2"))
        self.assertEqual(self.client.do("create", {"model": "m", "max_tokens": 1, "messages": []})
                         ["error"], "BadRequestError")

    def test_ollama(self):
        self.begin("ollama")
        self.assertEqual(self.client.do("list")["models"][0]["name"], "simulated")
        whole = self.client.do("create", self.asked())
        self.assertEqual(whole["message"], {"role": "assistant", "content": HELLO[0]["content"]})
        self.assertEqual((whole["done"], whole["done_reason"], whole["prompt_eval_count"],
                          whole["eval_count"]), (True, "stop", 5, 5))
        streamed = self.client.do("stream", self.asked())
        self.assertEqual("".join(streamed["pieces"]), HELLO[0]["content"])
        self.assertEqual(streamed["last"]["eval_count"], 5)
        cut = self.client.do("create", self.asked(options={"num_predict": 1}))
        self.assertEqual(cut["done_reason"], "length")

    def test_ollama_tools_and_errors(self):
        self.begin("ollama")
        whole = self.client.do("create", self.asked(tools=[OPENAI_TOOL]))
        call, = whole["message"]["tool_calls"]
        self.assertEqual(call["function"], {"name": "look_up", "arguments": {"berth": 4}})
        streamed = self.client.do("stream", self.asked(tools=[OPENAI_TOOL]))
        self.assertEqual(streamed["calls"], [call])
        after = self.client.do("create", self.asked(tools=[OPENAI_TOOL], messages=HELLO + [
            whole["message"], {"role": "tool", "tool_name": "look_up", "content": "Free."}]))
        self.assertEqual(after["message"]["content"], "Free.")
        for status in (400, 404, 429, 500):
            for what in ("create", "stream"):
                error = self.client.do(what, self.asked(**refusing(status)))
                self.assertEqual((error["error"], error["status"]), ("ResponseError", status))
        error = self.client.do("create", {"model": "", "messages": HELLO})
        self.assertEqual((error["error"], error["status"]), ("ResponseError", 400))
        self.assertIn("model", error["message"])


if __name__ == "__main__":
    e2e.main()
