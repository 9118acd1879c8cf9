#!/usr/bin/env python3
"""Fails when docs/acceptance.md says of a line that has a test that it has none, or names a test
that is not there.

Usage: check_acceptance.py ROOT | --self-test
"""
import pathlib, re, sys, tempfile

LINE = re.compile(r"\b(?:AC-)?[A-Z]{1,6}[0-9]{0,2}-[0-9]{2}\b")


def names_of(root):
    """Names of tests, as far as they stand in quotes or are functions; labels of tables too."""
    names = set()
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix == ".cpp":
            text = re.sub(r'"\s*\n\s*"', "", path.read_text())
            names.update(re.findall(r'(?:TEST_CASE(?:_METHOD)?\((?:\w+,\s*)?|\{)"([^"\n]+)"', text))
        elif path.suffix == ".py":
            names.update(re.findall(r"def (test_\w+)", path.read_text()))
    names.update("style." + path.stem[6:] for path in (root / "tests/checks").glob("check_*.py"))
    return names


def rows_of(page):
    for number, line in enumerate(page.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2 and LINE.match(cells[0]):
            yield number, LINE.findall(cells[0]), re.findall(r"`([^`]+)`", cells[1])


def violations(root):
    names = names_of(root)
    tested = {found for name in names for found in LINE.findall(name.replace("_", "-"))}
    for number, lines, quoted in rows_of((root / "docs/acceptance.md").read_text()):
        for line in lines:
            if line in tested:
                yield f"docs/acceptance.md:{number}: a test is named after {line}"
        for name in quoted:
            if " " in name or name.startswith(("test_", "style.")):
                if not any(known.startswith(name) for known in names):
                    yield f"docs/acceptance.md:{number}: no test is called \"{name}\""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tests/checks").mkdir(parents=True)
        (root / "docs").mkdir()
        (root / "tests/a_test.cpp").write_text('TEST_CASE("AGT-07 it\\n"\n"holds", "[a]") {}\n')
        (root / "tests/b.py").write_text("def test_SE_01_a_turn(self): pass\n")
        page = root / "docs/acceptance.md"
        page.write_text("| AGT-08 | `AGT-07 it` |\n| SE-02 | `test_SE_01_a_turn` |\n")
        assert not list(violations(root)), list(violations(root))
        page.write_text("| AGT-07, SE-01 | D-1 |\n| AGT-09 | `nobody wrote it` |\n")
        assert len(list(violations(root))) == 3, list(violations(root))


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    found = list(violations(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
