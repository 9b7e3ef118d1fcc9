# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a reading shows to be amiss before anything is lost: what makes the next loss worse than people expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from .cell import Topic
from .counting import count
from .division import running
from .links import told_broken
from .reading import CephReading, Reading
from .resets import armed
from .storages import rings
from .words import listed, phrase

#: An LRM lets go of its lock after so many minutes without a service on its node.
_IDLE_AFTER = 10


@dataclass(frozen=True)
class Finding:
    """``do``: what mends it."""

    topic: Topic
    text: str
    do: str = ""

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        return asdict(self)


def findings(reading: Reading) -> tuple[Finding, ...]:
    return (
        *_votes(reading),
        *(Finding("links", told) for told in told_broken(reading, _names(reading))),
        *_monitors(reading),
        *_armed(reading),
        *(Finding("storages", told) for told in rings(reading)),
    )


def _names(reading: Reading) -> list[str]:
    return [node.name for node in reading.nodes if node.nodeid is not None]


def _votes(reading: Reading) -> Iterator[Finding]:
    options = reading.options.value
    if options is not None and options.two_node:
        by_hand = phrase("two_node is set by hand: Proxmox VE never does. When the link fails, there are two clusters.")
        yield Finding("votes", by_hand)
        if options.device:
            yield Finding(
                "votes", phrase("two_node and a quorum device exclude each other: corosync starts with one of them.")
            )
    for one in running(reading)[:1]:
        status = one.status
        if status.device_votes and not status.casting:
            alone = [count(status, set(status.members) - {number}, True, options).all for number in status.members]
            lost = phrase("one node may still be lost") if all(alone) else phrase("no node may be lost now")
            yield Finding(
                "votes",
                phrase("The device casts no vote: {lost}.", lost=lost),
                phrase("Look at corosync-qnetd on its host."),
            )
        if options is not None and options.votes and options.expected != status.expected:
            told = phrase(
                "Corosync expects {expected} votes, its file adds up to {written}",
                expected=status.expected,
                written=options.expected,
            )
            yield Finding("votes", phrase("{what}: a restart changes what is needed.", what=told))
        for number, votes in sorted(status.members.items()):
            written = votes if options is None else options.votes.get(number, votes)
            if written != votes:
                name = reading.name_of(number)
                yield Finding(
                    "votes",
                    phrase(
                        "{name} has {votes} votes as corosync runs, {written} by its file.",
                        name=name,
                        votes=votes,
                        written=written,
                    ),
                )


def _monitors(reading: Reading) -> Iterator[Finding]:
    """A monitor in the map that does not live counts against all others."""
    ceph = reading.ceph.value
    if ceph is None:
        return
    monitors = ceph.data.monitors
    majority = len(monitors.quorum) >= monitors.needed
    for name in sorted(set(monitors.addresses) - set(monitors.quorum)):
        needed = phrase("{needed} of {all} are needed", needed=monitors.needed, all=len(monitors.addresses))
        remove = majority and not _has_a_home(name, ceph, reading)
        do = f"ceph mon remove {name}" if remove else phrase("Bring the monitor {name} back.", name=name)
        yield Finding(
            "daemons",
            phrase("The monitor {name} is in the map and does not take part: {needed}.", name=name, needed=needed),
            do,
        )


def _has_a_home(name: str, ceph: CephReading, reading: Reading) -> bool:
    told = ceph.data.cluster.daemons.get("mon", {}).values()
    return name in _names(reading) or any(name in ids for ids in told)


def _armed(reading: Reading) -> Iterator[Finding]:
    """A node that is armed for services alone that are not to run would not need to be."""
    ha = reading.ha.value
    if ha is None:
        return
    for node in reading.nodes:
        services = [sid for sid, (place, dummy) in ha.manager.services.items() if place == node.name]
        idle = [sid for sid in services if ha.manager.resources.get(sid) in ("stopped", "disabled")]
        if armed(node, ha, reading.at) and services and idle == services:
            yield Finding(
                "guests",
                phrase(
                    "{name} is reset when it loses quorum, for {idle} alone, which is not to run.",
                    name=node.name,
                    idle=listed(idle),
                ),
                phrase(
                    "Take {idle} out of HA, or set it to ignored: {minutes} min later it no longer is.",
                    idle=listed(idle),
                    minutes=_IDLE_AFTER,
                ),
            )
