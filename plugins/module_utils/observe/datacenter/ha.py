# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API what the HA manager is in charge of, and what there is to know before it gets charge of more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.access.names import ROOT
from ...model.access.need import Need, missing
from ...model.cluster.section_config import split_list
from ...model.datacenter.ha import (
    RULES_SINCE,
    DesiredHa,
    Group,
    Key,
    ObservedHa,
    Placed,
    Resource,
    Rule,
    Thing,
    Things,
    goal,
)
from ...model.guest.backup import volumes_of
from ...model.guest.guest import GuestKind
from ...model.upgrade.release_ha import PREFIX
from ..access.access import observe_rights
from ..access.release import observe as observe_release
from ..guest.ha import parse_nodes
from .storages import replication_jobs, storages

RESOURCES = "/cluster/ha/resources"
GROUPS = "/cluster/ha/groups"
STATUS = "/cluster/ha/status/current"
_MIGRATED = "have been migrated to rules"
_LISTS = (RESOURCES, STATUS, "/cluster/resources", "/cluster/options", "/cluster/config/nodes")
_DEVICE = "/cluster/config/qdevice"
_KINDS: Mapping[str, str] = {"qemu": "vm", "lxc": "ct"}
_DEVICES = re.compile(r"(hostpci|usb|dev)\d+")
NEEDS = frozenset(
    (Need("/", "Sys.Audit"), Need("/", "Sys.Console"), Need("/vms", "VM.Audit"), Need("/storage", "Datastore.Audit"))
)
Row = Mapping[str, Any]


def observe(reader: Reader, desired: DesiredHa) -> ObservedHa:
    release = observe_release(reader)
    if release is None:
        return ObservedHa()
    lacking = _lacking(reader, desired)
    if lacking:
        return ObservedHa(release, lacking=lacking)
    resources, status, rows, options, members = reader.get_many(_LISTS)
    rules = reader.get("/cluster/ha/rules") if release >= RULES_SINCE else []
    groups = _groups(reader, release)
    now: dict[Key, Any] = {("resource", row["sid"]): _resource(row) for row in resources}
    now.update({("rule", row["rule"]): _rule(row) for row in rules})
    now.update({("group", row["group"]): _group(row) for row in groups})
    if release >= RULES_SINCE and groups:
        now = _becoming(now)
    guests = {f"{_KINDS[row['type']]}:{row['vmid']}": row for row in rows if row["type"] in _KINDS}
    asked = sorted(_affected(desired, release, now) & set(guests))
    return ObservedHa(
        release,
        now,
        guests=frozenset(guests),
        votes={row["name"]: int(row.get("quorum_votes", 1)) for row in members},
        device=_device(reader),
        armed=next((str(row.get("armed-state", "")) for row in status if row["type"] == "fencing"), ""),
        services={row["sid"]: str(row.get("state", "")) for row in status if row["type"] == "service"},
        policy=_policy(options.get("ha")),
        ignored={row["rule"]: _errors(row["errors"]) for row in rules if row.get("errors")},
        unmigrated=tuple(sorted(row["group"] for row in groups)) if release >= RULES_SINCE else (),
        placed=dict(zip(asked, _placed(reader, [guests[sid] for sid in asked]))),
        storages=storages(reader) if asked else {},
        jobs=replication_jobs(reader) if asked else (),
    )


def _lacking(reader: Reader, desired: DesiredHa) -> tuple[str, ...]:
    """Whoever may not see everything would take what he does not see for absent."""
    if desired.caller == ROOT:
        return ()
    needs = NEEDS if desired.policy is None else NEEDS | {Need("/", "Sys.Modify")}
    found = missing(observe_rights(reader, {need.path for need in needs}), needs)
    return tuple(f"{need.privilege} on {need.path}" for need in found)


def _groups(reader: Reader, release: int) -> list[Row]:
    """On 9 those that the HA manager has not turned into rules yet; once it has, it says so instead."""
    try:
        return list(reader.get(GROUPS))
    except Unreadable as silence:
        if release >= RULES_SINCE and _MIGRATED in silence.message:
            return []
        raise


def _becoming(now: Things) -> dict[Key, Any]:
    """As it will be when the HA manager has turned the groups into rules; a group that nobody uses leaves nothing."""
    found = {key: thing for key, thing in now.items() if not isinstance(thing, Group)}
    for (_kind, name), group in now.items():
        users = {key: one for key, one in now.items() if isinstance(one, Resource) and one.group == name}
        if isinstance(group, Group) and users:
            sids = frozenset(sid for dummy, sid in users)
            rule = Rule("node-affinity", sids, group.nodes, strict=group.restricted, comment=group.comment)
            found["rule", f"{PREFIX}{name}"] = rule
            for key, one in users.items():
                found[key] = replace(one, group="", failback=not group.nofailback)
    return found


