"""The documentation fragment of storages and their specification in the role, from the rows that the code uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS, Option
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import (
    CONTROL,
    STORAGE,
    specification,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES

from .storage_words import WORDS

ROOT = Path(__file__).resolve().parents[2]
FRAGMENT = ROOT / "plugins" / "doc_fragments" / "storages.py"
ROLE = ROOT / "roles" / "storage" / "meta" / "argument_specs.yml"

_FRAGMENT_HEAD = '''\
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option ``storages`` of the modules about storages. It is written by `make pages`."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
'''
_INTRODUCTION = (
    "Storages of the cluster. Storages that are not listed are never touched.",
    "The options are those of C(pvesm), with C(_) for C(-). An option that the type does not take is refused. An option"
    " that is left out gets Proxmox VE's default, except for O(storages[].content) and O(storages[].nodes), which then"
    " stay as they are.",
)
#: Where the generated lines stand in the role's specification.
_ROLE_PART = re.compile(
    r"(?s)(?<=        # Written by `make pages`, up to storage_images\.\n).*?(?=      storage_images:)"
)


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def fragment() -> str:
    """The text of the documentation fragment."""
    options = {name: _documented(name) for name in STORAGE}
    storages = {
        "description": [*_INTRODUCTION, _what_is_fixed()],
        "type": "list",
        "elements": "dict",
        "required": True,
        "suboptions": options,
    }
    return f'{_FRAGMENT_HEAD}{_dumped({"options": {"storages": storages}})}"""\n'


def role() -> str:
    """The text of the role's specification, of which only the options of a storage are made here."""
    options = {name: _without(_documented(name, "options"), "default") for name in STORAGE}
    for name, spec in STORAGE.items():
        if spec.get("no_log"):
            options[name]["no_log"] = True
    lines = _dumped({"options": options}).splitlines(keepends=True)
    text, count = _ROLE_PART.subn(lambda found: "".join(f"        {line}" for line in lines), ROLE.read_text())
    assert count == 1, f"{ROLE} has no place for the options of a storage"
    return text


def _dumped(document: Mapping[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=82, allow_unicode=True))


def _documented(name: str, below: str = "suboptions") -> dict[str, Any]:
    if name in CONTROL:
        spec, description = CONTROL[name]
        return _entry(description, spec)
    option = next(row for row in OPTIONS.values() if row.parameter == name)
    return _of_option(option, _takers(option), below)


def _of_option(option: Option, takers: str, below: str, within: str = "") -> dict[str, Any]:
    words = WORDS[f"{within}{option.name}"]
    first, *others = [words] if isinstance(words, str) else words
    sentences = [f"{first}{takers}", *others]
    found = _entry(sentences if others else sentences[0], specification(option))
    if option.parts:
        found[below] = {part.parameter: _of_option(part, "", below, f"{option.name}.") for part in option.parts}
    return found


def _entry(description: Any, spec: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("type", "elements", "required", "default", "choices")
    return {"description": description, **{key: spec[key] for key in keys if key in spec}}


def _without(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in names}


def _takers(option: Option) -> str:
    """The types that take an option, unless all do."""
    names = [name for name, known in TYPES.items() if option.name in {*known.options, *known.secrets}]
    return "" if len(names) == len(TYPES) else f" For {_listed(names)}."


def _listed(names: Iterable[str]) -> str:
    *others, last = [f"V({name})" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def _what_is_fixed() -> str:
    """One sentence on the options that Proxmox VE does not change; with the types, where others change them."""
    places = []
    for option in OPTIONS.values():
        fixed = [name for name, known in TYPES.items() if option.name in known.fixed]
        changing = [name for name, known in TYPES.items() if option.name in known.options - known.fixed]
        if fixed:
            where = f" of {_listed(fixed)}" if changing else ""
            places.append(f"O(storages[].{option.parameter}){where}")
    return f"{', '.join(places)} cannot change once the storage exists, see O(storages[].recreate)."
