# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Proxmox VE's lists say from one poll to the next, as events. It has no watch, and its lists are not the world.

A row that is missing may be of what is gone, of what the asker may not see any more, or of a node that does not answer;
only what is then asked by its own path says which. What a row does not tell, keeps the value that it had.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Optional

from ..informer.store import Object, resource_version

State = Literal["there", "gone", "hidden", "silent"]
#: Of a guest's row, what may come with another configuration; the rest are measurements.
_TELLING = ("node", "name", "status", "template", "lock", "tags", "pool", "maxcpu", "maxmem", "maxdisk")
#: Of a configuration, what is no wish of anybody: both change with every backup, the others say who it is.
_NO_WISH = frozenset(("digest", "lock", "meta", "vmgenid"))
_CTIME = re.compile(r"\bctime=(\d+)")
#: Of a row, what the server adds: nobody can declare the priority of a storage, or when a job runs next.
_SERVERS = frozenset(("digest", "priority", "next-run"))
#: How paths of several kinds say that there is nothing of that name.
_NOT_THERE = re.compile(r"does not exist|no such (resource|job)", re.IGNORECASE)
#: What is a set, and comes in another order with each answer.
_SETS = frozenset(("content", "nodes", "vmid", "exclude", "exitnodes"))
#: So many configurations are asked anew in each poll, though nothing says that they have changed.
SWEEP = 5


class Answer(NamedTuple):
    """What the path of one thing said. ``told``: empty unless it is there."""

    state: State
    told: Mapping[str, Any] = {}


def answer_of(status: int, text: str) -> Answer:
    """From a refusal."""
    if status == 403:
        return Answer("hidden")
    if status == 404 or (status in (400, 500) and _NOT_THERE.search(text)):
        return Answer("gone")
    return Answer("silent")


@dataclass(frozen=True)
class Part:
    """One list. ``guests``: its rows have configurations of their own, below the node that each is on.

    place, right: where only who may change a thing may ask for its own path, or a path knows nothing of pools in pools.
    The list shows all where whoever asks has this right, so what is missing is gone if he has it there.
    """

    name: str
    path: str
    id: str
    guests: bool = False
    place: str = ""
    right: str = ""

    def key(self, row: Mapping[str, Any]) -> str:
        return str(row[self.id])

    def own_path(self, key: str, row: Mapping[str, Any]) -> str:
        if self.right:
            return f"/access/permissions?path={self.place}/{key}"
        return f"/nodes/{row['node']}/{key}/config" if self.guests else f"{self.path.partition('?')[0]}/{key}"


PARTS = {
    part.name: part
    for part in (
        Part("guests", "/cluster/resources?type=vm", "id", guests=True),
        Part("nodes", "/cluster/resources?type=node", "id"),
        Part("storages", "/storage", "storage", place="/storage", right="Datastore.Audit"),
        Part("pools", "/pools", "poolid", place="/pool", right="Pool.Audit"),
        Part("zones", "/cluster/sdn/zones", "zone", place="/sdn/zones", right="SDN.Audit"),
        Part("vnets", "/cluster/sdn/vnets", "vnet"),
        Part("ha", "/cluster/ha/resources", "sid"),
        Part("backups", "/cluster/backup", "id"),
    )
}


def _fate(part: Part, answer: Answer) -> State:
    """Of what is missing from a list."""
    if part.right and answer.state == "there":
        return "gone" if any(part.right in rights for rights in answer.told.values()) else "hidden"
    return answer.state


