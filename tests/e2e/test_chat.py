"""Conversations over HTTP: turns as streams, viewers, cancels, kill -9."""

import base64
import json
import threading

import e2e
import model_server

TOOL = """#!/bin/sh
# Notes the call's idempotency key, then waits as long as the file `hold` is there.
key=$(sed -n 's/.*"idempotency_key": *"\\([^"]*\\)".*/\\1/p')
echo "$1 $key" >> "$2/calls"
while [ -e "$2/hold" ]; do sleep 0.02; done
printf "%s is done" "$1"
"""

CONFIG = """
tools:
  - {{name: look, description: Looks., kind: command, sandbox: none, effect: read_only,
     command: [sh, {script}, look, {notes}]}}
  - {{name: pay, description: Pays., kind: command, sandbox: none,
     command: [sh, {script}, pay, {notes}]}}
"""

DECISIVE = "autonomy: decisive\n"


def text_of(message):
    """What it says, beside its images."""
    said = message["content"]
    return said if isinstance(said, str) else next(p["text"] for p in said if p["type"] == "text")


def of_turn(request):
    """The messages of this turn: the last one of the user and what follows it."""
    messages = request["messages"]
    last = max(i for i, m in enumerate(messages)
               if m["role"] == "user" and not text_of(m).startswith("("))
    return messages[last:]


