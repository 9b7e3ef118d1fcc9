"""Networks that went wrong in public, each with the smallest files that show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

_CASES = Path(__file__).parent.parent / "unit" / "cases" / "network"
#: Where the files of a case lie on a node.
_PLACES = {"interfaces.d": "/etc/network/interfaces.d", "run-network": "/run/network"}


def files(name: str, main: str = "interfaces") -> dict[str, str]:
    """The main file and those beside it that a program may be led to, by their paths on a node."""
    found = {"/etc/network/interfaces": text(name, main)}
    for folder, place in _PLACES.items():
        for path in sorted((_CASES / name / folder).rglob("*")):
            if path.is_file():
                found[f"{place}/{path.relative_to(_CASES / name / folder)}"] = path.read_text()
    return found


def text(name: str, file: str) -> str:
    return (_CASES / name / file).read_text()


def data(name: str, file: str) -> Any:
    return json.loads(text(name, file))


def right(name: str) -> Any:
    """What has to come of it, as the programs themselves or their manuals say."""
    return yaml.safe_load(text(name, "right.yml"))


def declared(name: str) -> Any:
    return yaml.safe_load(text(name, "declared.yml"))["network_interfaces"]
