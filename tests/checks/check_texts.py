#!/usr/bin/env python3
"""Fails on files that are too long, on paths of one machine, and on calls that have no place here.

Usage: check_texts.py ROOT | --self-test
"""
import pathlib, re, sys, tempfile

LINES_MAX = 600
CODE = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".in")
LEFT_OUT = {"build", ".git", "workspaces", "cases", "corpus"}
PLACES = re.compile(r"(?<![\w.~-])/(?:work|root|home/\w+|tmp/wt-\w+)/")
WORDS = [  # pattern, where it may stand, what to do instead
    (r"std::regex", "", "RE2 runs in linear time"),
    (r"\bsleep_(?:for|until)\b", "", "wait for what happens"),
    (r"\bsystem_clock::now\b", "bootstrap/", "a clock is a parameter"),
    (r"\bstd::c(?:out|err)\b", "bootstrap/|docs/|tests/", "log, or write to a stream that is a parameter"),
    (r"\[=[],]", "", "captures are named"),
]


def paths_of(root):
    for path in sorted(root.iterdir()):
        if path.name in LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir():
            yield from paths_of(path)
        else:
            yield path


def violations(root):
    for path in paths_of(root):
        name = path.relative_to(root).as_posix()
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        if path.suffix in CODE and len(lines) > LINES_MAX:
            yield f"{name}: {len(lines)} lines; at most {LINES_MAX}"
        for number, line in enumerate(lines, 1):
            if PLACES.search(line):
                yield f"{name}:{number}: a path of one machine"
            if path.suffix in (".cpp", ".hpp"):
                for pattern, where, instead in WORDS:
                    if re.search(pattern, line) and not (where and re.match(where, name)):
                        yield f"{name}:{number}: {re.search(pattern, line)[0]}: {instead}"


def self_test():
    planted = {"a.cpp": "int a;\n" * (LINES_MAX + 1), "b.hpp": "std::re" "gex r;\n",
               "c.md": "See /" "root/x.\n", "d.cpp": "auto f = [=" "] {};\n",
               "e.cpp": "std::co" "ut << 1;\n"}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "domain").mkdir()
        for name, text in planted.items():
            (root / "domain" / name).write_text(text)
        (root / "docs").mkdir()
        (root / "docs" / "e.cpp").write_text(planted["e.cpp"])
        return len(list(violations(root))) == len(planted)


if sys.argv[1] == "--self-test":
    sys.exit(0 if self_test() else "a planted violation went unseen, or too much was seen")
found = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(1 if found else 0)
