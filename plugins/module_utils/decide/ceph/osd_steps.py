# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way in which an OSD goes, whoever sends it away: first its data, then its daemon, its name and its disk.

What may be done from any member is done by ``ceph``. Only what its own node can do differs: a member asks for it by
Proxmox VE's API, the node itself does it, and for a dead node nobody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...engine.plan import Action, Run, Step, Wait
from ...model.ceph.conditions import (
    CEPH,
    SETTLED,
    WHOLE,
    osd_is_down,
    osd_is_empty,
    osd_is_gone,
    osd_may_stop,
)
from ...model.ceph.state import Osd, unit

#: Without two hosts that report it, Ceph takes an OSD for dead after 900 seconds (``mon_osd_report_timeout``).
DOWN_TIMEOUT = 1200
_MINUTES = 300
_SURE = "--yes-i-really-mean-it"
#: The manager hears with a delay that an OSD is down, and asks for patience until then.
_STILL_UP = (r"EAGAIN", r"is not `?down`?")


def settle(osds: Iterable[Osd]) -> Iterator[Step]:
    """Placement groups that find their OSDs: a matter of seconds."""
    if list(osds):
        wait = Wait(SETTLED, timeout=_MINUTES)
        why = "wait until all placement groups can be read"
        yield Step(why, wait, "data.wait-readable", "data", hint="`ceph health detail` shows what holds them up.")


def wait_for_others(deadline: float) -> Step:
    """Data that moves for another reason: a disk was replaced, or a run was cut short between two OSDs."""
    why = "wait until the data that is moving already has arrived"
    return Step(why, Wait(WHOLE, deadline, 2), "data.wait-whole", "data", hint="`ceph -s` shows what is still moving.")


def mark_out(osd: Osd) -> Iterator[Step]:
    if osd.is_in:
        yield _step(
            f"mark osd.{osd.id} out: its data moves to the others", _ceph("osd", "out", str(osd.id)), "out", osd
        )


def mark_in(osd: Osd) -> Step:
    return _step(f"mark osd.{osd.id} in: data moves to it", _ceph("osd", "in", str(osd.id)), "in", osd)


def wait_empty(osd: Osd, deadline: float) -> Iterator[Step]:
    """Ceph calls an OSD that is out safe as soon as no placement group counts on it. What was written lately is then
    still being copied, perhaps from that very OSD, which has given its place away at once."""
    shown = f"`ceph -s` and `ceph pg ls-by-osd {osd.id}` show what holds it up"
    hint = f"{shown}; `ceph osd in {osd.id}` lets all data move back."
    why = f"wait until all data of osd.{osd.id} is on other OSDs"
    yield _step(why, Wait((osd_is_empty(osd.id),), deadline, 2), "wait-empty", osd, hint)
    why = f"wait until Ceph has made every copy again that was on osd.{osd.id}"
    yield _step(why, Wait(WHOLE, deadline, 2), "wait-whole", osd, hint)


def ask_to_stop(osd: Osd) -> Step:
    why = f"ask Ceph whether osd.{osd.id} may stop"
    hint = f"`ceph osd ok-to-stop {osd.id}` shows which placement groups could not be used."
    return _step(why, Wait((osd_may_stop(osd.id),), _MINUTES, 2), "ask-stop", osd, hint)


def wait_down(osd: Osd) -> Step:
    hint = f"Look at `journalctl -u {unit('osd', str(osd.id))}` on its node, if that has power."
    return _step(f"wait until osd.{osd.id} is down", Wait((osd_is_down(osd.id),), DOWN_TIMEOUT), "wait-down", osd, hint)


def purge(osd: Osd, keep_id: bool = False, force: bool = False) -> Step:
    """Its key and its place in the CRUSH map go with it, or only its identity, for another disk."""
    verb = "destroy" if keep_id else "purge"
    words = ("osd", verb, str(osd.id), *(("--force",) if force else ()), _SURE)
    kept = "; its number and its place are kept" if keep_id else ", its key and its place in the CRUSH map"
    why = f"{verb} osd.{osd.id} ({osd.host or 'without a host'}){kept}"
    action = Run((*CEPH, *words), timeout=_MINUTES, retry_on=_STILL_UP)
    return Step(why, action, f"osd.{verb}:{osd.id}", "data", destructive=True)


def stop_by_api(osd: Osd, node: str) -> Step:
    action = Run(("pvesh", "create", f"/nodes/{node}/ceph/stop", "--service", f"osd.{osd.id}"), timeout=_MINUTES)
    return _step(f"stop osd.{osd.id}", action, "stop", osd)


def destroy_by_api(osd: Osd, node: str) -> Iterator[Step]:
    """``pveceph osd destroy`` on its node: stopped for good, forgotten by Ceph, its disks emptied."""
    number = str(osd.id)
    destroy = Run(("pvesh", "delete", f"/nodes/{node}/ceph/osd/{number}", "--cleanup", "1"), timeout=_MINUTES)
    why = f"destroy osd.{number} and wipe its disks"
    yield Step(why, destroy, f"osd.destroy:{number}", "data", destructive=True)
    yield _step(f"wait until osd.{number} is gone", Wait((osd_is_gone(osd.id),), _MINUTES), "wait-gone", osd)


def _step(why: str, action: Action, verb: str, osd: Osd, hint: str = "") -> Step:
    return Step(why, action, f"osd.{verb}:{osd.id}", "data", hint=hint)


def _ceph(*words: str) -> Run:
    return Run((*CEPH, *words), timeout=_MINUTES)
