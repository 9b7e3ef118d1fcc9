# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which variables the roles of this collection know, as their argument specifications say."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load

ROLES = Path(__file__).resolve().parents[2] / "roles"


def known_variables(roles: Path = ROLES) -> dict[str, frozenset[str]]:
    """Role → names of its variables."""
    known = {}
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        entry_points = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        known[path.parent.parent.name] = frozenset(name for entry in entry_points for name in entry.get("options", {}))
    return known


def unknown_variables(names: Iterable[str], known: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Of these names, those that carry a role's prefix but are none of its variables → the likeliest one meant."""
    found = {}
    variables = sorted(name for own in known.values() for name in own)
    for name in sorted(names):
        if name.startswith(tuple(f"{role}_" for role in known)) and name not in variables:
            found[name] = next(iter(difflib.get_close_matches(name, variables, n=1, cutoff=0.0)), "")
    return found
