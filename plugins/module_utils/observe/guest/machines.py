# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which guests there are, and how those are configured that somebody declares.

What is not shown is not taken for absent: a node may be off, or whoever asks may see little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.guest.desired import DesiredGuest, DesiredGuests, has_drive, parts_of, volume_name
from ...model.guest.guest import GuestKind
from ...model.guest.observed import ListedGuest, ObservedGuest, ObservedGuests, ObservedNode, VolumeUse
from ...model.guest.properties import truth
from ...model.guest.volumes import owners_of
from ..access import release
from .firewall import observe_firewalls, why_off
from .tell import tell

_KINDS = ("qemu", "lxc")
_NO_SUCH_PARAMETER = 400
_FORBIDDEN = 403
Rows = Sequence[Mapping[str, Any]]


def observe(reader: Reader, desired: DesiredGuests) -> ObservedGuests:
    number = release.observe(reader)
    if number is None:
        return ObservedGuests(release=None)
    return _observed(reader, desired, number, reader.get("/cluster/resources"))


def observe_all(reader: Reader) -> ObservedGuests:
    """Every guest of the cluster that is shown."""
    number = release.observe(reader)
    if number is None:
        return ObservedGuests(release=None)
    rows = reader.get("/cluster/resources")
    every = tuple(DesiredGuest(row.kind, vmid, row.name) for vmid, row in guests_listed(rows))
    return _observed(reader, DesiredGuests(every), number, rows)


def _observed(reader: Reader, desired: DesiredGuests, number: int, rows: Rows) -> ObservedGuests:
    listed = dict(guests_listed(rows))
    nodes = dict(_nodes(rows))
    unknown = dict(_unknown(reader, desired, listed, nodes))
    seen = _seen(reader, desired, listed, nodes, unknown)
    made = [one for one in desired.guests if not one.absent and one.vmid not in listed and one.vmid not in unknown]
    return ObservedGuests(
        release=number,
        quorate=_is_quorate(reader, nodes),
        listed=listed,
        seen=seen,
        unknown=unknown,
        nodes=_with_bridges(reader, nodes) if any(not one.node for one in made) else nodes,
        shared=frozenset(row["storage"] for row in rows if row["type"] == "storage" and truth(row.get("shared"))),
        ha=_ha(reader) if any(one.ha for one in desired.guests) else None,
        firewall=why_off(reader, desired),
        mapped=_mapped(reader) if any(one.mappings for one in made) else {},
        **_users(reader, desired, listed, nodes),
    )


def _mapped(reader: Reader) -> dict[str, dict[str, int]]:
    """Mapping → node → how many devices. Each entry is one, or several of which a guest gets one."""
    found: dict[str, dict[str, int]] = {}
    for row in reader.get("/cluster/mapping/pci"):
        its = found.setdefault(row["id"], {})
        for text in row.get("map") or ():
            entry = dict(word.partition("=")[::2] for word in text.split(","))
            its[entry["node"]] = its.get(entry["node"], 0) + len(entry.get("path", "").split(";"))
    return found


def _users(
    reader: Reader, desired: DesiredGuests, listed: Mapping[int, ListedGuest], nodes: Mapping[str, ObservedNode]
) -> dict[str, Any]:
    """Who has volumes of those that are to be destroyed. Every configuration of the cluster may tell."""
    owners = frozenset(one.vmid for one in desired.guests if one.absent and one.vmid in listed)
    if not owners:
        return {}
    online = [row for row in listed.values() if row.node in nodes and nodes[row.node].online]
    unread = {vmid: f"{row.node} is off" for vmid, row in listed.items() if row not in online}
    current = tell(reader, [f"{row.path}/pending" for row in online])
    lists = tell(reader, [f"{row.path}/snapshot" for row in online])
    told = [(row, rows) for row, rows in zip(online, lists) if not isinstance(rows, Unreadable)]
    taken = [(row, name) for row, rows in told for name in _snapshots(rows)]
    kept = tell(reader, [f"{row.path}/config?snapshot={name}" for row, name in taken])
    uses: list[VolumeUse] = []
    for row, answer in (*zip(online, current), *zip(online, lists), *zip((row for row, dummy in taken), kept)):
        if isinstance(answer, Unreadable):
            unread[row.vmid] = answer.message
    for row, rows in zip(online, current):
        if not isinstance(rows, Unreadable):
            uses += _used(row, owners, [(one["key"], one.get(part)) for one in rows for part in ("value", "pending")])
    for (row, name), config in zip(taken, kept):
        if not isinstance(config, Unreadable):
            uses += _used(row, owners, config.items(), name)
    return {"uses": tuple(uses), "unread": unread}


