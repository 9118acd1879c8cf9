#!/usr/bin/env python3
"""Plants known defects one by one and checks that the test bearing the id notices each.

By hand: tests/checks/plant_defects.py [--only TEXT] [--tree SCRATCH --build BUILD]

Works in a scratch worktree of HEAD, never in the tree that it is called in. `--tree` names a copy
that was made before (it is changed and put back, file by file), `--build` its build directory.
Exit 0: every defect was noticed. See docs/defects.md and, for the format, defects.txt.
"""

import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SECONDS_MAX = 300  # of one test program


@dataclasses.dataclass
class Defect:
    name: str
    file: str = ""
    ids: tuple = ()
    test: str = ""
    before: str = ""
    after: str = ""


def read_defects(path):
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            found.append(Defect(line[3:]))
            continue
        defect = found[-1]
        if line[0] == "-":
            defect.before += line[1:] + "\n"
        elif line[0] == "+":
            defect.after += line[1:] + "\n"
        else:
            key, _, value = line.partition(" ")
            if key not in ("file", "ids", "test"):
                sys.exit(f"{path}:{number}: unknown key {key}")
            setattr(defect, key, tuple(value.split()) if key == "ids" else value.strip())
    for defect in found:
        if not (defect.file and defect.ids and defect.test and defect.before):
            sys.exit(f"{path}: {defect.name} is incomplete")
    return found


class Scratch:
    def __init__(self, tree, build):
        self.tree = tree
        self.build = build

    def make(self, targets):
        done = subprocess.run(["ninja", "-C", str(self.build), *sorted(targets)],
                              capture_output=True, text=True)
        return "" if done.returncode == 0 else done.stdout[-3000:]

    def run(self, test, spec_id):
        """'passed', 'failed' or 'missing' for the cases of a test program that bear an id."""
        try:
            done = subprocess.run([str(self.build / test), f"*{spec_id} *"], cwd=self.tree,
                                  capture_output=True, text=True, timeout=SECONDS_MAX,
                                  errors="replace")
        except subprocess.TimeoutExpired:
            return "failed"
        if "No test cases matched" in done.stdout or "No tests ran" in done.stdout:
            return "missing"
        return "passed" if done.returncode == 0 else "failed"

    def check(self, defect):
        """Whether the defect is noticed: 'noticed', or what went wrong."""
        path = self.tree / defect.file
        sound = path.read_text()
        if sound.count(defect.before) != 1:
            return f"BROKEN: its text is found {sound.count(defect.before)} times"
        try:
            path.write_text(sound.replace(defect.before, defect.after))
            if errors := self.make({target_of(defect)}):
                return "BROKEN: does not compile\n" + errors
            passed = [i for i in defect.ids if self.run(defect.test, i) != "failed"]
        finally:
            path.write_text(sound)
        return "SURVIVED " + " ".join(passed) if passed else "noticed"


def target_of(defect):
    return defect.test.rsplit("/", 1)[-1]


def check_sound(scratch, defects):
    """Without a defect every test passes, else its failure would say nothing."""
    if errors := scratch.make({target_of(d) for d in defects}):
        sys.exit("the tree does not build:\n" + errors)
    for test, spec_id in sorted({(d.test, i) for d in defects for i in d.ids}):
        if (state := scratch.run(test, spec_id)) != "passed":
            sys.exit(f"{test}: tests of {spec_id} are {state} without any defect")


def plant_all(scratch, defects):
    check_sound(scratch, defects)
    survivors = 0
    for defect in sorted(defects, key=lambda d: (d.test, d.file)):
        begin = time.monotonic()
        verdict = scratch.check(defect)
        survivors += verdict != "noticed"
        print(f"{verdict:10} {time.monotonic() - begin:5.0f} s  {' '.join(defect.ids):16} "
              f"{defect.name}  ({defect.file})", flush=True)
    scratch.make({target_of(d) for d in defects})
    print(f"{len(defects) - survivors} of {len(defects)} defects were noticed")
    return survivors


def in_new_worktree(defects):
    with tempfile.TemporaryDirectory(prefix="defects-") as folder:
        tree = pathlib.Path(folder) / "tree"
        top = HERE.parent.parent
        subprocess.run(["git", "-C", str(top), "worktree", "add", "-q", "--detach", str(tree)],
                       check=True)
        try:
            subprocess.run(["cmake", "--preset", "dev"], cwd=tree, check=True,
                           stdout=subprocess.DEVNULL)
            return plant_all(Scratch(tree, tree / "build" / "dev"), defects)
        finally:
            subprocess.run(["git", "-C", str(top), "worktree", "remove", "--force", str(tree)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="defects whose name, id or program contains this")
    parser.add_argument("--tree", type=pathlib.Path, help="a scratch copy of the tree")
    parser.add_argument("--build", type=pathlib.Path, help="its build directory")
    args = parser.parse_args()
    defects = [d for d in read_defects(HERE / "defects.txt")
               if args.only in " ".join((d.name, d.test, *d.ids))]
    if args.tree:
        tree = args.tree.resolve()
        build = (args.build or tree / "build" / "dev").resolve()
        sys.exit(1 if plant_all(Scratch(tree, build), defects) else 0)
    sys.exit(1 if in_new_worktree(defects) else 0)


if __name__ == "__main__":
    main()
