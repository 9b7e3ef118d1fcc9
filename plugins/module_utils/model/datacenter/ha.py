# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the HA manager is to be in charge of, and where: resources, groups of Proxmox VE 8, rules of 9.

Upstream: ha-manager(1), PVE/HA/{Resources,Groups,Rules}. A group of 8 *is* the rule that the HA manager of 9 makes of
it, by its own name for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Optional, Union

from ...engine.errors import Invalid
from ..guest.replication import ReplicationJob
from ..storage.entry import StorageEntry
from ..upgrade.release_ha import PREFIX

ShutdownPolicy = Literal["freeze", "failover", "conditional", "migrate"]
RuleType = Literal["node-affinity", "resource-affinity"]
#: Rules came with this release, and groups went.
RULES_SINCE = 9


@dataclass(frozen=True)
class Resource:
    """A guest that HA manages. ``group``: before Proxmox VE 9."""

    state: str = "started"
    group: str = ""
    failback: bool = True
    max_restart: int = 1
    max_relocate: int = 1
    comment: str = ""


@dataclass(frozen=True)
class Group:
    """``nodes``: name → priority. restricted: its resources run nowhere else."""

    nodes: Mapping[str, int] = field(default_factory=dict)
    restricted: bool = False
    nofailback: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Rule:
    """``nodes``, strict: of a node affinity. ``affinity``: positive keeps its resources together, negative apart."""

    type: RuleType
    resources: frozenset[str] = frozenset()
    nodes: Mapping[str, int] = field(default_factory=dict)
    strict: bool = False
    affinity: str = ""
    disable: bool = False
    comment: str = ""


Kind = Literal["resource", "group", "rule"]
Thing = Union[Resource, Group, Rule]
Key = tuple[Kind, str]
Things = Mapping[Key, Thing]


@dataclass(frozen=True)
class Wish:
    """``said``: those of its options that are declared; what is not said stays as it is."""

    said: Mapping[str, Any] = field(default_factory=dict)
    absent: bool = False


@dataclass(frozen=True)
class DesiredHa:
    """``watchdogs``: node → the driver of its watchdog, as the kernel named it in this boot; "" where it did not."""

    wishes: Mapping[Key, Wish] = field(default_factory=dict)
    policy: Optional[ShutdownPolicy] = None
    exclusive: frozenset[Kind] = frozenset()
    watchdogs: Mapping[str, str] = field(default_factory=dict)
    caller: str = ""

    @property
    def idle(self) -> bool:
        return not self.wishes and self.policy is None and not self.exclusive


@dataclass(frozen=True)
class Placed:
    """What a guest needs of its nodes. ``volumes``: its slot → storage. ``devices``: those of the node itself."""

    name: str
    node: str
    volumes: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedHa:
    """``release``: None where nobody serves the API yet. ``guests``: the sids of all guests of the cluster.

    votes: node → its votes. device: the state of the quorum device, "" without one. armed: the word of the HA manager
    for it. services: sid → state. ignored: rule → why the HA manager passes it over. unmigrated: groups that are still
    to become rules. placed: what those guests need that HA is to manage anew, or that are tied to other nodes.
    """

    release: Optional[int] = None
    things: Things = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    guests: frozenset[str] = frozenset()
    votes: Mapping[str, int] = field(default_factory=dict)
    device: str = ""
    armed: str = ""
    services: Mapping[str, str] = field(default_factory=dict)
    policy: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)
    unmigrated: tuple[str, ...] = ()
    placed: Mapping[str, Placed] = field(default_factory=dict)
    storages: Mapping[str, StorageEntry] = field(default_factory=dict)
    jobs: tuple[ReplicationJob, ...] = ()