def _used(
    row: ListedGuest, owners: frozenset[int], values: Iterable[tuple[str, Any]], snapshot: str = ""
) -> Iterator[VolumeUse]:
    for key, text in values:
        volume = volume_name(parts_of(row.kind, key, str(text or ""))) or str(text or "").partition(",")[0]
        for owner in owners & set(owners_of(volume)) - {row.vmid}:
            slot = f"{key} of the snapshot {snapshot}" if snapshot else key
            yield VolumeUse(owner, volume, f"{row.noun} {row.vmid} ({row.name})", slot, row.status == "running")


def _is_quorate(reader: Reader, nodes: Mapping[str, ObservedNode]) -> bool:
    """Whoever may not see that counts nodes: more than half of them is enough for sure."""
    (status,) = tell(reader, ["/cluster/status"])
    if not isinstance(status, Unreadable):
        return all(truth(row.get("quorate")) for row in status if row["type"] == "cluster")
    if status.details.get("status") != _FORBIDDEN:
        raise status
    return sum(node.online for node in nodes.values()) * 2 > len(nodes)


def guests_listed(rows: Rows) -> Iterator[tuple[int, ListedGuest]]:
    for row in rows:
        if row["type"] in _KINDS:
            vmid = int(row["vmid"])
            yield (
                vmid,
                ListedGuest(
                    cast(GuestKind, row["type"]),
                    vmid,
                    row["node"],
                    row.get("name") or "",
                    row.get("status") or "unknown",
                    int(row.get("maxmem") or 0),
                    row.get("pool") or "",
                    row.get("hastate") or "",
                    truth(row.get("template")),
                ),
            )


def _nodes(rows: Rows) -> Iterator[tuple[str, ObservedNode]]:
    for row in rows:
        if row["type"] == "node":
            usable = frozenset(
                one["storage"]
                for one in rows
                if one["type"] == "storage" and one["node"] == row["node"] and one.get("status") == "available"
            )
            online = row.get("status") == "online"
            yield row["node"], ObservedNode(online, int(row.get("maxmem") or 0), row.get("hastate") or "", usable)


def _with_bridges(reader: Reader, nodes: Mapping[str, ObservedNode]) -> dict[str, ObservedNode]:
    """What guests can be plugged into, on each node that could get one."""
    asked = [name for name, node in nodes.items() if node.usable]
    answers = tell(reader, [f"/nodes/{name}/network?type=any_bridge" for name in asked])
    found = dict(nodes)
    for name, answer in zip(asked, answers):
        node = nodes[name]
        bridges = None if isinstance(answer, Unreadable) else frozenset(row["iface"] for row in answer)
        found[name] = ObservedNode(node.online, node.memory, node.ha, node.storages, bridges)
    return found


def _unknown(
    reader: Reader, desired: DesiredGuests, listed: Mapping[int, ListedGuest], nodes: Mapping[str, ObservedNode]
) -> Iterator[tuple[int, str]]:
    """Those on nodes that are away, and those that are there without being shown."""
    hidden = [one.vmid for one in desired.guests if one.vmid not in listed]
    answers = tell(reader, [f"/cluster/nextid?vmid={vmid}" for vmid in hidden])
    for vmid, answer in zip(hidden, answers):
        if isinstance(answer, Unreadable):
            taken = answer.details.get("status") == _NO_SUCH_PARAMETER
            yield vmid, "its number is taken, and whoever asks is not shown by what" if taken else answer.message
    for one in desired.guests:
        row = listed.get(one.vmid)
        if row is not None and (row.node not in nodes or not nodes[row.node].online or row.status == "unknown"):
            yield one.vmid, f"{row.node} is off, or does not tell"


