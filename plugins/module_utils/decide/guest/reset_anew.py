# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines that are destroyed, and made anew as their fleet declares them: under the same number, name and address.

No backup is made. So nothing is destroyed that the fleet would not make again. The new machine bears the name of the
reset from the call on that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from ...engine.plan import Refusal, Step
from ...model.guest.backup import freed
from ...model.guest.fleet import ObservedFleets
from ...model.guest.properties import truth
from ...model.guest.reset import RESET, DesiredReset, ObservedReset
from . import release_calls as calls
from .fleet import FleetData, decide_fleets
from .fleet_quota import source_of
from .release_needs import HA, Either
from .release_scope import Case
from .reset_work import Work

Wish = Mapping[str, Any]


class Made:
    """What the fleets make when the machines ``going`` are no more.

    ``gone``: numbers of machines that are meant, and of which nothing is there any more.
    """

    def __init__(
        self, desired: DesiredReset, observed: ObservedReset, found: Sequence[Case], going: AbstractSet[int]
    ) -> None:
        self.desired, self.observed = desired, observed
        self.data: FleetData = decide_fleets(desired.scope.fleets, _without(observed.fleets, going))
        self.wishes: Mapping[int, Wish] = {wish["vmid"]: wish for wish in (*self.data.vms, *self.data.containers)}
        meant = desired.scope.guests
        absent = {vmid: case for case in found for vmid in case.ids if vmid not in observed.fleets.guests}
        self.gone = {
            vmid: case for vmid, case in absent.items() if vmid in self.wishes and (not meant or vmid in meant)
        }

    def refusals(self) -> Iterator[Refusal]:
        yield from map(Refusal, self.data.refusals)
        away = [one for vmid, one in sorted(self.observed.fleets.guests.items()) if vmid not in self.observed.volumes]
        if away:
            told = ", ".join(f"{one} on {one.node}" for one in away[:5])
            yield Refusal(
                f"Nobody can tell which volumes these use: {told}.", "Wait until their nodes are there again."
            )

    def told(self) -> list[dict[str, Any]]:
        return [
            {
                "vmid": vmid,
                "name": self.wishes[vmid]["name"],
                "node": "",
                "fleet": case.fleet.id,
                "owner": case.mark.owner,
                "status": "",
                "taken": 0,
                "state": "gone",
            }
            for vmid, case in sorted(self.gone.items())
        ]

    def anew(self, wishes: Sequence[Wish]) -> list[Wish]:
        """Those of machines that are gone, as the role of guests takes them."""
        noted = {RESET: self.desired.noted}
        return [{**wish, "mark": {**wish["mark"], **noted}} for wish in wishes if wish["vmid"] in self.gone]


def _without(fleets: ObservedFleets, going: AbstractSet[int]) -> ObservedFleets:
    """What they have beyond what is declared does not count against it."""
    guests = {vmid: guest for vmid, guest in fleets.guests.items() if vmid not in going}
    configs = {vmid: config for vmid, config in fleets.configs.items() if vmid not in going}
    return replace(fleets, guests=guests, configs=configs)


class Anew(Work):
    """Of one guest that is still there."""

    def __init__(self, desired: DesiredReset, observed: ObservedReset, case: Case, vmid: int, made: Made) -> None:
        super().__init__(desired, observed, case, vmid)
        self.wish = made.wishes.get(vmid)

    def due_steps(self) -> Iterator[Step]:
        if self.sid in self.observed.ha:
            yield calls.leave_ha(self.guest, self.sid)
        if self.guest.status != "stopped":
            yield calls.switch_off(self.guest)
        lost = [one.named for one in freed(self.guest.vmid, self.observed.volumes[self.guest.vmid]) if not one.snapshot]
        lost += [f"snapshot {name}" for name in sorted(self.snapshots)]
        yield calls.destroy(self.guest, f"to be made anew: what is on it is lost ({', '.join(lost) or 'no disks'})")

    def due_refusals(self) -> Iterator[Refusal]:
        guest, wish = self.guest, self.wish
        if wish is None:
            hint = "Its owner is not on the list, or his time is over; or the fleet has no such machine any more."
            yield Refusal(f"{guest} would not be made again.", hint)
        elif wish.get("clone") and source_of(wish["clone"], self.observed.fleets) is None:
            yield Refusal(f"The template that {guest} is to be a clone of is not there.", "Make it first.")
        if truth(self.config.get("protection")):
            yield Refusal(f"{guest} is protected.", "Take the protection off if it may go.")
        if guest.template:
            yield Refusal(f"{guest} is a template.", "Machines may be clones of it.")
        if guest.vmid in self.observed.replicated:
            yield Refusal(f"{guest} is replicated to another node.", "Remove the replication job first.")

    def due_needs(self) -> Iterator[Either]:
        yield self.on_guest("VM.Allocate")
        if self.guest.status != "stopped":
            yield self.on_guest("VM.PowerMgmt")
        if self.sid in self.observed.ha:
            yield (HA,)

    def due_warnings(self) -> Iterator[str]:
        if self.sid in self.observed.ha:
            yield f"{self.guest} is taken from the HA manager; it comes back to it only if the fleet declares that."
