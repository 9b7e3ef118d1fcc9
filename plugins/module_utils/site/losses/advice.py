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
from .words import listed, span


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
        yield f"two clusters: {' and '.join(listed(one.present) for one in both)} each have quorum"
    if now.quorate is False:
        yield f"no quorum here: {now.votes} votes ({listed(now.ours)}); nothing can be started, changed or moved"
    elif now.missing:
        yield f"{listed(now.missing)} missing from the cluster, which has quorum: {now.votes} votes"
    for node, told, within in endangered(reading):
        if told:
            guests = listed(one.guest.vmid for one in guests_on((node.name,), reading) if one.guest.running)
            stop = f": {guests} stop" if guests else ""
            yield f"{node.name} will be reset within {span(within)}, with all its guests{stop} (its LRM is armed)"
    for name, carrier in dark_ports(reading):
        link = f", {link_name(carrier.link)}" if carrier.link is not None else ""
        yield f"{carrier.port} of {name} has no carrier{link}"
    yield from _ceph(reading)


def _ceph(reading: Reading) -> Iterator[str]:
    ceph = reading.ceph.value
    names, dead = monitors_of(reading)
    if ceph is None:
        left = len(names) - len(dead)
        if names and left < len(names) // 2 + 1:
            yield f"no monitor majority here: {left} of {len(names)} in reach"
        return
    monitors = ceph.data.monitors
    if len(monitors.quorum) < monitors.needed:
        yield f"no monitor majority: {len(monitors.quorum)} of {len(monitors.addresses)}"
    away = listed(f"osd.{number}" for number in already_away(ceph))
    if away:
        yield f"{away} down"
    for one in pool_losses(ceph, frozenset()) if ceph.data.groups is not None else ():
        if one.stopped:
            yield f"{one.pool.name} stands: {len(one.stopped)} placement groups cannot be read"


def _unknown(reading: Reading, now: Situation) -> Iterator[str]:
    if now.here is None and reading.clustered.value is not False:
        yield "who has quorum: no node says"
    if contradictory(running(reading)):
        yield "who is a member: nodes tell of different ones, as they were read while these changed"
    hidden = [name for name in now.missing if name in now.silent]
    if hidden and now.quorate is not True:
        yield f"whether {listed(hidden)} are off or are the cluster: they are silent on all addresses, from here"
    for node, told, _within in endangered(reading):
        if told is None:
            yield f"whether {node.name} will be reset ({node.lrm.why})"
    ceph = reading.ceph.value
    if ceph is None and reading.has_ceph.value is not False:
        yield f"Ceph: its data, all of it ({reading.ceph.why})"
    elif ceph is not None and ceph.data.groups is None:
        yield f"Ceph's data: {ceph.data.silence}"
    if reading.guests.value is None:
        yield f"which guests there are ({reading.guests.why})"
    elif now.quorate is not True:
        lost = [one.guest.vmid for one in guests_on(tuple(hidden), reading)]
        yield from [f"guests {listed(lost)}: they may run on the other side"] if lost else []


def _safe(reading: Reading, now: Situation) -> Iterator[str]:
    calm = reading.clustered.value is False or (now.quorate is True and not now.missing)
    if calm and not list(_ceph(reading)):
        return
    yield "what the disks hold: it is not touched by waiting"
    if now.quorate is not False:
        return
    for node, told, _within in endangered(reading):
        if told is not False:
            continue
        for placed in guests_on((node.name,), reading):
            own = placed.guest.volumes and not any(volume.shared for volume in placed.guest.volumes)
            if placed.guest.running and own:
                yield f"guest {placed.guest.vmid} runs on: its disks are on {node.name}, which is not reset"
