# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is right, and what is wrong, while Ceph stands or is thin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .action import Action
from .outcomes import already_away
from .reading import CephReading, Reading
from .words import listed, phrase

_LOST = phrase("gives up the newest writes; right only when that disk is physically gone, group by group")
_SURGERY = phrase("the stores of the others are destroyed, not just down: else two Ceph clusters; copy the store first")
_FORCE = phrase(
    "makes an empty group in place of the lost one; right only for content that is declared worthless, or as "
    "the last step with a backup at hand"
)
_MIN_SIZE = phrase(
    "writes go to one copy, and what that disk loses is gone; right only while copies are being made, the risk "
    "taken by name, and back at once"
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
    most = phrase("at most ") if len(here) < len(alive) else ""
    told = phrase(
        "{most}{left} of {all} are in reach, {needed} are needed",
        most=most,
        left=len(alive),
        all=len(names),
        needed=needed,
    )
    if not names:
        told = phrase("which monitors there are is not known ({why})", why=reading.monitors.why)
    back = (
        phrase("bring the monitor {dead} back", dead=listed(dead, "or"))
        if dead
        else phrase("bring the monitors back that do not run")
    )
    yield Action(back, "right", phrase("{what}; the store of a monitor that is off is whole", what=told))
    yield _without(dead, here, names, reading)
    yield Action(
        phrase("ceph osd out, destroy, purge, crush remove"),
        "refused",
        phrase("no monitor majority; afterwards only for OSDs whose disks are lost, and when safe-to-destroy says so"),
    )
    yield from _destructive()
    yield Action(phrase("ceph osd pool set POOL min_size 1"), "never", _MIN_SIZE)
    yield Action(
        phrase("ceph osd set noout"),
        "only if",
        phrase("monitors answer, and nodes are expected back within hours; to be taken out again"),
        ("ceph osd set noout",),
    )
    yield Action(
        phrase("export groups from a disk of a dead node (ceph-objectstore-tool)"),
        "right",
        phrase("it reads a stopped OSD; loses nothing"),
    )


def _without(dead: Sequence[str], here: Sequence[str], names: Sequence[str], reading: Reading) -> Action:
    """The map of a monitor that lives is changed, so that it is one of a majority; named only where it is known."""
    if here:
        which = phrase(
            "take {monitors} out of the map of mon.{here}",
            monitors=listed(dead) if dead else phrase("the others"),
            here=here[0],
        )
        return Action(phrase("{which} (monmaptool --rm, inject)", which=which), "only if", _SURGERY, on=here[0])
    what = phrase("take monitors out of the map of another one (monmaptool --rm, inject)")
    if len(names) > len(dead):
        return Action(
            what,
            "only if",
            phrase("it is seen which monitor lives: on which node they run is not known; {rule}", rule=_SURGERY),
        )
    none = (
        phrase("no node of a monitor answers")
        if names
        else phrase("which monitors there are is not known ({why})", why=reading.monitors.why)
    )
    return Action(what, "refused", phrase("{none}; later only if {rule}", none=none, rule=_SURGERY))


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
            phrase("bring {names} back: switch the node on, look at its disk", names=names),
            "right",
            phrase("always: nothing is lost by it"),
        )
        if "noout" not in ceph.data.flags:
            yield Action(
                phrase("ceph osd set noout"),
                "only if",
                phrase("the nodes are expected back within hours; to be taken out again"),
                ("ceph osd set noout",),
            )
    for number in away:
        yield _out(number, stopped, groups is None)
    if stopped or groups is None:
        yield from _destructive()
        pools = sorted({ceph.data.pools[group.pool].name for group in groups or () if not group.active})
        yield from (
            Action(phrase("ceph osd pool set {pool} min_size 1", pool=pool), "never", _MIN_SIZE) for pool in pools
        )


def _out(number: int, stopped: list[str], blind: bool) -> Action:
    if stopped or blind:
        why = (
            phrase("{number} placement groups cannot be read", number=len(stopped))
            if stopped
            else phrase("nobody tells of placement groups")
        )
        return Action(
            phrase("ceph osd out or destroy osd.{number}", number=number),
            "never",
            phrase("not while {why}: it may have their last copy", why=why),
        )
    return Action(
        phrase("replace osd.{number}", number=number),
        "only if",
        phrase("the disk of osd.{number} is lost, and ceph osd safe-to-destroy {number} says so", number=number),
        (
            f"ceph osd safe-to-destroy {number}",
            f"ansible-playbook playbooks/replace_osd.yml -e osd={number}",
        ),
    )


def _destructive() -> Iterator[Action]:
    yield Action(
        phrase("ceph osd lost, mark_unfound_lost"), "never", phrase("while a disk may come back: {rule}", rule=_LOST)
    )
    yield Action(phrase("ceph osd force-create-pg"), "never", _FORCE)
