# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which variables the roles of this collection know, and which options these have, by their argument specifications."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

ROLES = Path(__file__).resolve().parents[2] / "roles"

#: Variable → its specification, as in argument_specs.yml.
Options = Mapping[str, Mapping[str, Any]]


def specifications(roles: Path = ROLES) -> dict[str, dict[str, Any]]:
    """Role → its variables, each with its specification."""
    known: dict[str, dict[str, Any]] = {}
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        for entry in yaml_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            known.setdefault(path.parent.parent.name, {}).update(entry.get("options", {}))
    return known


def known_variables(roles: Path = ROLES) -> dict[str, frozenset[str]]:
    """Role → names of its variables."""
    return {role: frozenset(options) for role, options in specifications(roles).items()}


def unknown_variables(names: Iterable[str], known: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Of these names, those that carry a role's prefix but are none of its variables → the likeliest one meant."""
    variables = sorted(name for own in known.values() for name in own)
    prefixes = tuple(f"{role}_" for role in known)
    return {
        name: _likeliest(name, variables)
        for name in sorted(names)
        if name.startswith(prefixes) and name not in variables
    }


def unknown_options(values: Mapping[str, Any], known: Mapping[str, Options]) -> dict[str, str]:
    """Within the values of the roles' variables: path of an option that does not exist → the likeliest one meant.

    >>> unknown_options({"a_list": [{"nam": 1}]}, {"a": {"a_list": {"options": {"name": {}}}}})
    {'a_list[0].nam': 'name'}
    """
    found: dict[str, str] = {}
    for options in known.values():
        for name, spec in options.items():
            if name in values:
                found.update(_within(name, values[name], spec))
    return found


def _within(path: str, value: Any, spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    options = spec.get("options")
    if not options:
        return
    if isinstance(value, (list, tuple)):
        for number, element in enumerate(value):
            yield from _within(f"{path}[{number}]", element, spec)
    elif isinstance(value, Mapping):
        named = {alias: option for option in options.values() for alias in option.get("aliases", ())} | options
        for key, inner in value.items():
            if key not in named:
                yield f"{path}.{key}", _likeliest(str(key), sorted(options))
            else:
                yield from _within(f"{path}.{key}", inner, named[key])


def _likeliest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.0)), "")