def _affected(desired: DesiredHa, release: int, now: Things) -> set[str]:
    """The resources that are new, those that may run on other nodes, and all where nodes hand over theirs."""
    wanted = goal(desired, release, now)
    new = {name for kind, name in wanted if kind == "resource"}
    if desired.policy != "migrate":
        new -= {name for key, thing in now.items() for kind, name in [key] if wanted.get(key) == thing}
    for key, thing in wanted.items():
        if now.get(key) != thing:
            new |= _tied(key, thing, wanted)
    for key, thing in now.items():
        if wanted.get(key) != thing and _confines(thing):
            new |= _tied(key, thing, now)
    return new


def _confines(thing: Thing) -> bool:
    """Without it, HA may start its resources on more nodes."""
    if isinstance(thing, Rule):
        return thing.strict and not thing.disable
    return isinstance(thing, Group) and thing.restricted


def _tied(key: Key, thing: Thing, things: Things) -> set[str]:
    if isinstance(thing, Rule):
        return set(thing.resources) if thing.type == "node-affinity" else set()
    if isinstance(thing, Group):
        return {sid for (_kind, sid), one in things.items() if isinstance(one, Resource) and one.group == key[1]}
    return set()


def _flag(value: Any) -> bool:
    return bool(int(value or 0))


def _resource(row: Row) -> Resource:
    state = str(row.get("state", "started"))
    return Resource(
        state={"enabled": "started", "disabled": "stopped"}.get(state, state),
        group=str(row.get("group", "")),
        failback=_flag(row.get("failback", 1)),
        max_restart=int(row.get("max_restart", 1)),
        max_relocate=int(row.get("max_relocate", 1)),
        comment=str(row.get("comment", "")),
    )


def _priorities(text: str) -> dict[str, int]:
    return {name: int(priority or 0) for name, priority in parse_nodes(text).items()}


def _group(row: Row) -> Group:
    restricted, nofailback = _flag(row.get("restricted")), _flag(row.get("nofailback"))
    return Group(_priorities(row.get("nodes", "")), restricted, nofailback, str(row.get("comment", "")))


def _rule(row: Row) -> Rule:
    return Rule(
        row["type"],
        frozenset(split_list(row.get("resources", ""))),
        _priorities(row.get("nodes", "")),
        strict=_flag(row.get("strict")),
        affinity=str(row.get("affinity", "")),
        disable=_flag(row.get("disable")),
        comment=str(row.get("comment", "")),
    )


def _errors(told: Any) -> str:
    values = told.values() if isinstance(told, dict) else [told]
    words = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return "; ".join(str(word).strip() for word in words)


def _device(reader: Reader) -> str:
    """Nothing is answered where there is none; what there is has a state."""
    told = reader.get(_DEVICE) or {}
    return str(told.get("State", "of unknown state")) if told else ""


def _policy(told: Any) -> str:
    """Upstream tells a property string as an object, or as it is written."""
    if isinstance(told, dict):
        return str(told.get("shutdown_policy", ""))
    found = re.search(r"(?:^|,)(?:shutdown_policy=)?(\w+)", str(told or ""))
    return found[1] if found else ""


def _placed(reader: Reader, rows: list[Row]) -> Iterable[Placed]:
    configs = reader.get_many([f"/nodes/{row['node']}/{row['type']}/{row['vmid']}/config" for row in rows])
    for row, config in zip(rows, configs):
        kind: GuestKind = "qemu" if row["type"] == "qemu" else "lxc"
        devices = [key for key, value in sorted(config.items()) if _DEVICES.fullmatch(key) and _is_own(str(value))]
        volumes = {one.key: one.id.partition(":")[0] for one in volumes_of(kind, config)}
        yield Placed(str(row.get("name") or row["vmid"]), row["node"], volumes, tuple(devices))


def _is_own(value: str) -> bool:
    """A device of this very node, and none that a mapping finds on others."""
    return "mapping=" not in value and value != "spice"


def unmigrated(reader: Reader) -> tuple[str, ...]:
    """The resources that name a group which the HA manager of 9 still has to turn into a rule."""
    release = observe_release(reader)
    if release is None or release < RULES_SINCE or not _groups(reader, release):
        return ()
    return tuple(sorted(row["sid"] for row in reader.get(RESOURCES) if row.get("group")))
