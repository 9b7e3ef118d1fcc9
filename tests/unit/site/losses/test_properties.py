"""What holds for every site: nothing that is not known is called fine, and no loss makes another one better."""

from __future__ import annotations

import json
from itertools import chain, combinations
from random import Random

from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumOptions, QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.advice import advice
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import STATES, Topic
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.counting import count, one_after_the_other
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.division import divisions
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.findings import findings
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.guests import guest_loss
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.outcomes import pool_losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import CephReading, Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.table import cell_of, losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Thing, things
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ....doubles.examples import examples
from ....doubles.loss_sites import NODES, random_sim, random_site, with_an_answer_less
from ....doubles.votequorum import Votequorum

SEEDS = st.integers(0, 1 << 30)
#: A seed is as good as any other: there is nothing to make smaller.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
#: Topics in which a loss never takes away what stood in the way of something good.
GROWING: tuple[Topic, ...] = ("data", "daemons", "storages")


def states(reading: Reading) -> dict[tuple[str, str], str]:
    return {(loss.name, topic): cell.state for loss in losses(reading) for topic, cell in loss.cells.items()}


@given(SEEDS)
@settings(max_examples=examples(25), deadline=None, phases=PHASES)
def test_a_missing_answer_never_makes_anything_fine(seed: int) -> None:
    random = Random(seed)
    reading = random_site(random)
    before = states(reading)
    for missing, less in random.sample(list(with_an_answer_less(reading)), 6):
        for key, state in states(less).items():
            assert state != "fine" or before.get(key, "fine") == "fine", (missing, key, before.get(key))


@given(SEEDS)
@settings(max_examples=examples(25), deadline=None, phases=PHASES)
def test_one_more_loss_never_makes_things_better(seed: int) -> None:
    reading = random_site(Random(seed))
    found = {thing.name: thing for thing in things(reading)}
    for pair in (thing for thing in found.values() if thing.kind == "pair"):
        for name in pair.name.split(" and "):
            for topic in GROWING:
                alone, both = cell_of(topic, found[name], reading), cell_of(topic, pair, reading)
                assert STATES.index(both.state) >= STATES.index(alone.state), (name, pair.name, topic, alone, both)


@given(SEEDS)
@settings(max_examples=examples(25), deadline=None, phases=PHASES)
def test_nobody_gets_quorum_by_one_more_loss(seed: int) -> None:
    reading = random_site(Random(seed))
    found = {thing.name: thing for thing in things(reading)}
    for pair in (thing for thing in found.values() if thing.kind == "pair"):
        for name in pair.name.split(" and "):
            alone, both = divisions(found[name], reading), divisions(pair, reading)
            assert bool(alone) == bool(both)
            assert {node for one in alone for node in one.quorate} >= {node for one in both for node in one.quorate}


@given(SEEDS)
@settings(max_examples=examples(25), deadline=None, phases=PHASES)
def test_whoever_stops_with_one_loss_stops_with_two(seed: int) -> None:
    reading = random_site(Random(seed))
    found = {thing.name: thing for thing in things(reading)}
    for pair in (thing for thing in found.values() if thing.kind == "pair"):
        both = guest_loss(pair, reading)
        stopped = {*both.lost, *both.also_stop, *both.storages.hanging, *both.storages.uncertain}
        stopped |= {one.guest.vmid for one in reading.guests.value or () if one.node in both.after.maybe}
        for name in pair.name.split(" and "):
            alone = guest_loss(found[name], reading)
            assert stopped >= {*alone.lost, *alone.also_stop, *alone.storages.hanging}, (name, pair.name)


@given(SEEDS)
@settings(max_examples=examples(25), deadline=None, phases=PHASES)
def test_everything_can_be_said_and_is_json(seed: int) -> None:
    reading = random_site(Random(seed))
    told = [loss.document() for loss in losses(reading)]
    assert json.loads(json.dumps(told)) == told
    json.dumps([advice(reading).document(), [one.document() for one in findings(reading)]])
    assert all(cell["word"] for row in told for cell in row["cells"].values())
    assert all(
        cell["at_once"] or cell["later"] for row in told for cell in row["cells"].values() if cell["state"] == "unknown"
    )


