# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read, on a member that stays, all that matters for a node that is to leave.

Not part of the one look per run: nothing of this is asked unless a playbook names a node to drain, remove or replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Optional

from ...engine.reader import Reader
from ...model.cluster.authority import AUTHORITY
from ...model.cluster.cluster import ObservedCluster, fingerprint
from ...model.guest.guest import NODES
from ...model.leaving.keys import AUTHORIZED_KEYS, KNOWN_HOSTS
from ...model.leaving.membership import (
    KEYSCAN,
    DesiredMembership,
    Leftovers,
    ObservedMembership,
    Silence,
)
from ..cluster import cluster
from ..cluster.running import expected_votes
from ..guest import guests, migration
from . import ceph as node_ceph
from . import references as node_references


def _pvesh(path: str) -> tuple[str, ...]:
    return ("pvesh", "get", path, "--output-format", "json")


TASKS = _pvesh("/cluster/tasks")
_WEB = 8006


def observe(reader: Reader, desired: DesiredMembership) -> ObservedMembership:
    seen = cluster.observe(reader)
    places = guests.places(reader)
    references = node_references.observe(reader, desired.node, places)
    resources = _resources(reader, seen)
    authority = reader.read(AUTHORITY)
    here = guests.on(reader, desired.node, places, references.storages, resources)
    return ObservedMembership(
        cluster=seen,
        authority="" if authority is None else fingerprint(authority),
        guests=here,
        tasks=tuple(_tasks(reader, seen, desired.node)) if resources else (),
        migrating=frozenset(one.vmid for one in here if migration.observe(reader, one.vmid) is not None),
        free_memory=_free_memory(reader, seen, desired.node) if here else {},
        references=references,
        leftovers=_leftovers(reader, desired.node),
        silence={one: _silence(reader, seen, one, desired) for one in _absent(seen)},
        ceph=node_ceph.observe(reader, desired.node),
        expected=_expected(reader, seen),
    )


def _expected(reader: Reader, seen: ObservedCluster) -> Optional[int]:
    if seen.config is None or seen.config.qdevice:
        return None
    return expected_votes(reader)


def _resources(reader: Reader, seen: ObservedCluster) -> list[dict[str, Any]]:
    """What pvestatd of all nodes last said; nothing without quorum, when it would be old."""
    if seen.membership is None or not seen.membership.quorate:
        return []
    return list(reader.run_json(*guests.RESOURCES) or [])


def _tasks(reader: Reader, seen: ObservedCluster, node: str) -> Iterator[str]:
    """That a task has ended reaches the list seconds later; its own node, as long as it can be asked, knows at once."""
    online = any(one.name == node and one.online for one in seen.members)
    for task in reader.run_json(*TASKS) or []:
        if task.get("node") != node or task.get("endtime"):
            continue
        if not online or "upid" not in task or not _has_ended(reader, node, task["upid"]):
            yield f"{task.get('type', 'task')} {task.get('id', '')}".strip()


def _has_ended(reader: Reader, node: str, upid: str) -> bool:
    told = reader.run_json(*_pvesh(f"/nodes/{node}/tasks/{upid}/status")) or {}
    return bool(told.get("status") == "stopped")


def _free_memory(reader: Reader, seen: ObservedCluster, leaving: str) -> dict[str, int]:
    """Each node is asked itself: what the others hear of it does not count yet what has just arrived there. 0: it did
    not say."""
    free = {}
    for one in seen.members:
        if one.online and one.name != leaving:
            told = reader.run_json(*_pvesh(f"/nodes/{one.name}/status")) or {}
            memory = told.get("memory", {})
            free[one.name] = int(memory.get("total", 0)) - int(memory.get("used", 0))
    return free


def _leftovers(reader: Reader, node: str) -> Leftovers:
    own = reader.read(f"{NODES}/{node}/ssh_known_hosts") or ""
    return Leftovers(
        directory=node in reader.names(NODES),
        keys=reader.read(AUTHORIZED_KEYS) or "",
        hosts=reader.read(KNOWN_HOSTS) or "",
        host_keys=frozenset(" ".join(line.split()[1:3]) for line in own.splitlines() if len(line.split()) > 2),
    )


def _absent(seen: ObservedCluster) -> Iterator[str]:
    return (one.name for one in seen.members if not one.online and one.name != seen.host.name)


def _silence(reader: Reader, seen: ObservedCluster, name: str, desired: DesiredMembership) -> Silence:
    """Ask the machine on every address it may have: by ssh, by its web interface, by ping."""
    addresses = [address for one in seen.members if one.name == name for address in one.addresses if address]
    if name == desired.node and desired.addresses:
        addresses += sorted(desired.addresses - set(addresses))
    if not addresses or reader.entry(KEYSCAN) is None:
        return Silence(tuple(addresses), able=False)
    keys = reader.run("ssh-keyscan", "-T", "2", *addresses).stdout
    heard = [f"{address} (ssh)" for address in addresses if re.search(rf"(?m)^{re.escape(address)} ", keys)]
    heard += [f"{address} (port {_WEB})" for address in addresses if reader.certificate(f"{address}:{_WEB}")]
    heard += [f"{address} (ping)" for address in addresses if reader.run("ping", "-c", "1", "-W", "1", address).rc == 0]
    return Silence(tuple(addresses), tuple(heard))
