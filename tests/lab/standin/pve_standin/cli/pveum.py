"""pveum: users, API tokens and rights."""

from __future__ import annotations

from typing import Any

from pve_standin.cli.formatter import print_result
from pve_standin.cli.main import Command, cli

FORMAT_OPTIONS: dict[str, dict[str, Any]] = {
    "output-format": {"type": "string", "optional": True, "enum": ["text", "json", "json-pretty", "yaml"]},
    "quiet": {"type": "boolean", "optional": True},
}


def _show(result: Any, params: dict[str, Any]) -> None:
    if not params.get("quiet"):
        print_result(result, params.get("output-format", "text"))


def _shown(verb: str, path: str) -> Command:
    return Command(verb, path, render=_show, options=FORMAT_OPTIONS)


COMMANDS = {
    "acl delete": Command("PUT", "/access/acl", fixed={"delete": 1}),
    "acl list": _shown("GET", "/access/acl"),
    "acl modify": Command("PUT", "/access/acl", fixed={"delete": 0}),
    "realm list": _shown("GET", "/access/domains"),
    "user add": Command("POST", "/access/users"),
    "user delete": Command("DELETE", "/access/users/{userid}"),
    "user list": _shown("GET", "/access/users"),
    "user token add": _shown("POST", "/access/users/{userid}/token/{tokenid}"),
    "user token list": _shown("GET", "/access/users/{userid}/token"),
    "user token delete": Command("DELETE", "/access/users/{userid}/token/{tokenid}"),
}


def main() -> None:
    cli("pveum", COMMANDS)