def goal(desired: DesiredHa, release: int, now: Things) -> Things:
    """What is to be there in the end: what is, with what is declared, without what is not to be."""
    wishes = desired.wishes if release < RULES_SINCE else _without_groups(desired.wishes, now)
    kept = {key: thing for key, thing in now.items() if key in wishes or not _is_surplus(desired, key)}
    made = {key: _merged(key, wish, now.get(key)) for key, wish in wishes.items() if not wish.absent}
    wanted = {**kept, **made}
    gone = {key for key, wish in wishes.items() if wish.absent}
    left = {key: thing for key, thing in wanted.items() if key not in gone}
    members = {name for kind, name in left if kind == "resource"}
    lost = {name for kind, name in now if kind == "resource"} - members
    return {key: _without(thing, lost) for key, thing in left.items() if not _is_emptied(thing, lost)}


def _is_surplus(desired: DesiredHa, key: Key) -> bool:
    """What the HA manager has made of a group is nobody else's, though nobody has declared it."""
    kind, name = key
    return kind in desired.exclusive and not (kind == "rule" and name.startswith(PREFIX))


def _merged(key: Key, wish: Wish, known: Optional[Thing]) -> Thing:
    kind, name = key
    old = {} if known is None else {one.name: getattr(known, one.name) for one in fields(known)}
    if kind == "rule" and not {**old, **wish.said}.get("type"):
        raise Invalid(f"There is no HA rule {name} yet, and its type is not said.")
    if kind == "resource":
        return Resource(**{**old, **wish.said})
    return Group(**{**old, **wish.said}) if kind == "group" else Rule(**{**old, **wish.said})


def _without(thing: Thing, lost: set[str]) -> Thing:
    """A resource that goes is taken out of the rules, as Proxmox VE does it."""
    if not isinstance(thing, Rule) or not thing.resources & lost:
        return thing
    kept = {one.name: getattr(thing, one.name) for one in fields(thing)}
    return Rule(**{**kept, "resources": thing.resources - lost})


def _is_emptied(thing: Thing, lost: set[str]) -> bool:
    return isinstance(thing, Rule) and bool(thing.resources) and thing.resources <= lost


def _without_groups(wishes: Mapping[Key, Wish], now: Things) -> dict[Key, Wish]:
    """The same wishes in the words of Proxmox VE 9: a group is a rule, and failback is of each resource."""
    groups = {name: wish for (kind, name), wish in wishes.items() if kind == "group"}
    named = {name: wish.said["group"] for (kind, name), wish in wishes.items() if "group" in wish.said}
    found = {key: wish for key, wish in wishes.items() if key[0] != "group"}
    for sid, group in named.items():
        said = {word: value for word, value in wishes["resource", sid].said.items() if word != "group"}
        if group in groups and "nofailback" in groups[group].said:
            said.setdefault("failback", not groups[group].said["nofailback"])
        found["resource", sid] = Wish(said, wishes["resource", sid].absent)
    for group in sorted({*groups, *named.values()} - {""}):
        key: Key = ("rule", f"{PREFIX}{group}")
        wish = _as_rule(groups.get(group, Wish()), group, named, now.get(key))
        if wish is not None:
            found[key] = wish
    return found


def _as_rule(wish: Wish, group: str, named: Mapping[str, str], known: Optional[Thing]) -> Optional[Wish]:
    """None for a group that no resource uses: it leaves nothing, there as here."""
    there = known.resources if isinstance(known, Rule) else frozenset()
    resources = there - set(named) | {sid for sid, name in named.items() if name == group}
    if wish.absent or not resources:
        return None if known is None else Wish(absent=True)
    words = {"nodes": "nodes", "restricted": "strict", "comment": "comment"}
    said = {words[word]: value for word, value in wish.said.items() if word in words}
    return Wish({"type": "node-affinity", "resources": frozenset(resources), **said})


def allowed(sid: str, things: Things, nodes: frozenset[str]) -> frozenset[str]:
    """The nodes on which HA may run it."""
    strict = [
        frozenset(one.nodes)
        for one in things.values()
        if isinstance(one, Rule) and sid in one.resources and one.strict and not one.disable
    ]
    known = things.get(("resource", sid))
    group = things.get(("group", known.group)) if isinstance(known, Resource) else None
    if isinstance(group, Group) and group.restricted:
        strict.append(frozenset(group.nodes))
    return nodes.intersection(*strict)
