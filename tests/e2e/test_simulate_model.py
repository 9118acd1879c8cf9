"""`persona simulate-model` from outside, alone and as the model of a server."""

import json

import e2e

CONFIG = """
tiers:
  frontier:
    provider: %s
    model: simulated
    api_key: test-key
    context_window: 100000
    base_url: %s
"""
HELLO = [{"role": "user", "content": "Hello there, harbour."}]


class SimulateModel(e2e.Case):
    def test_all_protocols_say_what_they_heard(self):
        simulator = self.simulate()
        body = {"model": "m", "max_tokens": 100, "messages": HELLO, "stream": False}
        openai = simulator.post("/v1/chat/completions", body).json
        self.assertEqual(openai["choices"][0]["message"]["content"], HELLO[0]["content"])
        anthropic = simulator.post("/v1/messages", body).json
        self.assertEqual(anthropic["content"][0]["text"], HELLO[0]["content"])
        ollama = simulator.post("/api/chat", body).json
        self.assertEqual(ollama["message"]["content"], HELLO[0]["content"])
        again = simulator.post("/v1/chat/completions", body).json
        self.assertEqual(openai, again, "the same request gets the same answer")

    def test_options(self):
        simulator = self.simulate("--say", "ahoy", "--tokens", "6", "--first-token", "5ms",
                                  "--between-tokens", "1ms")
        answer = simulator.post("/api/chat", {"model": "m", "messages": HELLO})
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual("".join(line["message"]["content"] for line in lines).split(),
                         ["ahoy"] * 3)
        self.assertEqual((lines[-1]["done"], lines[-1]["eval_count"]), (True, 6))

    def test_runs_of_a_server(self):
        simulator = self.simulate("--say", "[FINAL] all berths are free")
        for provider, path in (("openai", "/v1"), ("anthropic", ""), ("ollama", "")):
            with self.subTest(provider):
                server = self.serve(data=self.directory / provider,
                                    config=self.config(CONFIG % (provider, simulator.url + path)))
                run = server.start(server.make_persona(tools=("calculator",)))
                ended = server.until_ended(run)
                self.assertEqual((ended["status"], ended["output"]),
                                 ("completed", "all berths are free"), ended)
                results = [e["data"]["content"] for e in server.events(run)
                           if e["type"] == "tool_result"]
                if provider != "ollama":  # the table knows no tools of a model of that name
                    self.assertEqual(results, ["1"])
                self.assertGreater(ended["usage"]["prompt_tokens"], 0)
                server.kill()

    def test_start_and_stop(self):
        simulator = self.simulate()
        taken = e2e.run_program("simulate-model", "--listen", simulator.url.split("/")[-1])
        self.assertEqual(taken.returncode, 1)
        self.assertIn("in use", taken.stderr)
        self.assertEqual(simulator.stop(), 0)
        self.assertEqual(e2e.run_program("simulate-model", "--listen", "nowhere").returncode, 1)
        for wrong in (("--first-token", "soon"), ("--first-token", "11m"), ("--tokens", "10001"),
                      ("--tool-rounds", "-1"), ("--colour", "red")):
            with self.subTest(wrong):
                ended = e2e.run_program("simulate-model", *wrong)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(wrong[0], ended.stderr)
        self.assertIn("--between-tokens", e2e.run_program("help", "simulate-model").stdout)


if __name__ == "__main__":
    e2e.main()
