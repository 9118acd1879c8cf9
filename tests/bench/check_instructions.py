"""Fails when what a program does COUNT times takes more instructions each than it may.

Usage: check_instructions.py --most N [--count N] -- PROGRAM [ARGUMENT...]

The program gets the count as its last argument. It runs twice under callgrind, so that what it
does once (loading, starting) is left out. Instructions do not depend on what else the machine
does, which is why they are the gate and times are not.
"""

import argparse
import re
import subprocess
import sys


def instructions(command, count):
    ran = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, str(count)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    found = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or not found:
        sys.exit(f"{' '.join(command)} {count} failed under callgrind:\n{ran.stderr}")
    return int(found.group(1))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--most", type=int, required=True)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("command", nargs="+")
    given = options.parse_args()
    once = instructions(given.command, given.count)
    thrice = instructions(given.command, 3 * given.count)
    each = (thrice - once) / (2 * given.count)
    print(f"{each:.0f} instructions each, at most {given.most}")
    return 0 if each <= given.most else 1


if __name__ == "__main__":
    sys.exit(main())
