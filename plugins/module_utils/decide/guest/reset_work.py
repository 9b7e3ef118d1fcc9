# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every way to reset a machine looks at: whether its turn has come, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ...engine.plan import Refusal, Step
from ...model.access.need import Need
from ...model.guest.guest import sid_of
from ...model.guest.mark import Mark
from ...model.guest.observed import ListedGuest
from ...model.guest.reset import RESET, DesiredReset, ObservedReset, Snapshot
from .release_needs import Either
from .release_refusals import refuse_shared
from .release_scope import Case

State = Literal["due", "done", "released", "gone"]


class Work:
    """Of one guest. What is done, and what is told of it, each way says itself."""

    def __init__(self, desired: DesiredReset, observed: ObservedReset, case: Case, vmid: int) -> None:
        self.desired, self.observed, self.case = desired, observed, case
        self.guest: ListedGuest = observed.fleets.guests[vmid]
        self.mark: Mark = case.guests[vmid]
        self.config = observed.fleets.configs[vmid]
        self.snapshots: Mapping[str, Snapshot] = {one.name: one for one in observed.snapshots.get(vmid, ())}

    @property
    def state(self) -> State:
        """Whoever gives his machines back has them in a backup, which has to hold them as they are."""
        if self.case.mark.released:
            return "released"
        return "done" if self.mark.fields.get(RESET) == self.desired.noted else "due"

    @property
    def sid(self) -> str:
        return sid_of(self.guest.kind, self.guest.vmid)

    def on_guest(self, *privileges: str) -> Either:
        return tuple(Need(f"/vms/{self.guest.vmid}", one, below=False) for one in privileges)

    def steps(self) -> Iterator[Step]:
        if self.state == "due":
            yield from self.due_steps()

    def refusals(self) -> Iterator[Refusal]:
        if self.state != "due":
            return
        if self.config.get("lock"):
            text = f"{self.guest} is locked ({self.config['lock']})."
            yield Refusal(text, "Wait until that is over, or see why it is not.")
        yield from refuse_shared(self.guest, self.observed.fleets, self.observed.volumes)
        yield from self.due_refusals()

    def needs(self) -> Iterator[Either]:
        if self.state == "due":
            yield from self.due_needs()

    def warnings(self) -> Iterator[str]:
        if self.state == "released":
            yield f"{self.guest} is given back: it is left as its backup has it."
        elif self.state == "due":
            yield from self.due_warnings()

    def due_steps(self) -> Iterator[Step]:
        raise NotImplementedError

    def due_refusals(self) -> Iterator[Refusal]:
        raise NotImplementedError

    def due_needs(self) -> Iterator[Either]:
        raise NotImplementedError

    def due_warnings(self) -> Iterator[str]:
        raise NotImplementedError

    def taken(self) -> int:
        """When the snapshot was taken."""
        return self.snapshots[self.desired.snapshot].taken if self.desired.snapshot in self.snapshots else 0

    def told(self) -> dict[str, Any]:
        return {
            "vmid": self.guest.vmid,
            "name": self.guest.name,
            "node": self.guest.node,
            "fleet": self.case.fleet.id,
            "owner": self.case.mark.owner,
            "status": self.guest.status,
            "taken": self.taken(),
            "state": self.state,
        }
