# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is right, and what is wrong, while Ceph stands or is thin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .action import Action
from .outcomes import already_away
from .reading import CephReading, Reading
from .words import listed

_LOST = "gives up the newest writes; right only when that disk is physically gone, group by group"
_SURGERY = "the stores of the others are destroyed, not just down: else two Ceph clusters; copy the store first"
_FORCE = (
    "makes an empty group in place of the lost one; right only for content that is declared worthless, or as the last"
    " step with a backup at hand"
)
_MIN_SIZE = (
    "writes go to one copy, and what that disk loses is gone; right only while copies are being made, the risk taken by"
    " name, and back at once"
)


def ceph_actions(reading: Reading) -> Iterator[Action]:
    ceph = reading.ceph.value
    if reading.has_ceph.value is False:
        return
    if ceph is None or len(ceph.data.monitors.quorum) < ceph.data.monitors.needed:
        yield from _no_majority(reading)
    elif _troubled(ceph):
        yield from _thin(ceph)


def monitors_of(reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All monitors in the map, and those of them whose node does not answer."""
    names = tuple(sorted(reading.monitors.value or ()))
    off = {node.name for node in reading.nodes if node.reached is False}
    return names, tuple(name for name in names if name in off)


def _no_majority(reading: Reading) -> Iterator[Action]:
    names, dead = monitors_of(reading)
    needed = len(names) // 2 + 1
    alive = [name for name in names if name not in dead]
    here = [name for name in alive if reading.node(name) is not None]  # a monitor may be called anything
    most = "at most " if len(here) < len(alive) else ""
    told = f"{most}{len(alive)} of {len(names)} are in reach, {needed} are needed"
    if not names:
        told = f"which monitors there are is not known ({reading.monitors.why})"
    back = f"bring the monitor {listed(dead, 'or')} back" if dead else "bring the monitors back that do not run"
    yield Action(back, "right", f"{told}; the store of a monitor that is off is whole")
    yield _without(dead, here, names, reading)
    yield Action(
        "ceph osd out, destroy, purge, crush remove",
        "refused",
        "no monitor majority; afterwards only for OSDs whose disks are lost, and when safe-to-destroy says so",
    )
    yield from _destructive()
    yield Action("ceph osd pool set POOL min_size 1", "never", _MIN_SIZE)
    yield Action(
        "ceph osd set noout",
        "only if",
        "monitors answer, and nodes are expected back within hours; to be taken out again",
        ("ceph osd set noout",),
    )
    yield Action(
        "export groups from a disk of a dead node (ceph-objectstore-tool)",
        "right",
        "it reads a stopped OSD; loses nothing",
    )


def _without(dead: Sequence[str], here: Sequence[str], names: Sequence[str], reading: Reading) -> Action:
    """The map of a monitor that lives is changed, so that it is one of a majority; named only where it is known."""
    if here:
        which = f"take {listed(dead) if dead else 'the others'} out of the map of mon.{here[0]}"
        return Action(f"{which} (monmaptool --rm, inject)", "only if", _SURGERY, on=here[0])
    what = "take monitors out of the map of another one (monmaptool --rm, inject)"
    if len(names) > len(dead):
        return Action(
            what, "only if", f"it is seen which monitor lives: on which node they run is not known; {_SURGERY}"
        )
    none = (
        "no node of a monitor answers" if names else f"which monitors there are is not known ({reading.monitors.why})"
    )
    return Action(what, "refused", f"{none}; later only if {_SURGERY}")


def _troubled(ceph: CephReading) -> bool:
    groups = ceph.data.groups
    return bool(list(already_away(ceph))) or groups is None or any(not group.active for group in groups)


def _thin(ceph: CephReading) -> Iterator[Action]:
    away = list(already_away(ceph))
    groups = ceph.data.groups
    stopped = [group.id for group in groups or () if not group.active]
    names = listed(f"osd.{number}" for number in away)
    if away:
        yield Action(
            f"bring {names} back: switch the node on, look at its disk", "right", "always: nothing is lost by it"
        )
        if "noout" not in ceph.data.flags:
            yield Action(
                "ceph osd set noout",
                "only if",
                "the nodes are expected back within hours; to be taken out again",
                ("ceph osd set noout",),
            )
    for number in away:
        yield _out(number, stopped, groups is None)
    if stopped or groups is None:
        yield from _destructive()
        pools = sorted({ceph.data.pools[group.pool].name for group in groups or () if not group.active})
        yield from (Action(f"ceph osd pool set {pool} min_size 1", "never", _MIN_SIZE) for pool in pools)


def _out(number: int, stopped: list[str], blind: bool) -> Action:
    if stopped or blind:
        why = f"{len(stopped)} placement groups cannot be read" if stopped else "nobody tells of placement groups"
        return Action(f"ceph osd out or destroy osd.{number}", "never", f"not while {why}: it may have their last copy")
    return Action(
        f"replace osd.{number}",
        "only if",
        f"the disk of osd.{number} is lost, and ceph osd safe-to-destroy {number} says so",
        (f"ceph osd safe-to-destroy {number}", f"ansible-playbook playbooks/replace_osd.yml -e osd={number}"),
    )


def _destructive() -> Iterator[Action]:
    yield Action("ceph osd lost, mark_unfound_lost", "never", f"while a disk may come back: {_LOST}")
    yield Action("ceph osd force-create-pg", "never", _FORCE)