class Event(NamedTuple):
    """As a watch would have told it."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object


@dataclass
class Polls:
    """``objects``: what is known.  ``hidden``: what may not be seen any more, and has not been said to be gone.

    _told: of a guest's row, what it told when its configuration was read last.
    """

    part: Part
    objects: dict[str, Object] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    _rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _told: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _swept: int = 0

    def questions(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Key → path of what has to be asked by itself, now that these rows came."""
        found = {self.part.key(row): row for row in rows}
        missing = [key for key in self.objects if key not in found]
        asked = {key: self.part.own_path(key, self._rows[key]) for key in missing}
        if self.part.guests:
            changed = [key for key, row in found.items() if self._tells_more(key, row)]
            for key in [*changed, *self._next(sorted(found))]:
                asked[key] = self.part.own_path(key, found[key])
        return asked

    def _tells_more(self, key: str, row: Mapping[str, Any]) -> bool:
        """A node that is off tells nothing of its guests, and each question to it takes its time."""
        return row.get("status") != "unknown" and _telling(row) != self._told.get(key)

    def _next(self, keys: Sequence[str]) -> list[str]:
        if not keys:
            return []
        begin = self._swept % len(keys)
        self._swept = begin + SWEEP
        return [*keys, *keys][begin : begin + min(SWEEP, len(keys))]

    def take(self, rows: Sequence[Mapping[str, Any]], answers: Mapping[str, Answer]) -> tuple[list[Event], list[str]]:
        """Events, and what is to be said besides."""
        events: list[Event] = []
        found = {self.part.key(row): row for row in rows}
        for key, row in found.items():
            old = self.objects.get(key)
            answer = answers.get(key)
            if answer is not None and answer.state == "there":
                self._told[key] = _telling(row)
            new = self._object(key, row, old, answer)
            if new is not None:
                self.hidden.discard(key)
                self._rows[key] = row
                self.objects[key] = new
                if old is None or resource_version(old) != resource_version(new):
                    events.append(Event("ADDED" if old is None else "MODIFIED", new))
        notices: list[str] = []
        for key in [key for key in self.objects if key not in found]:
            state = _fate(self.part, answers.get(key, Answer("silent")))
            if state == "gone":
                events.append(Event("DELETED", self.objects.pop(key)))
                self._rows.pop(key)
                self._told.pop(key, None)
                self.hidden.discard(key)
            elif state == "hidden" and key not in self.hidden:
                self.hidden.add(key)
                notices.append(f"{key} may not be seen any more; nobody says that it is gone")
        return events, notices

    def _object(
        self, key: str, row: Mapping[str, Any], old: Optional[Object], answer: Optional[Answer]
    ) -> Optional[Object]:
        """None for a guest of which nobody has told yet what it is."""
        if not self.part.guests:
            declares = ("status",) if self.part.name == "nodes" else [name for name in row if name not in _SERVERS]
            return _object(self.part.name, key, "", {name: _in_order(name, row.get(name)) for name in declares}, {})
        if answer is not None and answer.state == "there":
            config = {name: value for name, value in answer.told.items() if name not in _NO_WISH}
            return self._guest(key, row, old, config, _identity(answer.told))
        if old is None:
            return None
        return self._guest(key, row, old, old["spec"], old["metadata"]["uid"])

    def _guest(
        self, key: str, row: Mapping[str, Any], old: Optional[Object], config: Mapping[str, Any], uid: str
    ) -> Object:
        known = {} if old is None else old["status"]
        status = {"name": row.get("name", known.get("name")), "status": row.get("status"), "stale": "name" not in row}
        return _object(self.part.name, key, uid, {**config, "node": row.get("node")}, status)


def _object(kind: str, key: str, uid: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> Object:
    text = json.dumps([uid, spec, status], sort_keys=True)
    version = hashlib.sha256(text.encode()).hexdigest()
    return {
        "kind": kind,
        "metadata": {"name": key, "uid": uid, "resourceVersion": version},
        "spec": dict(spec),
        "status": dict(status),
    }


def _identity(config: Mapping[str, Any]) -> str:
    """A number is used again; when it was made, or the identity of its generation, says who it is."""
    made = _CTIME.search(str(config.get("meta", "")))
    return made.group(1) if made else str(config.get("vmgenid", ""))


def _in_order(name: str, value: Any) -> Any:
    return ",".join(sorted(value.split(","))) if name in _SETS and isinstance(value, str) else value


def _telling(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in _TELLING)
