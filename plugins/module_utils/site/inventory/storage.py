# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storages of a running cluster in the words of their role's variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...decide.storage.desired import desired_from
from ...decide.storage.storage import decide
from ...engine.errors import Invalid
from ...model.storage.cfg import PATH
from ...model.storage.entry import IMPLICIT_LOCAL, StorageEntry
from ...model.storage.options import BY_PARAMETER, OPTIONS, Option
from ...model.storage.parameters import CONTROL, specification
from ...model.storage.storage import ObservedStorages, secret_path
from ...model.storage.types import TYPES
from ...model.storage.values import Parameter, as_parameter, parameter_name
from .node import Variables

#: A storage of which nothing is said.
_SILENT: Mapping[str, Any] = {
    **dict.fromkeys(BY_PARAMETER),
    **{name: spec["default"] for name, (spec, dummy) in CONTROL.items() if "default" in spec},
}


def storage_variables(observed: ObservedStorages) -> Variables:
    """Every storage as far as the role would leave it as it is; not what Proxmox VE assumes of local by itself."""
    definitions = [definition for name, definition in _definitions(observed) if not _problem(definition, observed)]
    return {"storage_definitions": definitions} if definitions else {}


def _definitions(observed: ObservedStorages) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in observed.entries.items():
        if entry.type in TYPES and entry != IMPLICIT_LOCAL:
            yield name, _definition(name, entry)


def _definition(name: str, entry: StorageEntry) -> dict[str, Any]:
    known = {key: value for key, value in entry.options.items() if key in TYPES[entry.type].options}
    options = {parameter_name(key): as_parameter(key, value) for key, value in sorted(known.items())}
    return {"id": name, "type": entry.type, **options}


def _problem(definition: Mapping[str, Any], observed: ObservedStorages) -> str:
    """Why the role would not leave the storage alone, if this were its definition."""
    for name, value in definition.items():
        if name in BY_PARAMETER and not _takes(BY_PARAMETER[name], value):
            return f"{name} cannot be {value}"
    try:
        wanted = desired_from({"storages": [{**_SILENT, **definition}]})
    except Invalid as error:
        return error.message
    plan = decide(wanted, observed)
    return "; ".join([*(str(refusal) for refusal in plan.refusals), *plan.sentences])


def _takes(option: Option, value: Parameter) -> bool:
    """Is it a value of the parameter's type, and one of its choices?"""
    choices = specification(option).get("choices")
    given = value if isinstance(value, list) else [value]
    if option.parts and isinstance(value, dict):
        parts = {part.parameter: part for part in option.parts}
        return all(name in parts and _takes(parts[name], one) for name, one in value.items())
    return (choices is None or set(given) <= set(choices)) and (option.kind != "number" or isinstance(value, int))


def storage_notes(observed: ObservedStorages) -> Iterator[str]:
    """What is there and is not among the variables."""
    for name, reason in sorted(observed.unreadable.items()):
        yield (
            f"Proxmox VE takes the section {name} of {PATH} for no storage ({reason}), and changes no storage until it"
            " is corrected or removed."
        )
    for name, entry in observed.entries.items():
        if entry.type not in TYPES:
            yield f"The storage {name} is of the type {entry.type}, which no role manages; it is left alone."
            continue
        unknown = sorted(set(entry.options) - TYPES[entry.type].options)
        if unknown:
            yield f"The storage {name} has options that no role manages: {', '.join(unknown)}."
        yield from _secrets(name, entry, observed)
    for name, definition in _definitions(observed):
        problem = _problem(definition, observed)
        if problem:
            yield f"The storage {name} is left out, and so left alone; the role would not take it as it is: {problem}"


def _secrets(name: str, entry: StorageEntry, observed: ObservedStorages) -> Iterator[str]:
    stored = [
        OPTIONS[secret].parameter
        for secret in sorted(TYPES[entry.type].secrets)
        if observed.digests.get(secret_path(name, entry.type, secret)) is not None
    ]
    own = stored == ["keyring"] and "monhost" not in entry.options
    if stored and not own:
        yield f"The storage {name} has a stored {' and '.join(stored)}, which is not exported, and stays as it is."
