"""Models that misbehave: every run ends in one terminal status with a clear error, or recovers."""

import json
import re
import socket
import threading

import e2e
import model_server

CONFIG = """
timeouts: {first_token: 1s, between_tokens: 1s, call: 8s}
retry: {max_wait: 4s}
tiers:
  frontier:
    provider: openai
    model: test-model
    api_key: test-key
    context_window: 100000
    base_url: http://127.0.0.1:%d/v1
"""
FINAL = "[FINAL] done"


class Models(e2e.Case):
    def start(self, play, tools=("calculator",), config=CONFIG, **fields):
        """Starts a run whose model is `play`; returns nothing but sets server, model and run."""
        self.model = model_server.ModelServer(play)
        self.addCleanup(self.model.close)
        port = self.model.server.server_address[1]
        self.server = self.serve(config=self.config(config % port))
        self.run_id = self.server.start(self.server.make_persona(tools=tools), **fields)

    def finish(self, status):
        ended = self.server.until_ended(self.run_id)
        self.assertEqual(ended["status"], status, ended)
        events = self.server.events(self.run_id)
        self.assert_whole_story(events, status)
        if status == "error":
            self.assertRegex(ended["error"], "^" + re.escape(ended["error_kind"]))
            errors = [e for e in events if e["type"] == "error"]
            self.assertEqual(len(errors), 1, events)
            self.assertEqual(errors[0]["data"]["kind"], ended["error_kind"])
            self.assertNotEqual(errors[0]["data"]["message"].strip(), "")
        else:
            self.assertIsNone(ended["error"])
        self.assertTrue(self.server.is_alive())
        return ended, events

    def play_calls(self, *calls):
        """A model that makes these calls in its first reply and then delivers."""
        def play(request, wire):
            if model_server.steps_done(request) == 0:
                wire.calls(*calls)
            else:
                wire.text(FINAL)
        return play

    def results_of(self, events):
        return [e["data"] for e in events if e["type"] == "tool_result"]

    def test_unknown_tool(self):
        self.start(self.play_calls(("teleport", {"to": "quay"}, "c1")))
        _, events = self.finish("completed")
        result, = self.results_of(events)
        self.assertTrue(result["is_error"])
        self.assertIn("calculator", result["content"], "the tools that there are")

    def test_broken_arguments(self):
        self.start(self.play_calls(("calculator", '{"expression": "1+', "c1")))
        _, events = self.finish("completed")
        result, = self.results_of(events)
        self.assertTrue(result["is_error"])

    def test_arguments_of_wrong_type(self):
        for arguments in ('[1, 2]', '"1+1"', '{"expression": {"deep": 1}}', '{}',
                          '{"expression": "1", "colour": "red"}', '{"expression": null}'):
            with self.subTest(arguments):
                self.start(self.play_calls(("calculator", arguments, "c1")))
                _, events = self.finish("completed")
                self.assertEqual(len(self.results_of(events)), 1)
                self.server.kill()

    def test_repeated_and_empty_call_ids(self):
        self.start(self.play_calls(("calculator", {"expression": "1+1"}, "same"),
                                   ("calculator", {"expression": "2+2"}, "same"),
                                   ("calculator", {"expression": "3+3"}, ""),
                                   ("calculator", {"expression": "4+4"}, None)))
        _, events = self.finish("completed")
        found = self.results_of(events)
        self.assertEqual(sorted(r["content"] for r in found), ["2", "4", "6", "8"])
        self.assertEqual(len({r["call_id"] for r in found}), 4, "ids tell the calls apart")
        again = self.model.requests[-1]["messages"]
        sent = [call["id"] for m in again for call in m.get("tool_calls") or []]
        answered = [m["tool_call_id"] for m in again if m["role"] == "tool"]
        self.assertEqual(sorted(sent), sorted(answered), "each call sent back has its result")
        self.assertEqual(len(set(sent)), 4)

    def test_more_calls_than_allowed(self):
        calls = [("calculator", {"expression": str(n)}, f"c{n}") for n in range(70)]
        self.start(self.play_calls(*calls))
        _, events = self.finish("completed")
        found = self.results_of(events)
        self.assertEqual(sum(not r["is_error"] for r in found), 64)

    def test_nothing_at_all(self):
        self.start(lambda request, wire: wire.status(200))
        ended, _ = self.finish("error")
        self.assertGreaterEqual(len(self.model.requests), 2, "bucket R is tried once more")
        self.assertEqual(ended["usage"]["model_calls"], len(self.model.requests))

    def test_empty_text_ends_by_itself(self):
        self.start(lambda request, wire: wire.end())
        ended, _ = self.finish("error")
        self.assertEqual(ended["error_kind"], "no_progress")

    def test_ten_megabytes(self):
        def play(request, wire):
            piece = "x" * 65536
            for _ in range(160):
                wire.chunk({"content": piece})
            wire.end()
        self.start(play)
        self.finish("error")

    def test_line_without_end(self):
        def play(request, wire):
            wire.raw(b"data: ")
            for _ in range(64):
                wire.raw(b"x" * 65536)
        self.start(play)
        self.finish("error")

    def test_never_answers(self):
        self.start(lambda request, wire: wire.hang())
        ended, _ = self.finish("error")
        self.assertIn("test-model", ended["error"] + json.dumps(ended["usage"]))

    def test_stops_in_the_middle(self):
        def play(request, wire):
            wire.chunk({"content": "[FINAL] half"})
            wire.hang()
        self.start(play)
        ended, _ = self.finish("error")
        self.assertIsNone(ended["output"])

    def test_wrong_key(self):
        self.start(lambda request, wire: wire.status(
            401, '{"error": {"message": "key sk-secret-123 is wrong"}}'))
        ended, _ = self.finish("error")
        self.assertEqual(len(self.model.requests), 1, "a refused key is not tried again")
        self.assertNotIn("sk-secret-123", json.dumps(ended))
        self.assertNotIn("test-key", json.dumps(ended))

    def test_rate_limit_is_waited_for(self):
        def play(request, wire):
            if len(self.model.requests) == 1:
                wire.status(429, "{}", Retry_After="2")
            else:
                wire.text(FINAL)
        self.start(play)
        self.finish("completed")
        self.assertGreaterEqual(self.model.times[1] - self.model.times[0], 1.9)

    def test_rate_limit_beyond_max_wait(self):
        self.start(lambda request, wire: wire.status(429, "{}", Retry_After="60"))
        ended, _ = self.finish("error")
        self.assertEqual(ended["error_kind"], "rate_limited")

    def test_unavailable_then_well(self):
        def play(request, wire):
            if len(self.model.requests) == 1:
                wire.status(503, "down")
            else:
                wire.text(FINAL)
        self.start(play)
        ended, _ = self.finish("completed")
        self.assertEqual(ended["usage"]["model_calls"], 2)

    def test_cut_in_the_middle_then_well(self):
        def play(request, wire):
            if len(self.model.requests) == 1:
                wire.chunk({"content": "[FINAL] wrong end"})
                wire.handler.connection.shutdown(socket.SHUT_RDWR)
            else:
                wire.text(FINAL)
        self.start(play)
        ended, _ = self.finish("completed")
        self.assertEqual(ended["output"], "done")

    def test_cut_call_is_not_carried_out(self):
        def play(request, wire):
            if len(self.model.requests) == 1:
                wire.chunk({"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {
                    "name": "calculator", "arguments": '{"expression": "1+1"}'}}]})
                wire.handler.connection.shutdown(socket.SHUT_RDWR)
            else:
                wire.text(FINAL)
        self.start(play)
        _, events = self.finish("completed")
        self.assertEqual(self.results_of(events), [])

    def test_error_object_in_the_stream(self):
        def play(request, wire):
            if len(self.model.requests) == 1:
                wire.raw(b'data: {"error": {"message": "busy", "code": 503}}\n\n')
            else:
                wire.text(FINAL)
        self.start(play)
        self.finish("completed")

    def test_not_json_and_not_a_stream(self):
        for body in ("<html>proxy</html>", "[]", "null", '{"choices": "no"}', "\0\1\2", "{" * 5000):
            with self.subTest(body[:20]):
                self.start(lambda request, wire, body=body: wire.status(
                    200, body, Content_Type="application/json"))
                self.finish("error")
                self.server.kill()

    def test_next_member_takes_over(self):
        config = CONFIG.replace("provider: openai\n    model: test-model",
                                "models: [openai/first, openai/second]")

        def play(request, wire):
            if request["model"] == "first":
                wire.status(503, "down")
            else:
                wire.text(FINAL)
        self.start(play, config=config)
        ended, events = self.finish("completed")
        fell, = [e["data"] for e in events if e["type"] == "fell_over"]
        self.assertEqual((fell["from"], fell["to"], fell["status"]),
                         ("openai/first", "openai/second", 503))
        self.assertIn("openai/second", ended["usage"]["by_model"])

    def test_cancel_closes_the_call(self):
        gone = threading.Event()

        def play(request, wire):
            wire.chunk({"content": "thinking "})
            wire.hang()
            gone.set()
        self.start(play, config=CONFIG.replace("1s", "60s").replace("call: 8s", "call: 60s"))
        e2e.until(lambda: self.model.requests, "the call arrives")
        self.assertEqual(self.server.post(f"/v1/runs/{self.run_id}/cancel", {}).status, 202)
        self.finish("cancelled")
        self.assertTrue(gone.wait(2), "the provider sees the connection close")

    def test_markers_in_pieces_and_foreign_text(self):
        self.start(lambda request, wire: wire.text("Før\n**[FINAL]** kai 4 – 灯台 🚢", pieces=30))
        ended, _ = self.finish("completed")
        self.assertEqual(ended["output"], "kai 4 – 灯台 🚢")


if __name__ == "__main__":
    e2e.main()
