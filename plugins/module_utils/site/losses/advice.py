# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bad night: what is wrong, what is not known, what is safe, what to do in which order, and what never to do.

Who we are is not known: nodes that are silent on all addresses are off, or they are the majority. What is safe is said
only where it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...model.cluster.links import link_name
from .action import Action
from .ceph_actions import ceph_actions, monitors_of
from .cluster_actions import cluster_actions, dark_ports
from .division import contradictory, running
from .outcomes import already_away, pool_losses
from .reading import Reading
from .situation import Situation, endangered, guests_on, situation
from .words import listed, phrase, span


@dataclass(frozen=True)
class Advice:
    """``do`` in the order in which it is done: first what loses nothing, then what cannot be undone."""

    wrong: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    safe: tuple[str, ...] = ()
    do: tuple[Action, ...] = ()
    never: tuple[Action, ...] = ()

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        texts = {"wrong": list(self.wrong), "unknown": list(self.unknown), "safe": list(self.safe)}
        return {
            **texts,
            "do": [action.document() for action in self.do],
            "never": [action.document() for action in self.never],
        }


def advice(reading: Reading) -> Advice:
    """Empty when nothing is wrong."""
    now = situation(reading)
    actions = [*cluster_actions(reading, now), *ceph_actions(reading)]
    return Advice(
        wrong=tuple(_wrong(reading, now)),
        unknown=tuple(_unknown(reading, now)),
        safe=tuple(_safe(reading, now)),
        do=tuple(action for action in actions if action.verdict in ("right", "only if")),
        never=tuple(action for action in actions if action.verdict in ("refused", "never")),
    )


def _wrong(reading: Reading, now: Situation) -> Iterator[str]:
    both = [one for one in running(reading) if one.status.quorate]
    if len(both) > 1 and not contradictory(both):
        yield phrase("two clusters: {clusters} each have quorum", clusters=listed(listed(one.present) for one in both))
    if now.quorate is False:
        yield phrase(
            "no quorum here: {votes} votes ({ours}); nothing can be started, changed or moved",
            votes=now.votes,
            ours=listed(now.ours),
        )
    elif now.missing:
        yield phrase(
            "{missing} missing from the cluster, which has quorum: {votes} votes",
            missing=listed(now.missing),
            votes=now.votes,
        )
    for node, told, within in endangered(reading):
        if told:
            guests = listed(one.guest.vmid for one in guests_on((node.name,), reading) if one.guest.running)
            stop = phrase(": {guests} stop", guests=guests) if guests else ""
            yield phrase(
                "{name} will be reset within {time}, with all its guests{stop} (its LRM is armed)",
                name=node.name,
                time=span(within),
                stop=stop,
            )
    for name, carrier in dark_ports(reading):
        link = phrase(", {link}", link=link_name(carrier.link)) if carrier.link is not None else ""
        yield phrase("{port} of {name} has no carrier{link}", port=carrier.port, name=name, link=link)
    yield from _ceph(reading)


def _ceph(reading: Reading) -> Iterator[str]:
    ceph = reading.ceph.value
    names, dead = monitors_of(reading)
    if ceph is None:
        left = len(names) - len(dead)
        if names and left < len(names) // 2 + 1:
            yield phrase("no monitor majority here: {left} of {all} in reach", left=left, all=len(names))
        return
    monitors = ceph.data.monitors
    if len(monitors.quorum) < monitors.needed:
        yield phrase("no monitor majority: {left} of {all}", left=len(monitors.quorum), all=len(monitors.addresses))
    away = listed(f"osd.{number}" for number in already_away(ceph))
    if away:
        yield phrase("{away} down", away=away)
    for one in pool_losses(ceph, frozenset()) if ceph.data.groups is not None else ():
        if one.stopped:
            yield phrase(
                "{name} stands: {number} placement groups cannot be read", name=one.pool.name, number=len(one.stopped)
            )


def _unknown(reading: Reading, now: Situation) -> Iterator[str]:
    if now.here is None and reading.clustered.value is not False:
        yield phrase("who has quorum: no node says")
    if contradictory(running(reading)):
        yield phrase("who is a member: nodes tell of different ones, as they were read while these changed")
    hidden = [name for name in now.missing if name in now.silent]
    if hidden and now.quorate is not True:
        yield phrase(
            "whether {hidden} are off or are the cluster: they are silent on all addresses, from here",
            hidden=listed(hidden),
        )
    for node, told, _within in endangered(reading):
        if told is None:
            yield phrase("whether {name} will be reset ({why})", name=node.name, why=node.lrm.why)
    ceph = reading.ceph.value
    if ceph is None and reading.has_ceph.value is not False:
        yield phrase("Ceph: its data, all of it ({why})", why=reading.ceph.why)
    elif ceph is not None and ceph.data.groups is None:
        yield phrase("Ceph's data: {silence}", silence=ceph.data.silence)
    if reading.guests.value is None:
        yield phrase("which guests there are ({why})", why=reading.guests.why)
    elif now.quorate is not True:
        lost = [one.guest.vmid for one in guests_on(tuple(hidden), reading)]
        yield from [phrase("guests {lost}: they may run on the other side", lost=listed(lost))] if lost else []


def _safe(reading: Reading, now: Situation) -> Iterator[str]:
    calm = reading.clustered.value is False or (now.quorate is True and not now.missing)
    if calm and not list(_ceph(reading)):
        return
    yield phrase("what the disks hold: it is not touched by waiting")
    if now.quorate is not False:
        return
    for node, told, _within in endangered(reading):
        if told is not False:
            continue
        for placed in guests_on((node.name,), reading):
            own = placed.guest.volumes and not any(volume.shared for volume in placed.guest.volumes)
            if placed.guest.running and own:
                yield phrase(
                    "guest {vmid} runs on: its disks are on {name}, which is not reset",
                    vmid=placed.guest.vmid,
                    name=node.name,
                )
