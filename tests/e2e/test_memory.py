"""What personas remember, looked into and changed beside a running server."""

import hashlib
import json
import urllib.parse

import e2e
import model_server

KEYS = (("ops", "key-ops", "root", "admin"), ("a", "key-a", "alice", "user"),
        ("b", "key-b", "bob", "user"))
DECISIVE = "autonomy: decisive\nself_facts:\n  - fact: I know every skerry.\n    key: waters\n"


def play(request, wire):
    """Keeps `keep KEY: TEXT` as a fact; says yes to everything."""
    if "tools" not in request:  # behind the turns: a title
        return wire.text("Short.")
    messages = [m for m in request["messages"] if m["role"] != "system"]
    if any("errand" in (m["content"] or "") for m in messages):  # a run
        return wire.text("[FINAL] It is done.")
    said = messages[-1]["content"]
    if messages[-1]["role"] == "user" and said.startswith("keep "):
        key, _, fact = said.removeprefix("keep ").partition(": ")
        return wire.calls(("remember", {"fact": fact, "key": key, "reason": "was told",
                                        "confidence": 0.95}, "c1"))
    return wire.text("Yes.")


class Memory(e2e.Case):
    def setUp(self):
        super().setUp()
        self.model = model_server.ModelServer(play)
        self.addCleanup(self.model.close)
        rows = "".join(
            f"    - {{name: {name}, sha256: {hashlib.sha256(key.encode()).hexdigest()}, "
            f"owner: {owner}, role: {role}}}\n" for name, key, owner, role in KEYS)
        for _, key, owner, _ in KEYS:
            (self.directory / owner).write_text(key + "\n")
        self.settings = self.config(
            "rates: {messages_per_minute: null, default_per_minute: null}\nauth:\n  keys:\n" + rows)
        self.server = self.serve(env=self.model.env, config=self.settings)
        self.alice, self.bob, self.admin = (
            e2e.Client(self.server.host, self.server.port, key)
            for key in ("key-a", "key-b", "key-ops"))
        self.persona = self.alice.make_persona(tools=["remember", "forget"], extra=DECISIVE)

    def say(self, client, text, user=None):
        made = client.post(f"/v1/personas/{self.persona}/conversations", {"title": "Talk"})
        self.assertEqual(made.status, 201, made)
        channel = {"channel": {"platform": "test", "platform_user_id": user}} if user else {}
        said = client.post(f"/v1/conversations/{made.json['id']}/messages",
                           {"content": text, **channel})
        self.assertIn(b"event: done", said.body, said)

    def run_errand(self, client, word):
        """Leaves an episode that belongs to the client's owner."""
        run = client.start(self.persona, f"An errand: {word}.")
        self.assertEqual(client.until_ended(run)["status"], "completed")

    def memory(self, verb, *args, owner="alice", code=0):
        ended = e2e.run_program("memory", verb, "--persona", self.persona, *args,
                                "--server", self.server.url, "--key-file", self.directory / owner)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stderr if code else ended.stdout

    def here(self, verb, *args):
        """The same on the data directory."""
        ended = e2e.run_program("memory", verb, "--persona", self.persona, *args, "--data",
                                self.data)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def test_HT_04_a_persona_is_remembered_from_its_beginning(self):
        extra = DECISIVE + "worldview:\n  - {claim: Rules at sea are written in losses.}\n"
        made = self.alice.make_persona(extra=extra)
        listed = self.alice.get(f"/v1/personas/{made}/memory").json["items"]
        self.assertEqual({entry["store"] for entry in listed},
                         {"identity", "self_facts", "worldview"})
        texts = " ".join(entry["chunk"]["text"] for entry in listed)
        self.assertIn("I know every skerry.", texts)
        self.assertIn("Rules at sea are written in losses.", texts)

    def test_beside_a_running_server(self):
        self.say(self.alice, "keep boat: The user sails a sloop.")
        self.say(self.alice, "keep boat: The user sails a ketch.")
        locked = e2e.run_program("memory", "list", "--persona", self.persona, "--data", self.data)
        self.assertEqual(locked.returncode, 1)
        self.assertRegex(locked.stderr, r"process \d+ uses it.*--server URL")

        listed = self.memory("list")
        self.assertIn("The user sails a ketch.", listed)
        self.assertNotIn("The user sails a sloop.\n", listed)
        entries = [json.loads(line) for line in self.memory("list", "--json").splitlines()]
        boat = next(e["chunk"]["provenance"] for e in entries
                    if e["chunk"]["text"] == "The user sails a ketch.")
        history = self.memory("history", boat["logical_id"])
        self.assertEqual(len(history.splitlines()), 2, history)
        self.memory("rollback", boat["logical_id"], "1")
        self.assertIn("The user sails a sloop.", self.memory("list", "--store", "self_facts"))
        refused = self.memory("rollback", boat["logical_id"], "9", code=1)
        self.assertIn("available: 1 to 3", refused)
        audit = e2e.run_program("audit", self.persona, "--action", "rollback", "--server",
                                self.server.url, "--key-file", self.directory / "alice")
        self.assertEqual(len(audit.stdout.splitlines()), 1, audit)
        self.assertIn("by alice", audit.stdout)

        there = self.memory("export")
        whole = {verb: self.memory(verb, *more) for verb, more in
                 (("list", ("--all",)), ("history", (boat["logical_id"],)))}
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.here("export"), there)
        self.assertEqual(self.here("list", "--all"), whole["list"])
        self.assertEqual(self.here("history", boat["logical_id"]), whole["history"])

    def test_owners_do_not_see_each_other(self):
        self.say(self.alice, "My word is ALICEWORD.", user="kari")
        self.run_errand(self.admin, "ROOTWORD")
        self.assertIn("ALICEWORD", self.memory("export"))
        self.assertNotIn("ROOTWORD", self.memory("export"))
        self.assertNotIn("root", self.memory("export"))
        self.assertIn("ROOTWORD", self.memory("export", owner="root"))
        self.assertNotIn("ALICEWORD", self.memory("list", "--owner", "root", owner="root"))
        for verb, more in (("list", ()), ("history", ("waters",)), ("rollback", ("waters", "1")),
                           ("export", ()), ("purge", ("--yes",))):
            self.assertIn("persona_not_found", self.memory(verb, *more, owner="bob", code=1))
        self.assertIn("must be your own", self.memory("list", "--owner", "root", code=1))
        path = f"/v1/personas/{self.persona}"
        self.assert_error(self.alice.get(f"{path}/memory?owner=root"), 422, "validation_error")
        for target in (f"{path}/memory", f"{path}/audit"):
            self.assert_error(self.bob.get(target), 404, "persona_not_found")
            self.assertNotIn(b"ROOTWORD", self.alice.get(target + "?limit=200").body)

    def test_a_purge(self):
        self.say(self.alice, "My word is KARIWORD.", user="kari")
        self.say(self.alice, "My word is OLAWORD.", user="ola")
        self.run_errand(self.admin, "ROOTWORD")
        path = f"/v1/personas/{self.persona}/memory"
        self.assert_error(self.alice.call("DELETE", path), 422, "validation_error")
        self.assert_error(self.alice.call("DELETE", path + "?confirm=yes&usr=ola"), 422,
                          "validation_error")
        self.assertIn("--yes", self.memory("purge", code=2))
        self.assertRegex(self.memory("purge", "--user", "kari", "--yes"),
                         r"^1 chunks of 1 scopes removed\n$")
        left = self.memory("export", owner="root")
        self.assertNotIn("KARIWORD", left)
        self.assertIn("OLAWORD", left)
        # A talk goes on after it, and is reminded of nothing that is gone.
        self.say(self.alice, "KARIWORD?", user="kari")
        prompt = json.dumps(self.model.requests[-2:])
        self.assertNotIn("My word is KARIWORD", prompt)
        self.memory("purge", "--yes")
        self.assertNotIn("OLAWORD", self.memory("export"))
        self.assertIn("ROOTWORD", self.memory("export", owner="root"))
        self.server.stop()
        self.assertNotIn("OLAWORD", self.here("export"))

    def test_more_than_a_page(self):
        for number in range(60):
            self.say(self.alice, f"Number {number}.", user=f"user {number}/ø")
        path = f"/v1/personas/{self.persona}/memory?store=episodic&limit=7"
        texts, cursor = [], ""
        while cursor is not None:
            page = self.alice.get(path + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            self.assertEqual(page.status, 200, page)
            self.assertLessEqual(len(page.json["items"]), 7)
            texts += [item["chunk"]["text"] for item in page.json["items"]]
            cursor = page.json["next_cursor"]
        self.assertEqual((len(texts), len(set(texts))), (60, 60))
        self.assertEqual(len(self.memory("list", "--store", "episodic").splitlines()), 60)


if __name__ == "__main__":
    e2e.main()