class Chats(e2e.Case):
    def setUp(self):
        super().setUp()
        self.gate = None  # threading.Event that an answer waits for behind its first words
        self.model = model_server.ModelServer(self.play)
        self.addCleanup(self.model.close)
        self.notes = self.directory / "notes"
        self.notes.mkdir()
        script = self.directory / "tool.sh"
        script.write_text(TOOL)
        self.settings = self.config(CONFIG.format(script=script, notes=self.notes))
        self.start()

    def play(self, request, wire):
        if "tools" not in request:  # behind the turns: a title, a summary
            return wire.text("Short.")
        turn = of_turn(request)
        said = text_of(turn[0])
        if said == "refuse":
            return wire.status(401, '{"error": {"message": "key sk-secret-123 is wrong"}}')
        if said.startswith("use ") and len(turn) == 1:
            return wire.calls((said.split()[1], {}, "c1"), text="I go. ")
        wire.chunk({"content": "You said "})
        if self.gate is not None and not wire.wait_for(self.gate):
            return None
        wire.chunk({"content": f"{said}."})
        wire.end()
        return None

    def start(self, model="test-model"):
        self.server = self.serve(env=self.model.env | {"PERSONA_MODEL": model},
                                 config=self.settings)
        return self.server

    def kill_and_restart(self):
        self.server.kill()
        self.gate = None
        return self.start()

    def converse(self, **fields):
        persona = self.server.make_persona(tools=["look", "pay"], extra=DECISIVE)
        made = self.server.post(f"/v1/personas/{persona}/conversations", fields)
        self.assertEqual(made.status, 201, made)
        return made.json["id"]

    def say(self, talk, content, headers=None, **fields):
        return e2e.EventStream(*self.server._send(
            "POST", f"/v1/conversations/{talk}/messages", {"content": content, **fields}, headers,
            e2e.PATIENCE))

    def watch(self, talk, after=None):
        query = "" if after is None else f"?after={after}"
        return e2e.EventStream(*self.server._send(
            "GET", f"/v1/conversations/{talk}/active-turn/events{query}", None, None, e2e.PATIENCE))

    def frames(self, stream):
        with stream:
            self.assertEqual(stream.status, 200)
            return list(stream)

    def messages(self, talk):
        return self.server.get(f"/v1/conversations/{talk}").json["messages"]

    def active(self, talk):
        return self.server.get(f"/v1/conversations/{talk}/active-turn")

    def until_said(self, talk, text):
        def check():
            answer = self.active(talk)
            return answer.json if answer.status == 200 and answer.json["content"] == text else None
        return e2e.until(check, f"the turn has said {text!r}")

    def noted(self):
        path = self.notes / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def assert_dense(self, frames, first=0):
        ids = [int(frame.id) for frame in frames]
        self.assertEqual(ids, list(range(first, first + len(ids))))

    def test_SE_01_SE_03_SE_04_HT_09_a_turn(self):
        talk = self.converse(title="Berths")
        frames = self.frames(self.say(talk, "hello"))
        self.assert_dense(frames)
        names = [frame.event for frame in frames]
        self.assertEqual(names[:4], ["memory_recall"] * 4)
        self.assertEqual(names[-1], "done")
        self.assertEqual(set(names[4:-1]), {"chunk"})  # none that tells the tier, either
        text = "".join(f.json["delta"] for f in frames if f.event == "chunk")
        self.assertEqual(text, "You said hello.")
        done = frames[-1].json
        user, answer = self.messages(talk)
        self.assertEqual((done["user_message_id"], done["message_id"]), (user["id"], answer["id"]))
        self.assertEqual(done["usage"], {"prompt_tokens": 20, "completion_tokens": 5})
        self.assertEqual((user["role"], user["content"], user["events"]), ("user", "hello", None))
        self.assertEqual((answer["role"], answer["content"]), ("assistant", "You said hello."))
        self.assertEqual((answer["streaming_status"], answer["tier_used"]), ("complete", done["tier"]))
        kinds = [entry.get("type", entry.get("kind")) for entry in answer["events"]]
        self.assertEqual(kinds[:4], ["memory_recall"] * 4)
        self.assertEqual(set(kinds[4:]), {"text"})

    def test_history_is_sent_and_listed(self):
        talk = self.converse(title="Berths")
        for content in ("one", "two", "three"):
            self.frames(self.say(talk, content))
        sent = [m["content"] for m in self.model.requests[-1]["messages"][1:]]
        self.assertEqual(sent, ["one", "You said one.", "two", "You said two.", "three"])
        page = self.server.get(f"/v1/conversations/{talk}/messages?limit=2").json
        self.assertEqual([m["content"] for m in page["items"]], ["three", "You said three."])
        older = self.server.get(
            f"/v1/conversations/{talk}/messages?limit=10&before={page['next_before']}").json
        self.assertEqual([m["content"] for m in older["items"]],
                         ["one", "You said one.", "two", "You said two."])
        self.assertIsNone(older["next_before"])
        found = self.server.get(f"/v1/conversations/{talk}/messages?q=SAID%20two").json
        self.assertEqual([m["content"] for m in found["items"]], ["You said two."])
        listed = self.server.get("/v1/conversations").json
        self.assertEqual([(c["id"], c["last_message_preview"], c["last_message_role"])
                          for c in listed], [(talk, "You said three.", "assistant")])
        turns = self.server.get(f"/v1/conversations/{talk}/turns").json
        self.assertEqual([t["turn_index"] for t in turns], [4, 2, 0])

    def test_HT_10_a_channel_comes_back(self):
        talk = self.converse(title="Berths")
        channel = {"platform": "web", "platform_user_id": "u7", "metadata": {"b": 1, "a": [2]}}
        self.frames(self.say(talk, "hello", channel=channel))
        self.assertEqual(self.messages(talk)[0]["channel"], channel)

    def test_bad_requests(self):
        talk = self.converse(title="Berths")
        target = f"/v1/conversations/{talk}/messages"
        for body in ({}, {"content": ""}, {"content": 5}, {"content": "x", "mood": "good"},
                     {"content": "x", "channel": {}}, {"content": "x", "channel": "web"},
                     {"content": "x", "channel": {"platform": "web", "colour": "red"}}):
            with self.subTest(body=body):
                self.assert_error(self.server.post(target, body), 422, "validation_error")
        self.assert_error(self.server.post(target, "{"), 400, "malformed_json")
        for query in ("limit=0", "limit=201", "before=-1", "before=x", "q="):
            with self.subTest(query=query):
                self.assert_error(self.server.get(f"{target}?{query}"), 422, "validation_error")
        self.assertEqual(self.messages(talk), [])
        unknown = "/v1/conversations/conv_nobody"
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/messages"), ("GET", "/turns"),
                             ("GET", "/active-turn"), ("GET", "/active-turn/events")):
            self.assert_error(self.server.call(method, unknown + path), 404,
                              "conversation_not_found")
        self.assert_error(self.server.post(f"{unknown}/messages", {"content": "x"}), 404,
                          "conversation_not_found")
        self.assert_error(self.active(talk), 404, "turn_not_active")
        self.assert_error(self.server.get(f"/v1/conversations/{talk}/active-turn/events"), 404,
                          "turn_not_active")
        self.assert_error(self.server.post(f"/v1/conversations/{talk}/active-turn/cancel", {}), 404,
                          "turn_not_active")

    def answer_again(self, talk):
        return e2e.EventStream(*self.server._send(
            "POST", f"/v1/conversations/{talk}/regenerate", {}, None, e2e.PATIENCE))

    def test_an_answer_is_given_anew(self):
        talk = self.converse(title="Berths")
        target = f"/v1/conversations/{talk}/regenerate"
        self.assert_error(self.server.post(target, {}), 404, "turn_not_active")
        self.frames(self.say(talk, "hello", channel={"platform": "web", "platform_user_id": "u7"}))
        self.assert_error(self.server.post(target, {"mood": "better"}), 422, "validation_error")
        frames = self.frames(self.answer_again(talk))
        self.assertEqual(frames[-1].event, "done")
        self.assertEqual([(m["content"], m["streaming_status"]) for m in self.messages(talk)],
                         [("hello", "replaced"), ("You said hello.", "replaced"),
                          ("hello", "complete"), ("You said hello.", "complete")])
        self.assertEqual(self.messages(talk)[2]["channel"]["platform_user_id"], "u7")
        self.frames(self.say(talk, "and now?"))
        sent = [text_of(m) for m in self.model.requests[-1]["messages"][1:]]
        self.assertEqual(sent, ["hello", "You said hello.", "and now?"])
        self.kill_and_restart()
        self.frames(self.say(talk, "still?"))
        sent = [text_of(m) for m in self.model.requests[-1]["messages"][1:]]
        self.assertEqual(sent, ["hello", "You said hello.", "and now?", "You said and now?.",
                                "still?"])

    def test_a_conversation_forks(self):
        talk = self.converse(title="Berths")
        for said in ("one", "two"):
            self.frames(self.say(talk, said))
        messages = self.messages(talk)
        target = f"/v1/conversations/{talk}/fork"
        for body in ({}, {"message_id": "msg_9"}, {"message_id": messages[2]["id"], "x": 1}):
            self.assert_error(self.server.post(target, body), 422, "validation_error")
        self.assert_error(self.server.post("/v1/conversations/conv_9/fork",
                                           {"message_id": messages[2]["id"]}), 404,
                          "conversation_not_found")
        made = self.server.post(target, {"message_id": messages[2]["id"]})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(made.json["title"], "Berths")
        other = made.json["id"]
        self.assertEqual([m["content"] for m in self.messages(other)], ["one", "You said one."])
        self.frames(self.say(other, "three"))  # the edited message
        sent = [text_of(m) for m in self.model.requests[-1]["messages"][1:]]
        self.assertEqual(sent, ["one", "You said one.", "three"])
        self.assertEqual(len(self.messages(talk)), 4)

    def test_images_of_a_message(self):
        image = {"url": "data:image/png;base64," + base64.b64encode(b"p" * 3_000_000).decode()}
        talk = self.converse(title="Berths")
        refused = self.server.post(f"/v1/conversations/{talk}/messages",
                                   {"content": "look", "images": [image]})
        self.assert_error(refused, 422, "validation_error")  # no tier takes images
        self.assertEqual(self.messages(talk), [])
        self.server.kill()
        self.start(model="gpt-4o")
        frames = self.frames(self.say(talk, "what is this?", images=[image]))
        self.assertEqual(frames[-1].event, "done")
        said = [m for m in self.model.requests[-1]["messages"] if not isinstance(m["content"], str)]
        self.assertEqual([part["image_url"]["url"] for part in said[-1]["content"]
                          if part["type"] == "image_url"], [image["url"]])
        self.frames(self.say(talk, "and now?"))  # its bytes were for that turn alone
        self.assertNotIn("image_url", json.dumps(self.model.requests[-1]))

    def test_bad_images(self):
        talk = self.converse(title="Berths")
        target = f"/v1/conversations/{talk}/messages"
        good = {"url": "data:image/gif;base64,aGk="}
        for images in ([], "x", [{}], [{"url": "https://host/x.png"}], [{**good, "alt": "x"}],
                       [{"url": "data:image/bmp;base64,aGk="}], [{"url": "data:image/png;base64,"}],
                       [{"url": "data:image/png;base64,a"}], [good] * 17):
            with self.subTest(images=images):
                answer = self.server.post(target, {"content": "x", "images": images})
                self.assert_error(answer, 422, "validation_error")
        large = json.dumps({"content": "x", "images": [good], "y": "z" * (21 << 20)})
        answer = self.server.raw(f"POST {target} HTTP/1.1\r\nHost: localhost\r\n"
                                 "Content-Type: application/json\r\n"
                                 f"Content-Length: {len(large)}\r\n\r\n".encode())
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])

    def test_HT_13_one_turn_at_a_time(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        with self.say(talk, "hello") as stream:
            self.until_said(talk, "You said ")
            before = self.messages(talk)
            self.assert_error(self.server.post(f"/v1/conversations/{talk}/messages",
                                               {"content": "again"}), 409, "turn_already_active")
            self.assertEqual(self.messages(talk), before)
            self.assertEqual(len(before), 2)
            self.gate.set()
            self.assertEqual(list(stream)[-1].event, "done")

    def test_SE_07_SE_08_viewers_join_and_leave(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        first = self.say(talk, "hello")
        so_far = self.until_said(talk, "You said ")
        self.assertEqual(so_far["streaming_status"], "running")
        first.close()  # stops nothing
        whole, rest = self.watch(talk), self.watch(talk, so_far["last_event_id"])
        self.gate.set()
        whole, rest = self.frames(whole), self.frames(rest)
        self.assert_dense(whole)
        self.assert_dense(rest, so_far["last_event_id"] + 1)
        self.assertEqual([f.data for f in whole[so_far["last_event_id"] + 1:]],
                         [f.data for f in rest])
        text = so_far["content"] + "".join(f.json["delta"] for f in rest if f.event == "chunk")
        self.assertEqual(text, "You said hello.")
        self.assertEqual(self.messages(talk)[1]["content"], text)
        self.assertEqual(len(self.server.get(f"/v1/conversations/{talk}/turns").json), 1)
        usage = self.server.get("/v1/usage").json["total"]
        self.assertEqual((usage["model_calls"], usage["prompt_tokens"]), (1, 20))

    def test_SE_06_cancel_keeps_the_partial_text(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        stream = self.say(talk, "hello")
        self.until_said(talk, "You said ")
        answer = self.server.post(f"/v1/conversations/{talk}/active-turn/cancel", {"reason": "no"})
        self.assertEqual((answer.status, answer.json), (202, {"status": "cancelling"}))
        frames = self.frames(stream)
        self.assertEqual((frames[-1].event, frames[-1].json), ("cancelled", {"reason": "no"}))
        message = self.messages(talk)[1]
        self.assertEqual((message["streaming_status"], message["content"]),
                         ("cancelled", "You said "))
        self.gate = None
        self.assertEqual(self.frames(self.say(talk, "again"))[-1].event, "done")

    def test_HT_18_a_refused_key_is_told_without_the_providers_words(self):
        talk = self.converse(title="Berths")
        with self.say(talk, "refuse") as stream:
            frames = list(stream)
        self.assertEqual(frames[-1].event, "error")
        self.assertEqual(frames[-1].json["kind"], "provider_auth_failed")
        for frame in frames:
            self.assertNotIn("sk-secret", frame.data)
        self.assertEqual(self.messages(talk)[1]["streaming_status"], "error")

    def test_no_model(self):
        self.server.kill()
        self.server = self.serve()
        persona = self.server.make_persona()
        talk = self.server.post(f"/v1/personas/{persona}/conversations", {}).json["id"]
        self.assert_error(self.server.post(f"/v1/conversations/{talk}/messages",
                                           {"content": "hello"}), 503, "model_unavailable")
        self.assertEqual(self.messages(talk), [])

    def test_delete(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        stream = self.say(talk, "hello")
        self.until_said(talk, "You said ")
        self.assertEqual(self.server.call("DELETE", f"/v1/conversations/{talk}").status, 204)
        self.assertEqual(self.frames(stream)[-1].event, "cancelled")
        self.assert_error(self.server.call("DELETE", f"/v1/conversations/{talk}"), 404,
                          "conversation_not_found")
        self.assertEqual(self.server.get("/v1/conversations").json, [])

    def test_killed_between_turns(self):
        talk = self.converse(title="Berths")
        self.frames(self.say(talk, "one"))
        before = self.messages(talk)
        self.kill_and_restart()
        self.assertEqual(self.messages(talk), before)
        self.frames(self.say(talk, "two"))
        sent = [m["content"] for m in self.model.requests[-1]["messages"][1:]]
        self.assertEqual(sent, ["one", "You said one.", "two"])

    def test_killed_during_a_turn(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        stream = self.say(talk, "hello")
        self.until_said(talk, "You said ")
        self.kill_and_restart()
        stream.close()
        e2e.until(lambda: self.active(talk).status == 404, "the old turn is ended")
        message = self.messages(talk)[1]
        self.assertEqual((message["streaming_status"], message["content"]),
                         ("interrupted", "You said "))
        again = self.messages(talk)
        self.kill_and_restart()
        self.assertEqual(self.messages(talk), again, "a second sweep changes nothing")
        self.assertEqual(self.frames(self.say(talk, "again"))[-1].event, "done")
        self.assertEqual(len(self.messages(talk)), 4)

    def tool_killed(self, name):
        talk = self.converse(title="Berths")
        (self.notes / "hold").touch()
        stream = self.say(talk, f"use {name}")
        e2e.until(lambda: len(self.noted()) == 1, "the tool has begun")
        self.kill_and_restart()
        stream.close()
        (self.notes / "hold").unlink()
        e2e.until(lambda: self.active(talk).status == 404, "the old turn is ended")
        message = self.messages(talk)[1]
        self.assertEqual((message["streaming_status"], message["content"]),
                         ("interrupted", "I go. "))
        result = next(e for e in message["events"] if e.get("type") == "tool_result")
        self.assertTrue(result["data"]["is_error"])
        self.assertEqual(self.noted(), [f"{name} {message['id']}/0/0"], "nothing is done twice")
        self.assertEqual(self.frames(self.say(talk, "go on"))[-1].event, "done")
        return result["data"]["content"]

    def test_killed_during_a_side_effect(self):
        self.assertIn("unknown", self.tool_killed("pay"))

    def test_killed_during_a_read_only_tool(self):
        self.assertNotIn("unknown", self.tool_killed("look"))

    def test_sigterm_lets_a_turn_end(self):
        talk = self.converse(title="Berths")
        self.gate = threading.Event()
        stream = self.say(talk, "hello")
        self.until_said(talk, "You said ")
        self.server.signal(e2e.signal.SIGTERM)
        self.gate.set()
        self.assertEqual(self.server.wait(), 0)
        stream.close()
        self.start()
        message = self.messages(talk)[1]
        self.assertEqual((message["streaming_status"], message["content"]),
                         ("complete", "You said hello."))

    def test_SE_02_SE_10_a_tool_turn(self):
        talk = self.converse(title="Berths")
        frames = self.frames(self.say(talk, "use look"))
        self.assert_dense(frames)
        names = [frame.event for frame in frames if frame.event != "chunk"]
        self.assertEqual(names[4:], ["tool_calling", "activity_start", "activity_end",
                                     "tool_result", "done"])
        calling = next(f.json for f in frames if f.event == "tool_calling")
        self.assertEqual(calling["tool_names"], "look")
        result = next(f.json for f in frames if f.event == "tool_result")
        self.assertIs(result["is_error"], False)
        for absent in ("error", "produced_files", "artifacts"):
            self.assertNotIn(absent, result)
        self.assertEqual(self.noted(), [f"look {frames[-1].json['message_id']}/0/0"])
        self.assertEqual(self.messages(talk)[1]["content"], "You said use look.")

    def test_a_title_is_made(self):
        talk = self.converse()
        self.frames(self.say(talk, "hello"))

        def title():
            return self.server.get(f"/v1/conversations/{talk}").json["title"]
        e2e.until(lambda: title() == "Short.", "the title is there")
        self.assertEqual(json.loads(json.dumps(title())), "Short.")


if __name__ == "__main__":
    e2e.main()
