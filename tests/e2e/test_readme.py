"""The commands of README.md work as they stand there.

The ```sh blocks that talk to $SERVER are run, in one shell, against a server of the rehearsal
model, in a directory that holds nothing but `config`. The shell has `persona` on its PATH.
"""

import re
import subprocess

import e2e


class Readme(e2e.Case):
    def test_commands(self):
        text = (e2e.ROOT / "README.md").read_text()
        blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
                  if "$SERVER" in block]
        if not blocks:
            self.skipTest("README.md has no ```sh block with $SERVER")
        server = self.serve(args=["--rehearsal"])
        work = self.directory / "work"
        work.mkdir()
        (work / "config").symlink_to(e2e.ROOT / "config")
        (self.directory / "bin").mkdir()
        (self.directory / "bin" / "persona").symlink_to(e2e.program)
        env = e2e.clean_environment(SERVER=server.url)
        env["PATH"] = f"{self.directory / 'bin'}:{env['PATH']}"
        ended = subprocess.run(["sh", "-euc", "\n".join(blocks)], cwd=work, env=env,
                               capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout[-2000:] + ended.stderr[-2000:])


if __name__ == "__main__":
    e2e.main()
