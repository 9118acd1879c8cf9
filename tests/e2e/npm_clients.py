"""The official clients of npm, pinned by tests/e2e/npm/package-lock.json.

They need Node 18 and what `npm ci` puts beside the program under test; tests that use them are
skipped, with the reason, when either is not to be had.
"""

import json
import pathlib
import shutil
import subprocess

import e2e

SOURCE = pathlib.Path(__file__).resolve().parent / "npm"


def home():
    """Where the clients are: in the build tree, so that nothing foreign lies among the sources."""
    return e2e.program.parent / "npm-clients"


def is_there(name, version):
    there = home() / "node_modules" / name / "package.json"
    return there.exists() and json.loads(there.read_text())["version"] == version


def why_none():
    """None when the clients are there, else what is missing."""
    if not shutil.which("node"):
        return "node is not installed"
    home().mkdir(exist_ok=True)
    for path in SOURCE.iterdir():
        shutil.copy(path, home() / path.name)
    wanted = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    if all(is_there(*client) for client in wanted.items()):
        return None
    if not shutil.which("npm"):
        return f"npm is not installed, and {home() / 'node_modules'} does not hold the clients"
    try:
        made = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                              cwd=home(), capture_output=True, text=True, timeout=200, check=False)
    except subprocess.TimeoutExpired:
        return "npm ci took too long: is there a network?"
    if made.returncode:
        lines = made.stderr.strip().splitlines() or ["no reason given"]
        return f"npm ci failed: {lines[-1]}"
    return None


class NodeClient:
    """One of them ("openai", "anthropic", "ollama"), talking with what serves at `url`."""

    def __init__(self, name, url):
        self.process = subprocess.Popen(
            ["node", f"{name}.mjs"], cwd=home(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env=e2e.clean_environment(BASE_URL=url),
            preexec_fn=e2e.die_with_the_test)

    def do(self, what, body=None, key=None):
        wanted = {"do": what, "body": body}
        if key:
            wanted["key"] = key
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