@given(SEEDS)
@settings(max_examples=examples(150), deadline=None, phases=PHASES)
def test_what_is_said_of_groups_then_happens(seed: int) -> None:
    """Ceph in memory loses the OSDs: no group that was to go on stops; one that was to stop may find another copy."""
    random = Random(seed)
    sim = random_sim(random, NODES)
    ceph = CephReading(parse_data(sim.answers(NODES[:3])))
    lost = frozenset(random.sample(sorted(sim.osds), random.randint(1, 3)))
    found = {group: outcome for one in pool_losses(ceph, lost) for outcome, ids in one.groups.items() for group in ids}
    already = {group for one in pool_losses(ceph, lost) for group in one.stopped}
    for number in lost:
        sim.osds[number].up = False
    for group in sim.groups:
        state, outcome = sim.state(group).split("+"), found[group.id]
        if outcome in ("fewer copies", "untouched") and group.id not in already:
            assert "active" in state and "stale" not in state, (group.id, outcome, state)
            assert sim.online(group) >= group.pool.pieces, (group.id, outcome)
        if outcome == "newest only there":
            assert "active" in state, (group.id, state)


MEMBERS = st.dictionaries(st.integers(1, 9), st.integers(0, 3), min_size=1, max_size=6)


@given(MEMBERS, st.integers(0, 3), st.data())
@settings(max_examples=examples(300), deadline=None, phases=PHASES)
def test_votes_are_counted_as_corosync_does(votes: dict[int, int], device: int, draw: st.DataObject) -> None:
    """Every set of nodes that may be left, with every flag, against another way to count."""
    casting = frozenset(draw.draw(st.sets(st.sampled_from(sorted(votes))))) if device else frozenset()
    two = len(votes) == 2 and not device and draw.draw(st.booleans())
    tie = not two and not device and draw.draw(st.booleans())
    breakers = tuple(draw.draw(st.lists(st.sampled_from(sorted(votes)), max_size=2, unique=True)))
    expected = sum(votes.values()) + device + draw.draw(st.integers(0, 2))
    if not expected:
        return
    real = Votequorum(votes, expected, two, tie, breakers=breakers, device=device, casting=casting)
    flags = frozenset(word for word, said in (("2Node", two), ("AutoTieBreaker", tie)) if said)
    total = real.total(bool(casting))
    status = QuorumStatus(True, expected, total, real.quorum, votes, flags, casting, device)
    options = QuorumOptions(tie_breakers=breakers)
    for left in chain.from_iterable(combinations(sorted(votes), size) for size in range(len(votes) + 1)):
        for counts in (True, False):
            again = Votequorum(votes, expected, two, tie, False, breakers, device, casting)
            again.lose(set(votes) - set(left))
            assert count(status, left, counts, options).quorate == {one for one in left if again.quorate(one, counts)}


@given(st.integers(2, 7), st.booleans(), st.data())
@settings(max_examples=examples(150), deadline=None, phases=PHASES)
def test_the_last_man_stands(size: int, tie: bool, draw: st.DataObject) -> None:
    votes = dict.fromkeys(range(1, size + 1), 1)
    order = tuple(draw.draw(st.permutations(sorted(votes)))[: draw.draw(st.integers(1, size - 1))])
    real = Votequorum(votes, size, False, tie, last_man_standing=True)
    flags = frozenset(("LastManStanding", *(["AutoTieBreaker"] if tie else [])))
    status = QuorumStatus(True, size, size, real.quorum, votes, flags)
    stands = True
    for number in order:
        real.lose({number})
        stands = stands and real.quorate(min(real.members), False)
        real.settle()
    found = one_after_the_other(status, order, QuorumOptions())
    assert found is not None and found.all == stands


def test_a_thing_of_which_nobody_knows_what_goes_with_it() -> None:
    for seed in range(20):
        reading = random_site(Random(seed))
        for thing in things(reading):
            if thing.shaky:
                bare = Thing(thing.kind, thing.name, osds=thing.osds)
                for topic in GROWING:
                    found = cell_of(topic, thing, reading).state
                    assert found != "fine" or cell_of(topic, bare, reading).state == "fine"
