# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Votes: who still has quorum after a loss, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from ...model.cluster.quorum import QuorumStatus
from .cell import Cell, State, unknown
from .counting import one_after_the_other
from .division import Division, Half, contradictory, divisions, running
from .reading import Reading
from .things import Thing
from .words import listed, phrase, verb

_AGAIN = phrase("The membership is formed anew every few seconds, and /etc/pve stalls each time.")


def cell(thing: Thing, reading: Reading) -> Cell:
    if reading.clustered.value is False:
        return Cell("fine", "-")
    found = divisions(thing, reading)
    if not found:
        if contradictory(running(reading)):
            return unknown(phrase("The nodes tell of different members: they were read while these changed."))
        silent = [
            phrase("{name}: {why}", name=node.name, why=node.quorum.why)
            for node in reading.nodes
            if not node.quorum.known
        ]
        return unknown(phrase("No node tells how votes are counted now."), *silent)
    states = sorted({_state(one) for one in found})
    if len(states) > 1:
        return unknown(*(phrase("It may be: {one}.", one=word(one)) for one in found if not one.bound), *_doubts(found))
    division = found[0]
    at_once = [*_told(division), *_device(thing, reading, found), *_absent(reading)]
    return Cell(
        states[0], word(division), tuple(at_once), tuple(_later(thing, reading, division)), _good(reading, division)
    )


def _state(division: Division) -> State:
    if len(division.clusters) > 1:
        return "lost"
    if not any(half.quorate for half in division.halves):
        return "stops"
    if division.certain:
        return "fine" if division.quorate == division.nodes else "degraded"
    return "degraded" if all(half.quorate == half.nodes for half in division.halves) else "unknown"


def word(division: Division) -> str:
    """Such as ``yes, 2 of 3``."""
    if len(division.clusters) > 1:
        return phrase("two clusters")
    strongest = max(division.halves, key=lambda half: (len(half.quorate), half.count.total), default=None)
    if strongest is None:
        return phrase("NO, no node is left")
    if division.undecided and strongest.quorate:
        return phrase(
            "{words}; {undecided} falls out, unknown which",
            words=strongest.words,
            undecided=listed(division.undecided, "or"),
        )
    without = division.without
    if strongest.quorate and without:
        return phrase("{words}; NO on {without}", words=strongest.words, without=listed(without))
    return strongest.words


def _told(division: Division) -> Iterator[str]:
    if len(division.clusters) > 1:
        yield (
            phrase(
                "{clusters} each have quorum alone: two clusters. Both start the HA guests of the other, whose "
                "disks are destroyed where both reach them.",
                clusters=listed(map(_name, division.clusters)),
            )
        )
    if division.without:
        yield phrase("No quorum on {without}: nothing is started or changed there.", without=listed(division.without))
    if division.undecided:
        yield phrase(
            "Of {undecided} some fall out; which cannot be foretold, as not all reach each other.",
            undecided=listed(division.undecided),
        )
    if not division.certain:
        yield _AGAIN


def _name(half: Half) -> str:
    return listed(half.nodes)


def _device(thing: Thing, reading: Reading, found: tuple[Division, ...]) -> Iterator[str]:
    """What the quorum device decides."""
    options = reading.options.value
    host = phrase(" ({device})", device=options.device) if options is not None and options.device else ""
    division = found[0]
    if any(one.with_device != division.with_device for one in found):
        yield phrase("Whether the quorum device{host} is lost as well is not known; it changes nothing.", host=host)
        return
    counts = [one.status for one in running(reading) if one.status.casting and one.status.device_votes]
    if not counts:
        return
    if not division.with_device:
        yield phrase(
            "The quorum device{host} is lost{along}: its votes are missing.",
            host=host,
            along=phrase(" with it") if not thing.device else "",
        )
    elif len(division.halves) > 1 and division.certain:
        holders = [_name(half) for half in division.halves if half.quorate]
        yield phrase(
            "If all reach the quorum device{host}, it votes for one side alone: {holders}.",
            host=host,
            holders=listed(holders) or phrase("too few"),
        )
    elif division.quorate:
        reach = "reaches" if len(division.quorate) == 1 else "reach"
        yield phrase(
            "Only as long as {quorate} {reach} the quorum device{host}.",
            quorate=listed(division.quorate),
            reach=reach,
            host=host,
        )


def _absent(reading: Reading) -> Iterator[str]:
    for one in running(reading)[:1]:
        if one.absent and not one.status.quorate:
            yield phrase(
                "{absent}: off, or a cluster with quorum that is not seen from here; nobody knows.",
                absent=listed(one.absent),
            )
        elif one.absent:
            yield phrase(
                "{absent} {verb} missing already.", absent=listed(one.absent), verb=verb(one.absent, "is", "are")
            )


def _later(thing: Thing, reading: Reading, division: Division) -> Iterator[str]:
    for one in running(reading):
        lost = [number for number in one.status.members if reading.name_of(number) in thing.nodes]
        if one.status.last_man_stands and len(lost) == 1 and division.quorate:
            yield phrase("Some ten seconds later the others expect no more votes than they have (last_man_standing).")
        if one.status.last_man_stands and len(lost) > 1:
            yield _in_turn(one.status, lost, reading)
    if division.certain and len(division.halves) == 1 and division.quorate:
        count = division.halves[0].count
        if count.total - 1 < count.needed:
            yield phrase("One vote less, and there is no quorum.")


def _in_turn(status: QuorumStatus, lost: list[int], reading: Reading) -> str:
    turns = {order: one_after_the_other(status, order, reading.options.value) for order in permutations(lost)}
    good = all(found is not None and found.all for found in turns.values())
    verdict = phrase("quorum stays") if good else phrase("quorum is lost, at least in one order")
    return phrase("One after the other, some ten seconds apart (last_man_standing): {verdict}.", verdict=verdict)


def _good(reading: Reading, division: Division) -> tuple[str, ...]:
    waits = any(one.status.waits_for_all for one in running(reading))
    if waits and not division.quorate:
        return (
            phrase(
                "wait_for_all: there is no quorum again until all nodes have been seen; one that starts alone waits."
            ),
        )
    return ()


def _doubts(found: tuple[Division, ...]) -> Iterator[str]:
    if len({one.with_device for one in found}) > 1:
        yield phrase("Whether the quorum device is lost as well is not known.")
    if len({(one.halves, one.certain) for one in found if one.with_device == found[0].with_device}) > 1:
        yield phrase("Not all nodes tell which links are connected.")
