#!/usr/bin/env python3
"""Cut the complete API and CLI schemas down to what the stand-in serves.

    trim_schema.py API_SCHEMA.json CLI_SCHEMA.json

keeps the API paths listed in schema_paths.txt and the command line tools below, without descriptions, and writes
pve_standin/schema/api.json and pve_standin/schema/cli/<tool>.json. A method that not every release of Proxmox VE has
says so in `in_pve`, parameters that some release lacks are in `lacks`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TARGET = HERE / "pve_standin" / "schema"
TOOLS = ("ha-manager", "pct", "pveceph", "pvecm", "pvesh", "pvesm", "pveum", "qm")
RELEASES = ["7", "8", "9"]
DROPPED = {"description", "in_pve", "param_diff_vs", "typetext", "verbose_description", "title", "note", "links"}


def load_paths() -> list[str]:
    lines = (HERE / "schema_paths.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def wanted(path: str, rules: list[str]) -> bool:
    for rule in rules:
        base = rule.rstrip("*")
        if path == base or (rule.endswith("*") and path.startswith(base + "/")):
            return True
    return False


def slim(value: Any, inside_names: bool = False) -> Any:
    """Drop the prose; a parameter that happens to be called 'description' stays."""
    if isinstance(value, list):
        return [slim(item) for item in value]
    if not isinstance(value, dict):
        return python_pattern(value) if isinstance(value, str) else value
    return {
        key: slim(item, key in ("parameters", "properties", "keys"))
        for key, item in value.items()
        if inside_names or key not in DROPPED
    }


def python_pattern(text: str) -> str:
    """Perl marks a regular expression built into another one with (?^:...); Python knows only (?:...)."""
    return text.replace("(?^", "(?")


def slim_method(definition: dict[str, Any]) -> dict[str, Any]:
    kept = slim(definition)
    if definition["in_pve"] != RELEASES:
        kept["in_pve"] = definition["in_pve"]
    lacks = {
        release: diff["lacks"] for release, diff in definition.get("param_diff_vs", {}).items() if diff.get("lacks")
    }
    if lacks:
        kept["lacks"] = lacks
    kept["returns"] = {key: item for key, item in kept.get("returns", {}).items() if key in ("type", "optional")}
    return dict(kept)


def with_removed(api: dict[str, Any]) -> dict[str, Any]:
    """The paths of the newest release and those that only older ones have."""
    paths = {path: dict(verbs) for path, verbs in api["paths"].items()}
    for name, definition in api["removed_methods"].items():
        path, verb = name.split()
        newest = RELEASES.index(definition["last_in"])
        kept = {key: value for key, value in definition.items() if key != "last_in"}
        paths.setdefault(path, {})[verb] = {**kept, "in_pve": RELEASES[: newest + 1]}
    return paths


def write(path: Path, content: dict[str, Any]) -> None:
    """One line for each path or command: readable differences, quick to load."""
    lines = [f"{json.dumps(key)}: {json.dumps(content[key], sort_keys=True)}" for key in sorted(content)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    api = with_removed(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    tools = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["tools"]
    rules = load_paths()
    kept = {
        path: {verb: slim_method(definition) for verb, definition in verbs.items()}
        for path, verbs in api.items()
        if wanted(path, rules)
    }
    write(TARGET / "api.json", kept)
    for tool in TOOLS:
        write(TARGET / "cli" / f"{tool}.json", slim(tools[tool], inside_names=True))


if __name__ == "__main__":
    main()
