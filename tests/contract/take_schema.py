#!/usr/bin/env python3
"""Take Proxmox VE's own descriptions of its API and command lines over into schema/: names, types, what is required.

take_schema.py API_SCHEMA.json CLI_SCHEMA.json

What the older releases have otherwise goes to older.json: the methods and parameters that came later or are gone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas import FOLDER

KEPT = ("type", "optional", "enum", "max_index")
RELEASES = ["7", "8", "9"]


def parameters(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a method or command, without prose, defaults and limits."""
    given = definition.get("parameters", {})
    return {name: {key: item[key] for key in KEPT if key in item} for name, item in given.items()}


def command(definition: Mapping[str, Any]) -> dict[str, Any]:
    if "alias" in definition:
        return {"alias": definition["alias"]}
    return {"positional": definition.get("positional", []), "parameters": parameters(definition)}


def older(api: Mapping[str, Any]) -> dict[str, Any]:
    """`VERB path` of every method that is not the same in all releases, and what is noted of it."""
    notes: dict[str, Any] = {}
    for path, verbs in api["paths"].items():
        for verb, definition in verbs.items():
            note = {} if definition["in_pve"] == RELEASES else {"in_pve": definition["in_pve"]}
            for release, differing in definition.get("param_diff_vs", {}).items():
                for kind, names in differing.items():
                    note.setdefault(kind, {})[release] = sorted(names)
            if note:
                notes[f"{verb} {path}"] = note
    for name, definition in api["removed_methods"].items():
        path, verb = name.split()
        in_pve = RELEASES[: RELEASES.index(definition["last_in"]) + 1]
        notes[f"{verb} {path}"] = {"in_pve": in_pve, "parameters": parameters(definition)}
    return notes


def write(name: str, content: Mapping[str, Any]) -> None:
    """One line for each path or command, so that a new release shows as a readable difference."""
    lines = [f"{json.dumps(key)}: {json.dumps(content[key], sort_keys=True)}" for key in sorted(content)]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    api, tools = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    write(
        "api.json",
        {
            path: {verb: parameters(definition) for verb, definition in verbs.items()}
            for path, verbs in api["paths"].items()
        },
    )
    write("older.json", older(api))
    commands = {
        f"{tool} {name}".strip(): command(item)
        for tool, named in tools["tools"].items()
        for name, item in named.items()
    }
    write("cli.json", commands)


if __name__ == "__main__":
    main()
