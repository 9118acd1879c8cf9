"""Tasks in other words than those that the rehearsal model was made with: other numbers, dates,
units, file names and orders. Each runs through the real program; files and answers are compared.

What the stand-in cannot do it says, and leaves the files as they are.
"""

import json
import pathlib

import e2e


class Paraphrases(e2e.Case):
    def play(self, entry):
        workspace = self.directory / "files"
        for path, text in entry.get("files", {}).items():
            (workspace / path).parent.mkdir(parents=True, exist_ok=True)
            (workspace / path).write_text(text)
        command = ["run", "--persona", e2e.HARBOUR_MASTER, "--task", entry["task"], "--json"]
        for text in entry.get("answers", []):
            command += ["--answer", text]
        ended = e2e.run_program(*command, env={"PERSONA_TOOLS_SANDBOX_ROOT": workspace},
                                cwd=self.directory)
        return ended, workspace

    def problems_of(self, entry):
        ended, workspace = self.play(entry)
        if ended.returncode != 0:
            return [f"exit {ended.returncode}: {ended.stderr[-300:]} {ended.stdout[-300:]}"]
        events = [json.loads(line) for line in ended.stdout.splitlines()]
        output = "".join(e["data"]["output"] or "" for e in events if e["type"] == "completed")
        found = [f"{wanted!r} is not in the answer {output!r}"
                 for wanted in entry.get("in_answer", []) if wanted not in output]
        for path, wanted in entry.get("in_files", {}).items():
            file = workspace / path
            text = file.read_text() if file.is_file() else None
            found += [f"{want!r} is not in {path}: {text!r}; answer {output!r}"
                      for want in wanted if text is None or want not in text]
        found += [f"{path} was made; answer {output!r}"
                  for path in entry.get("not_made", []) if (workspace / path).exists()]
        if entry.get("asks", False) != any(e["type"] == "asking_user" for e in events):
            found.append(f"asked without need, or did not ask; answer {output!r}")
        return found


def test_of(entry):
    def test(self):
        self.assertEqual(self.problems_of(entry), [], entry["task"])
    return test


for number, entry_ in enumerate(
        json.loads((pathlib.Path(__file__).parent / "paraphrases.json").read_text())):
    name_ = f"test_{number + 1:02}_{entry_['name'].replace(' ', '_').replace(',', '')}"
    setattr(Paraphrases, name_, test_of(entry_))


if __name__ == "__main__":
    e2e.main()
