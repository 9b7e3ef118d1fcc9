"""The tables of variables in the roles' READMEs, from their argument specifications."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
NAMES = tuple(sorted(path.parent.parent.name for path in ROLES.glob("*/meta/argument_specs.yml")))
NAME = "variables"

#: Markup of Ansible's documentation → Markdown.
_MARKUP = (
    (re.compile(r"\b[VC]\(([^()]*(?:\([^()]*\))?[^()]*)\)"), r"`\1`"),
    (re.compile(r"\b[OR]V?\((?:[\w.]+#\w+:)?([^()]+)\)"), r"`\1`"),
    (re.compile(r"\b[MP]\(baremetal\.virt\.(\w+)(?:#\w+)?\)"), r"`\1`"),
    (re.compile(r"\b[BI]\(([^()]+)\)"), r"**\1**"),
)


def readme(role: str) -> Path:
    return ROLES / role / "README.md"


def specification(role: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"])


def defaults(role: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text()))


def section(role: str) -> str:
    """One table of the role's variables, and one for each variable that has options of its own."""
    spec = specification(role)
    options = spec["main"]["options"]
    parts = [_table("variable", options.items())]
    for name, option in options.items():
        if "options" in option:
            parts.append(f"### `{name}`\n\n{_table('option', _nested(option['options']))}")
    for entry, described in spec.items():
        if entry != "main":
            taken = ", ".join(f"`{name}`" for name in described["options"])
            said = described["short_description"]
            parts.append(f"Entry point `{entry}` (`tasks_from`): {said[0].lower()}{said[1:]}. It takes {taken}.")
    return "\n\n".join(parts)


def _nested(options: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Options within options, by their whole path: ``clients[].host``, ``bwlimit.move``."""
    for name, option in options.items():
        yield f"{path}{name}", option
        if "options" in option:
            yield from _nested(option["options"], f"{path}{name}{'[]' if option['type'] == 'list' else ''}.")


def _table(title: str, options: Any) -> str:
    rows = [f"| {title} | type | default | |", "| --- | --- | --- | --- |"]
    rows += [f"| `{name}` | {_type(option)} | {_default(option)} | {_meaning(option)} |" for name, option in options]
    return "\n".join(rows)


def _type(option: Mapping[str, Any]) -> str:
    return f"list of {option['elements']}" if "elements" in option else str(option["type"])


def _default(option: Mapping[str, Any]) -> str:
    """One that is worked out from other variables is told by the description."""
    found = option.get("default")
    if option.get("required"):
        return "required"
    return "" if found is None or "{{" in str(found) else f"`{_yaml(found)}`"


def _yaml(value: Any) -> str:
    return '""' if value == "" else yaml.safe_dump(value, default_flow_style=True).removesuffix("\n...\n").strip()


def _meaning(option: Mapping[str, Any]) -> str:
    said = option["description"]
    text = " ".join([said] if isinstance(said, str) else said)
    for pattern, markdown in _MARKUP:
        text = pattern.sub(markdown, text)
    if "choices" in option:
        text += f" One of {', '.join(f'`{_yaml(choice)}`' for choice in option['choices'])}."
    return " ".join(text.split()).replace("|", "\\|")
