#!/usr/bin/env python3
"""Fails when two files define a type of the same name in the same namespace.

Each file alone compiles; linked together they break the one-definition rule, and the linker picks
one of the two without a word.
Usage: check_names.py ROOT | --self-test
"""
import pathlib, re, sys, tempfile

FOLDERS = ["domain", "messages", "providers", "actors", "api", "load", "bootstrap"]
TOKENS = re.compile(r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'
                    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^\s*#(?:\\\n|[^\n])*|[{};]", re.S | re.M)
TYPE = re.compile(r"(?:^|[\s>\]])(?:enum\s+)?(?:class|struct|union)\s+(?:\[\[.*?\]\]\s*)?([\w:]+)([^()]*)$",
                  re.S)


def scope_of(head):
    """("namespace" | "anonymous" | "type" | "other", name) for what stands before a "{"."""
    spaces = re.search(r"\bnamespace\b\s*([\w:]*)\s*$", head)
    if spaces:
        return ("namespace" if spaces[1] else "anonymous"), spaces[1]
    found = TYPE.search(re.sub(r"\btemplate\s*<.*?>(?=\s*(?:class|struct|union|requires)\b)", " ",
                               head, flags=re.S))
    if not found:
        return "other", ""
    arguments = re.match(r"\s*<.*?>(?=\s*(?:final\b|:|$))", found[2], re.S)
    return "type", found[1] + (arguments[0].strip() if arguments else "")


def types_of(text):
    """Types defined at the level of named namespaces: (full name, line)."""
    scopes, begin, head = [], 0, ""
    for token in TOKENS.finditer(text):
        head += text[begin:token.start()]
        begin = token.end()
        if token[0] == "{":
            kind, name = scope_of(head)
            if kind == "type" and all(k == "namespace" for k, _ in scopes):
                yield "::".join([n for _, n in scopes] + [name]), text.count("\n", 0, token.start()) + 1
            scopes.append((kind, name))
        elif token[0] == "}" and scopes:
            scopes.pop()
        if token[0] in "{};":
            head = ""


def violations(root):
    seen = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            for name, line in types_of(path.read_text()):
                place = f"{path.relative_to(root).as_posix()}:{line}"
                if name in seen and seen[name].split(":")[0] != place.split(":")[0]:
                    yield f"{place}: {name} stands in {seen[name]} too"
                seen.setdefault(name, place)


def self_test():
    planted = {"a.hpp": "namespace n::m {\nstruct berth { int a; };\n}\n",
               "b.cpp": 'namespace n::m { const auto t = R"({)"; // {\nclass berth final : base<int> {};}\n',
               "c.cpp": "namespace n { namespace { struct berth {}; } struct other { struct berth {}; };\n"
                        "template <class T>\nstruct part<T*> {}; template <> struct part<int> {}; }\n",
               "d.cpp": "namespace n { enum class other : int { a }; template <> struct part<int> {};"
                        "struct berth f(struct x) { return {}; } }\n"}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "domain").mkdir()
        for name, text in planted.items():
            (root / "domain" / name).write_text(text)
        found = [v.split(" ", 2)[1] for v in violations(root)]
        return found == ["n::m::berth", "n::other", "n::part<int>"]


if sys.argv[1] == "--self-test":
    sys.exit(0 if self_test() else "a planted name went unseen, or too much was seen")
found = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(1 if found else 0)
