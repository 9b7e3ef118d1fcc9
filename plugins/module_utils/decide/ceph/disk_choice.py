# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which disks of a node are meant: by name, or by what they are and how many.

Names count first. A choice by what a disk is takes the disks that already serve the purpose, then empty ones, in the
order of their stable names, so that it is the same after the kernel has named them anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.osd import LEAST_BYTES, DesiredOsd, DesiredOsds, ObservedOsds
from ...model.node.disk import Disk, find_disk, same_disk
from .disk_refusals import may_be_wiped


@dataclass(frozen=True)
class Choice:
    """A disk for one wish, or why there is none."""

    wanted: DesiredOsd
    disk: Optional[Disk] = None
    refusal: Optional[Refusal] = None


def choose_disks(desired: DesiredOsds, observed: ObservedOsds) -> list[Choice]:
    """In the order of the wishes; no disk twice."""
    named = {wanted: _by_name(wanted, observed) for wanted in desired.osds if wanted.device}
    taken = {choice.disk.path for choice in named.values() if choice.disk is not None}
    taken |= {disk.path for wanted in desired.osds for disk in _helpers(wanted, observed)}
    choices: list[Choice] = []
    for wanted in desired.osds:
        if wanted.device:
            choices.append(named[wanted])
            continue
        for choice in _by_selector(wanted, desired, observed, taken):
            taken |= {choice.disk.path} if choice.disk else set()
            choices.append(choice)
    return choices


def _helpers(wanted: DesiredOsd, observed: ObservedOsds) -> Iterator[Disk]:
    """The disks that a wish names for databases are not for data."""
    for helper in wanted.helpers:
        disk = find_disk(observed.disks, helper.name)
        if disk is not None:
            yield disk


def _by_name(wanted: DesiredOsd, observed: ObservedOsds) -> Choice:
    disk = find_disk(observed.disks, str(wanted.device))
    return Choice(wanted, disk, None if disk else refuse_unknown_disk(str(wanted.device), observed))


def refuse_same(choices: Sequence[Choice]) -> Iterator[Refusal]:
    """Disks that are chosen twice, be it by another name or on another path."""
    seen: list[Choice] = []
    for choice in choices:
        if choice.disk is None:
            continue
        other = next((one for one in seen if one.disk is not None and same_disk(one.disk, choice.disk)), None)
        seen.append(choice)
        if other is not None and other.disk is not None:
            yield _refuse_twice(choice, choice.disk, other, other.disk)


def refuse_shared_helpers(choices: Sequence[Choice], observed: ObservedOsds) -> Iterator[Refusal]:
    """A disk for the database of a new OSD that is to be an OSD itself, be it on another path."""
    chosen = [(choice.wanted, choice.disk) for choice in choices if choice.disk is not None]
    for (wanted, disk), (_wanted, other) in permutations(chosen, 2):
        if disk.path in observed.holders and other.path in observed.holders:
            continue
        for helper in wanted.helpers:
            found = find_disk(observed.disks, helper.name)
            if found is not None and same_disk(found, other):
                reason = f"{other.title} is to be an OSD, and the {helper.role}_device of {wanted.title}."
                yield Refusal(reason, "Choose another disk for one of them.")


def _refuse_twice(choice: Choice, disk: Disk, other: Choice, others: Disk) -> Refusal:
    if disk == others:
        reason = f"{choice.wanted.title} and {other.wanted.title} are the same disk ({disk.path})."
        return Refusal(reason, "List every disk once.")
    what = f"the world wide name {disk.wwn}" if disk.wwn else f"the serial number {disk.serial}"
    reason = f"{disk.path} and {others.path} have {what}: they seem to be one disk that is seen on two paths."
    return Refusal(reason, "Set multipath up first, or name one of them in osds by its path and choose no other one.")


def _by_selector(wanted: DesiredOsd, desired: DesiredOsds, observed: ObservedOsds, taken: set[str]) -> list[Choice]:
    selector = wanted.selector
    fitting = [disk for disk in observed.disks if selector is None or selector.matches(disk)]
    open_ones = sorted((disk for disk in fitting if disk.path not in taken), key=lambda disk: disk.stable_name)
    serving = [disk for disk in open_ones if disk.path in observed.holders]
    empty = [disk for disk in open_ones if disk not in serving and _usable(disk, desired, observed)]
    if wanted.count is None:
        return [Choice(wanted, disk) for disk in serving + empty]
    chosen = (serving + empty)[: wanted.count]
    choices = [Choice(wanted, disk) for disk in chosen]
    if len(chosen) < wanted.count:
        others = [disk for disk in fitting if disk not in chosen]
        choices.append(Choice(wanted, None, _too_few(wanted, len(chosen), others, observed)))
    return choices


def _usable(disk: Disk, desired: DesiredOsds, observed: ObservedOsds) -> bool:
    """Empty and large enough, or named to be wiped and nothing lives on it."""
    return may_be_wiped(disk, desired, observed) or (disk.free and disk.size >= LEAST_BYTES)


def _too_few(wanted: DesiredOsd, found: int, others: list[Disk], observed: ObservedOsds) -> Refusal:
    node = observed.ceph.node.name
    why = "; ".join(f"{disk.title}: {disk.content if disk.used else 'taken or too small'}" for disk in others)
    reason = f"{node} has {found} of {wanted.count} disks that are {wanted.selector} and empty."
    return Refusal(reason, f"Others that fit: {why}." if why else "No other disk fits.")


def refuse_unknown_disk(name: str, observed: ObservedOsds) -> Refusal:
    several = [disk for disk in observed.disks if name in disk.names]
    node = observed.ceph.node.name
    if several:
        paths = ", ".join(disk.path for disk in several)
        return Refusal(f"{name} names several disks of {node}: {paths}.", "Use a path in /dev/disk/by-id.")
    known = ", ".join(disk.title for disk in observed.disks) or "none"
    return Refusal(f"{node} has no disk {name}.", f"Its disks: {known}.")
