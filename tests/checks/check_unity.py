#!/usr/bin/env python3
"""Fails when two files of a folder define the same name in their anonymous namespaces.

The builds with sanitizers compile several files as one (docs/testing.md), where such names meet.
Programs of one file each (tests/fuzz) are left out. Functions may share a name if their parameters
differ, but not with something that is no function.
Usage: check_unity.py ROOT | --self-test
"""
import collections, pathlib, re, sys, tempfile

FOLDERS = ["domain", "messages", "providers", "actors", "api", "load", "bootstrap",
           "tests"]
ALONE = {"tests/fuzz"}
ANONYMOUS = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.S | re.M)
ALIAS = re.compile(r"^using (\w+) =", re.M)
DEFINITION = re.compile(
    r"^(?!(?:using|typedef|namespace|struct|class|enum|template|extern|friend)\b|//|#|\})"
    r"[A-Za-z_][^\n;={]*?\b(\w+)(\(|\s*=|;|\{| \{)", re.M)


def parameters(text):
    """The types of a list of parameters that begins `text`, without their names."""
    depth = 0
    for end, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            break
    return re.sub(r" \w+(?=[,)])", "", re.sub(r"\s+", " ", text[:end + 1]))


def names_of(text):
    for body in ANONYMOUS.findall(text):
        for found in DEFINITION.finditer(body):
            is_function = found[2] == "("
            yield found[1] + (parameters(body[found.end() - 1:]) if is_function else "")


def aliases_of(text):
    """Names for types: other files may mean the same by them, but no function."""
    for body in ANONYMOUS.findall(text):
        yield from ALIAS.findall(body)


def mixed(places):
    """Names that are a function in one file and something else in another."""
    functions = collections.defaultdict(set)
    for (where, name), files in places.items():
        if "(" in name:
            functions[where, name.split("(")[0]] |= files
    for (where, name), files in places.items():
        name = name.removeprefix("using ")
        for other in functions.get((where, name), ()) if "(" not in name else ():
            if files != {other}:
                yield f"{where}: {name} is no function in {', '.join(sorted(files))}, but in {other}"


def violations(root):
    for folder in FOLDERS:
        places = collections.defaultdict(set)
        for path in sorted((root / folder).rglob("*.cpp")):
            where = path.parent.relative_to(root).as_posix()
            for name in names_of(path.read_text()) if where not in ALONE else ():
                places[where, name].add(path.name)
            for name in aliases_of(path.read_text()) if where not in ALONE else ():
                places[where, "using " + name].add(path.name)
        for (where, name), files in sorted(places.items()):
            if len(files) > 1 and not name.startswith("using "):
                yield f"{where}: {name} is in {', '.join(sorted(files))}"
        yield from sorted(mixed(places))


def self_test():
    def file(body):
        return "namespace n {\nnamespace {\n\n" + body + "\n}  // namespace\n}  // namespace n\n"
    planted = {"a.cpp": file("constexpr auto most = 3;\n\nint sum(int a,\n        int b) {\n  return a;\n}\n"),
               "b.cpp": file("constexpr auto most = 4;\n\nint sum(int x, int y) {\n  int c = 1;\n}\n"),
               "c.cpp": file("int sum(char a) {\n  int c = 1;\n}\n\nusing most_of = int;\nint kind() {\n}\n"),
               "d.cpp": file("using kind = int;\nconstexpr auto sum = 2;\n")}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "domain").mkdir()
        for name, text in planted.items():
            (root / "domain" / name).write_text(text)
        return list(violations(root)) == ["domain: most is in a.cpp, b.cpp",
                                          "domain: sum(int, int) is in a.cpp, b.cpp",
                                          "domain: kind is no function in d.cpp, but in c.cpp",
                                          "domain: sum is no function in d.cpp, but in a.cpp",
                                          "domain: sum is no function in d.cpp, but in b.cpp",
                                          "domain: sum is no function in d.cpp, but in c.cpp"]


if sys.argv[1] == "--self-test":
    sys.exit(0 if self_test() else "a planted name went unseen, or too much was seen")
found = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(1 if found else 0)
