"""Personas over HTTP and in folders: edits, consent, granted tools, files kept in step."""

import e2e

DOCUMENT = """# Keeps the berths.
identity:
  name: {name}
  role: clerk
  background: Keeps the berth book.
tools: [calculator]
"""


class Personas(e2e.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.directory / "personas"
        self.folder.mkdir()
        self.settings = self.config(f"personas: {{dirs: [{self.folder}]}}\n")

    def start(self):
        return self.serve(config=self.settings)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def patch(self, server, target, body):
        return server.call("PATCH", target, body)

    def names(self, server):
        return {p["name"]: p["id"] for p in server.get("/v1/personas").json}

    def test_files_are_kept_in_step(self):
        self.write("clerk.yaml", DOCUMENT.format(name="Mira"))
        self.write("wrong.yaml", "identity:\n  nmae: X\n")
        server = self.start()
        first = self.names(server)
        self.assertEqual(list(first), ["Mira"])
        server.stop()
        self.assertRegex(server.said, r"wrong\.yaml:2: identity\.nmae")
        self.assertIn(first["Mira"], server.said)

        server = self.start()
        self.assertEqual(self.names(server), first)
        server.stop()
        self.assertIn("1 unchanged", server.said)

        self.write("clerk.yaml", DOCUMENT.format(name="Odd"))
        server = self.start()
        self.assertEqual(self.names(server), {"Odd": first["Mira"]})
        server.stop()

        # A mistake in a file leaves the persona as it was; so does taking the file away.
        self.write("clerk.yaml", "identity: 7\n")
        server = self.start()
        self.assertEqual(self.names(server), {"Odd": first["Mira"]})
        server.stop()
        (self.folder / "clerk.yaml").unlink()
        server = self.start()
        self.assertEqual(self.names(server), {"Odd": first["Mira"]})

    def test_folder_that_is_not_there(self):
        self.folder.rmdir()
        ended = e2e.run_program("serve", "--listen", "127.0.0.1:0", "--data", self.data,
                                "--config", self.settings)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("personas.dirs", ended.stderr)

    def test_edits(self):
        server = self.start()
        persona = server.make_persona(name="Mira")
        path = f"/v1/personas/{persona}"
        before = server.get(path).json
        wrong = self.patch(server, path, {"yaml": "identity:\n  name: Odd\n  rolle: x\n"})
        self.assert_error(wrong, 422, "validation_error")
        self.assertIn((3, "identity.rolle"), [(p["line"], p["path"]) for p in wrong.json["detail"]])
        self.assertEqual(server.get(path).json, before)

        after = self.patch(server, path, {"yaml": DOCUMENT.format(name="Odd"),
                                          "avatar_url": "https://example.org/odd.png"})
        self.assertEqual(after.status, 200, after)
        self.assertIn("name: Odd", after.json["yaml"])
        self.assertIn("# Keeps the berths.", after.json["yaml"])
        self.assertEqual(after.json["created_at"], before["created_at"])
        self.assertGreater(after.json["updated_at"], before["updated_at"])
        again = self.patch(server, path, {"yaml": DOCUMENT.format(name="Odd")})
        self.assertEqual(again.json["avatar_url"], "https://example.org/odd.png")
        self.assert_error(self.patch(server, "/v1/personas/persona_x", {"yaml": "a: b"}), 404,
                          "persona_not_found")

    def test_consent_and_tools(self):
        server = self.start()
        persona = server.make_persona(tools=["calculator"])
        path = f"/v1/personas/{persona}"
        for given in (True, None, False):
            answer = self.patch(server, f"{path}/consent", {"granted": given})
            self.assertEqual(answer.json["consent_to_auto_dispatch"], given)
            self.assertRegex(answer.json["consent_updated_at"], r"^20\d\d-")
        granted = server.post(f"{path}/tools", {"tool_name": "datetime", "turn_index": 0})
        self.assertIn('"datetime"', granted.json["yaml"])
        self.assertEqual(server.post(f"{path}/tools", {"tool_name": "datetime"}).json, granted.json)
        self.assertEqual(granted.json["consent_to_auto_dispatch"], False)
        refused = server.post(f"{path}/tools", {"tool_name": "no_such_tool"})
        self.assert_error(refused, 403, "tool_not_allowed")
        server.kill()
        server = self.start()
        self.assertEqual(server.get(path).json, granted.json)


if __name__ == "__main__":
    e2e.main()
