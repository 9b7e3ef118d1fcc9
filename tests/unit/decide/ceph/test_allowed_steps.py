"""Any cluster of 3 to 8 hosts × any runs of what takes OSDs away: no allowed step costs a copy that is needed.

Whatever has failed before, and wherever a run is cut short: a placement group that had enough whole copies online to be
used (``min_size``) still has, one that had too few has no fewer, and none loses a copy for good before it has as many
others as it should have. Where an OSD is given up by name, it may, but never the last from which it can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Union

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_osd_removal import SUBJECT as REMOVAL
from ansible_collections.baremetal.virt.plugins.modules.ceph_osd_state import SUBJECT as STATE
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT as MEMBERSHIP
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ....doubles.ceph_sim import SimCeph, SimOsd, SimPool
from ....doubles.ceph_sim_nodes import SimHost, SimMember, carry_out
from ....doubles.examples import examples
from ....doubles.leaving_node import params


@dataclass(frozen=True)
class Balance:
    """Of every placement group: whole copies online, and stored anywhere."""

    online: dict[str, int]
    stored: dict[str, int]

    @classmethod
    def of(cls, sim: SimCeph) -> Balance:
        return cls({one.id: sim.online(one) for one in sim.groups}, {one.id: sim.stored(one) for one in sim.groups})


def assert_kept(sim: SimCeph, before: Balance, step: Step, given_up: bool) -> None:
    after = Balance.of(sim)
    for group in sim.groups:
        had, has, pool = before.online[group.id], after.online[group.id], group.pool
        assert has >= min(had, pool.min_size), f"{step.id}: {group.id} of {pool} had {had} copies online, and has {has}"
        kept = min(before.stored[group.id], pool.pieces if given_up else pool.size)
        left = after.stored[group.id]
        assert left >= kept, f"{step.id}: {group.id} of {pool} has {left} copies left of {before.stored[group.id]}"


@st.composite
def pools(draw: st.DrawFn, number: int, roots: list[str]) -> SimPool:
    pieces = draw(st.sampled_from([1, 1, 1, 2, 3]))
    size = pieces + draw(st.integers(1, 2)) if pieces > 1 else draw(st.integers(1, 4))
    least = draw(st.integers(pieces, size)) if pieces > 1 else draw(st.integers(1, size))
    domain = draw(st.sampled_from(["host", "host", "osd"]))
    return SimPool(number, size, least, pieces, domain, draw(st.sampled_from(roots)), draw(st.integers(1, 4)))


@st.composite
def clusters(draw: st.DrawFn) -> tuple[SimCeph, tuple[str, ...]]:
    """Hosts with one to three OSDs, in one or two trees, with buckets that are not always called like the machine."""
    names = tuple(f"pve{number}" for number in range(1, draw(st.integers(3, 8)) + 1))
    roots = draw(st.sampled_from([["default"], ["default", "fast"]]))
    osds: list[SimOsd] = []
    for name in names:
        bucket = draw(st.sampled_from([name, name, f"{name}-b"]))
        for _osd in range(draw(st.integers(0 if name == "pve1" else 1, 3))):
            osds.append(SimOsd(len(osds), name, bucket, draw(st.sampled_from(roots))))
    found = [draw(pools(number, roots)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    return SimCeph(osds, found), names


Node = Union[SimMember, SimHost]


def allowed(subject: Any, wishes: dict[str, Any], node: Node) -> Plan:
    """The plan, if it is allowed; what cannot be read is not."""
    try:
        plan = make_plan(subject, wishes, node)
    except Unreadable:
        return Plan()
    return Plan() if plan.refusals else plan


def run(subject: Any, wishes: dict[str, Any], node: Node, cut: int, random: Random) -> None:
    plan = allowed(subject, wishes, node)
    event(f"{subject.name} {wishes.get('mode', '')}: {'allowed' if plan.steps else 'refused, or nothing to do'}")
    for step in plan.steps[:cut]:
        before = Balance.of(node.sim)
        done = carry_out(node, step, random)
        assert_kept(node.sim, before, step, given_up=bool(wishes.get("give_up")))
        if not done:
            return
        if step.id.startswith(("osd.out", "osd.in")) and random.random() < 0.5:
            node.sim.write()


class World:
    """A cluster, and what is done to it: by us, and by others."""

    def __init__(self, sim: SimCeph, names: tuple[str, ...], random: Random) -> None:
        self.sim, self.names, self.random = sim, names, random
        self.member = SimMember(sim, names)

    def leave(self, draw: st.DataObject) -> None:
        mode = draw.draw(st.sampled_from(["retire", "separate", "dead"]))
        if mode == "dead" and "pve3" in self.member.awake:
            self.member.off("pve3")
            for osd in self.sim.osds.values():
                osd.up = osd.up and osd.node != "pve3"
        tolerated = draw.draw(st.sampled_from([[], list(self.sim.checks())]))
        wishes = params(mode, expected_votes=None, tolerated_health=tolerated)
        run(MEMBERSHIP, wishes, self.member, draw.draw(st.integers(1, 60)), self.random)

    def state(self, draw: st.DataObject) -> None:
        osds = self._some(draw)
        wishes = {"osds": osds, "membership": draw.draw(st.sampled_from(["in", "out", "out"]))}
        wishes["noout"] = draw.draw(st.sampled_from([None, None, True, False]))
        run(STATE, {**wishes, "tolerated_health": []}, self._host(osds), 99, self.random)

    def remove(self, draw: st.DataObject) -> None:
        osds = self._some(draw)
        give_up = osds if draw.draw(st.booleans()) else []
        wishes = {"osds": osds, "keep_ids": draw.draw(st.booleans()), "give_up": give_up, "wipe": True}
        tolerated = draw.draw(st.sampled_from([[], list(self.sim.checks())]))
        cut = draw.draw(st.integers(1, 12))
        run(REMOVAL, {**wishes, "tolerated_health": tolerated}, self._host(osds), cut, self.random)

    def _some(self, draw: st.DataObject) -> list[int]:
        """OSDs of one machine, often such as are on their way out already."""
        known = sorted(self.sim.osds)
        if not known:
            return []
        begun = [number for number in known if not (self.sim.osds[number].is_in and self.sim.osds[number].up)]
        first = draw.draw(st.sampled_from(begun or known) | st.sampled_from(known))
        near = [number for number in known if self.sim.osds[number].node == self.sim.osds[first].node]
        more = draw.draw(st.lists(st.sampled_from(near), max_size=2)) if draw.draw(st.booleans()) else []
        return sorted({first, *more})

    def _host(self, osds: list[int]) -> SimHost:
        return SimHost(self.sim, self.sim.osds[osds[0]].node if osds else "pve1")

    def fail(self, draw: st.DataObject) -> None:
        """An OSD dies, or comes back without what was written meanwhile."""
        if self.sim.osds:
            osd = self.sim.osds[draw.draw(st.sampled_from(sorted(self.sim.osds)))]
            asleep = osd.destroyed or (osd.node == "pve3" and "pve3" not in self.member.awake)
            osd.up = not osd.up and not asleep

    def write(self, draw: st.DataObject) -> None:
        self.sim.write()

    def recover(self, draw: st.DataObject) -> None:
        self.sim.recover(self.random, draw.draw(st.integers(1, 20)))


@settings(
    max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(clusters(), st.integers(0, 2**16), st.data())
def test_no_allowed_step_costs_a_copy_that_is_needed(
    cluster: tuple[SimCeph, tuple[str, ...]], seed: int, draw: st.DataObject
) -> None:
    world = World(*cluster, Random(seed))
    for _event in range(draw.draw(st.integers(1, 8))):
        name = draw.draw(st.sampled_from(["leave", "state", "remove", "fail", "write", "recover"]))
        getattr(world, name)(draw)
