#!/usr/bin/env python3
"""Fails when a file includes what its folder may not know (docs/architecture.md).

Usage: check_layers.py ROOT | --self-test
"""
import pathlib, re, sys, tempfile

INTERFACES = [r"providers/\w+\.hpp", r"providers/chat/chat_provider\.hpp",
              r"providers/store/(journal|chunk)_store\.hpp",
              r"providers/embed/(embedder|vector_index)\.hpp", r"providers/tools/tool_body\.hpp"]
MAY = {  # folder: patterns of our headers that it may include, beside its own
    "domain": [],
    "messages": ["domain/.*"],
    "providers": ["domain/.*"],
    "actors": ["domain/.*", "messages/.*", *INTERFACES],
    "api": ["domain/.*", "messages/.*"],
    "load": ["domain/.*", "providers/http/.*"],
    "bootstrap": ["(domain|messages|providers|actors|api|load)/.*"],
    "tests": [".*"],
    "docs": ["bootstrap/engine.hpp", "domain/.*", "providers/.*"],
}
SPDLOG = "bootstrap/log/"  # docs/decisions/0008
NO_CAF = ["domain/", "providers/", "docs/", "bootstrap/engine.hpp"]


def violations(root):
    for folder, allowed in MAY.items():
        allowed = [folder + "/.*", *allowed]
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                ours = re.match(r'\s*#\s*include "([^"]+)"', line)
                caf = re.match(r"\s*#\s*include <caf/", line)
                if ours and not any(re.fullmatch(p, ours[1]) for p in allowed):
                    yield f"{name}:{number}: {folder}/ may not include {ours[1]}"
                if re.match(r"\s*#\s*include <spdlog/", line) and not name.startswith(SPDLOG):
                    yield f"{name}:{number}: may not include spdlog"
                if caf and name.startswith(tuple(NO_CAF)):
                    yield f"{name}:{number}: may not include CAF"


def self_test():
    planted = {"domain/a.cpp": '"messages/x.hpp"', "providers/a.cpp": "<caf/all.hpp>",
               "actors/a.cpp": '"providers/store/memory_store.hpp"',
               "actors/b.hpp": '"bootstrap/engine.hpp"', "api/a.cpp": '"actors/run_actor.hpp"',
               "docs/a.cpp": '"actors/run_actor.hpp"', "api/b.cpp": "<spdlog/spdlog.h>"}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, header in planted.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(f"#include {header}\n")
        return len(list(violations(root))) == len(planted)


if sys.argv[1] == "--self-test":
    sys.exit(0 if self_test() else "a planted violation went unseen")
found = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(1 if found else 0)
