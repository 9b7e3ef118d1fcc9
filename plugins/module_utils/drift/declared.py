# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of an object somebody declares, so that a difference in it is drift; the rest changes by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Optional

#: What a server and its controllers write.
_SERVERS = ("status", "kind", "apiVersion")
#: Of the metadata, what people write.
_OURS = ("labels", "annotations", "finalizers")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Fields = Mapping[str, Any]


def declared(obj: Mapping[str, Any], fields: Iterable[str] = ()) -> Fields:
    """Dotted names of the leaves, and their values. ``fields``: only what lies below these; none: all that may be.

    Absent, null and empty are the same.
    """
    metadata = obj.get("metadata") or {}
    mine = {name: metadata.get(name) or {} for name in _OURS}
    mine["annotations"] = {name: value for name, value in mine["annotations"].items() if name != _LAST_APPLIED}
    whole = {name: part for name, part in obj.items() if name not in _SERVERS and name != "metadata"}
    leaves = dict(_leaves("", {**whole, "metadata": mine}))
    wanted = tuple(fields)
    return {name: value for name, value in leaves.items() if not wanted or _below(name, wanted)}


def _leaves(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for part, inner in value.items():
            yield from _leaves(f"{name}.{part}" if name else str(part), inner)
    elif value is not None and value != []:
        yield name, value


def _below(name: str, wanted: Iterable[str]) -> bool:
    return any(name == field or name.startswith(f"{field}.") for field in wanted)


def differences(old: Fields, new: Fields) -> list[str]:
    """The names of what is not the same."""
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def is_being_deleted(obj: Mapping[str, Any]) -> bool:
    """It is not repaired; when it is gone, the wish is made anew."""
    return bool((obj.get("metadata") or {}).get("deletionTimestamp"))


class Write(NamedTuple):
    """Of what is declared, as the server has noted it."""

    manager: str
    time: str


def last_write(obj: Mapping[str, Any]) -> Optional[Write]:
    """None if it cannot be told from others in time. Who only takes fields away is noted nowhere."""
    entries = [
        entry
        for entry in (obj.get("metadata") or {}).get("managedFields") or ()
        if entry.get("time") and entry.get("subresource") != "status"
    ]
    newest = max((entry["time"] for entry in entries), default=None)
    managers = {str(entry.get("manager")) for entry in entries if entry["time"] == newest}
    return Write(managers.pop(), str(newest)) if len(managers) == 1 else None


def trimmed(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what nobody reads and what is most of it: of the managed fields, only who and when."""
    metadata = dict(obj.get("metadata") or {})
    managed = [
        {name: entry[name] for name in ("manager", "time", "subresource") if name in entry}
        for entry in metadata.pop("managedFields", None) or ()
    ]
    kept = {name: part for name, part in obj.items() if name != "status"}
    return {**kept, "metadata": {**metadata, **({"managedFields": managed} if managed else {})}}
