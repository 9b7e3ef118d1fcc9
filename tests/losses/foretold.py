"""What the report's table says of a loss, from one reading of the lab, in a form that can be held against what happens.

The nodes are read by the very program that report.yml sends to them, past their networks; the rest is the product's.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recording, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import SiteLook
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import look as node_look
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.daemons import majority
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.division import divisions
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.gone import Gone, gone_with
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.guests import guest_loss
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.outcomes import pool_losses, whole_left
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import CephReading, Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Thing, things
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.ceph import SiteCeph
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.nodes import Site
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.reading import reading_of
from ansible_collections.baremetal.virt.plugins.plugin_utils import node_program
from ansible_collections.baremetal.virt.plugins.plugin_utils.node_reader import hurried_program

from ..lab.faults.conftest import COMMAND

#: Outcomes in which a placement group can be read and written.
GOES_ON = ("untouched", "fewer copies", "newest only there")


@dataclass(frozen=True)
class Group:
    """A placement group: whether it is served, and by how many OSDs where it is."""

    active: bool
    copies: int


@dataclass(frozen=True)
class Foretold:
    """``quorate``: nodes with quorum. monitors: those that are left, and whether they suffice. osds: that are lost.

    lost_guests: those that stop. storages: (node, storage) → whether it can be used; None where that is called unknown.
    """

    quorate: frozenset[str]
    groups: dict[str, Group]
    osds: frozenset[int]
    monitors: int
    stands: bool
    lost_guests: frozenset[int]
    storages: dict[tuple[str, str], Optional[bool]]


def recordings(nodes: Collection[str]) -> dict[str, Recording]:
    """What the nodes say, all at once; one that does not answer is left out."""
    program = hurried_program().encode(node_program.ENCODING)

    def ask(node: str) -> Optional[Recording]:
        command = [str(COMMAND), "exec", node, "--", "python3", *node_program.COMMAND]
        done = subprocess.run(command, input=program, capture_output=True, check=False, timeout=60)
        return node_program.answer(done.stdout.decode(), "")["recording"] if done.returncode == 0 else None

    with ThreadPoolExecutor() as pool:
        found = dict(zip(nodes, pool.map(ask, nodes)))
    return {node: recording for node, recording in found.items() if recording is not None}


def site_look(found: dict[str, Recording]) -> SiteLook:
    return SiteLook(tuple(found), {node: node_look.observe(Replay(one)) for node, one in found.items()})


def reading(found: SiteLook) -> Reading:
    site = Site.of(found)
    return reading_of(site, SiteCeph.of(site), time.time())


def thing(found: Reading, kind: str, name: str) -> Thing:
    return next(one for one in things(found) if (one.kind, one.name) == (kind, name))


def foretell(loss: Thing, found: Reading, monitors: Collection[str] = ()) -> Foretold:
    """``monitors``: those that are lost besides."""
    ceph = found.ceph.value
    assert ceph is not None, found.ceph.why
    gone = gone_with(loss, found, ceph)
    gone = Gone(gone.nodes, gone.osds, gone.monitors | frozenset(monitors), gone.unstable, gone.doubts)
    assert not gone.doubts, gone.doubts
    [division] = divisions(loss, found)
    guests, left = guest_loss(loss, found), majority(ceph, gone)
    entries = {name: one for name, one in (found.storages.value or {}).items() if not one.disabled}
    here = [(node.name, name) for node in found.nodes for name, one in entries.items() if one.is_on(node.name)]
    return Foretold(
        quorate=division.quorate,
        groups=dict(_groups(ceph, gone.osds)),
        osds=gone.osds,
        monitors=left.left,
        stands=left.stands,
        lost_guests=frozenset((*guests.lost, *guests.also_stop)),
        storages={
            (node, name): None if guests.storages.why_unsure(name, node) else not guests.storages.why_not(name, node)
            for node, name in here
            if node not in guests.after.lost
        },
    )


def _groups(ceph: CephReading, lost: frozenset[int]) -> Iterator[tuple[str, Group]]:
    groups = {group.id: group for group in ceph.data.groups or ()}
    for pool in pool_losses(ceph, lost):
        for outcome, names in pool.groups.items():
            assert outcome != "unknown", f"{pool.pool.name}: {names}"
            for name in names:
                yield name, Group(outcome in GOES_ON, whole_left(groups[name], pool.pool, lost))