def _seen(
    reader: Reader,
    desired: DesiredGuests,
    listed: Mapping[int, ListedGuest],
    nodes: Mapping[str, ObservedNode],
    unknown: dict[int, str],
) -> dict[int, ObservedGuest]:
    """``unknown`` gets those that are not told although their node is there."""
    declared = {one.vmid: one for one in desired.guests}
    wanted = {vmid for vmid in (*declared, *_sources(desired, listed)) if vmid in listed and vmid not in unknown}
    wanted = {vmid for vmid in wanted if listed[vmid].node in nodes and nodes[listed[vmid].node].online}
    asked = sorted(wanted)
    configs = dict(zip(asked, tell(reader, [f"{listed[vmid].path}/pending" for vmid in asked])))
    found = {}
    for vmid, rows in configs.items():
        if isinstance(rows, Unreadable):
            unknown[vmid] = rows.message
        else:
            found[vmid] = ObservedGuest(listed[vmid], *parse_pending(rows))
    questions = {vmid: _further(found[vmid], declared[vmid]) for vmid in found if vmid in declared}
    paths = [path for asked_of_one in questions.values() for path in asked_of_one.values()]
    answers = dict(zip(paths, tell(reader, paths)))
    for vmid, asked_of_one in questions.items():
        told = {name: answers[path] for name, path in asked_of_one.items()}
        silent = [answer for answer in told.values() if isinstance(answer, Unreadable)]
        if silent:
            unknown[vmid] = silent[0].message
            del found[vmid]
        else:
            found[vmid] = _with(found[vmid], told)
    return _guarded(reader, desired, listed, found, unknown)


def _guarded(
    reader: Reader,
    desired: DesiredGuests,
    listed: Mapping[int, ListedGuest],
    found: Mapping[int, ObservedGuest],
    unknown: dict[int, str],
) -> dict[int, ObservedGuest]:
    """With their firewalls, where something is said of those. A clone has that of what it is a clone of."""
    named = {one.vmid: one.firewall.named for one in desired.guests if one.firewall is not None}
    made = [sets for vmid, sets in named.items() if vmid not in listed]
    for vmid in set(_sources(desired, listed)) if made else ():
        named[vmid] = frozenset().union(named.get(vmid, ()), *made)
    asked = {found[vmid].listed.path: sets for vmid, sets in named.items() if vmid in found}
    answers = observe_firewalls(reader, asked) if asked else {}
    whole = dict(found)
    for vmid, guest in found.items():
        answer = answers.get(guest.listed.path)
        if isinstance(answer, Unreadable):
            unknown[vmid] = answer.message
            del whole[vmid]
        elif answer is not None:
            whole[vmid] = replace(guest, firewall=answer)
    return whole


def _further(guest: ObservedGuest, wish: DesiredGuest) -> dict[str, str]:
    """What is to be known besides the configuration, and where it is told."""
    path = guest.listed.path
    found = {}
    if wish.snapshots:
        found["snapshot"] = f"{path}/snapshot"
    if wish.kind == guest.listed.kind == "qemu" and has_drive(guest.config) and not wish.absent:
        if any(key in wish.values for key in ("ciuser", "sshkeys")):
            found["dump"] = f"{path}/cloudinit/dump?type=user"
        if guest.running:
            found["cloudinit"] = f"{path}/cloudinit"
    return found


def _with(guest: ObservedGuest, told: Mapping[str, Any]) -> ObservedGuest:
    differing = [row for row in told.get("cloudinit", ()) if "pending" in row or truth(row.get("delete"))]
    return replace(
        guest,
        snapshots=_snapshots(told["snapshot"]) if "snapshot" in told else None,
        stale=frozenset(row["key"] for row in differing),
        dump=told.get("dump"),
    )


def _sources(desired: DesiredGuests, listed: Mapping[int, ListedGuest]) -> Iterator[int]:
    """What is to be cloned, where it still is to be."""
    clones = [one.clone for one in desired.guests if one.clone is not None and one.vmid not in listed]
    yield from (clone.vmid for clone in clones if clone.vmid)
    if any(clone.template for clone in clones):
        yield from (vmid for vmid, row in listed.items() if row.template)


def parse_pending(rows: Rows) -> tuple[dict[str, str], frozenset[str]]:
    """The configuration as it is to be, and the keys of it that are not so yet."""
    config: dict[str, str] = {}
    pending = set()
    for row in rows:
        key = row["key"]
        if truth(row.get("delete")):
            pending.add(key)
            continue
        if "pending" in row:
            pending.add(key)
        config[key] = str(row["pending"] if "pending" in row else row.get("value", ""))
    return config, frozenset(pending)


def _snapshots(rows: Rows) -> dict[str, str]:
    return {row["name"]: (row.get("description") or "").rstrip("\n") for row in rows if row["name"] != "current"}


def _ha(reader: Reader) -> dict[str, dict[str, str]]:
    rows: Iterable[Mapping[str, Any]] = reader.get("/cluster/ha/resources")
    return {row["sid"]: {key: str(value) for key, value in row.items()} for row in rows}
