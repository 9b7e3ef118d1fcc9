# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine is not given back for: found before it is stopped, and again before it is destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...engine.plan import Refusal, Step
from ...model.guest.backup import Held, lost
from ...model.guest.fleet import ObservedFleets, ReleaseRules
from ...model.guest.observed import ListedGuest
from ...model.guest.properties import truth
from ...model.guest.release import ObservedRelease
from ...model.guest.volumes import owners_of
from .backup import is_running
from .release_scope import Case

_KEEP_HINT = (
    "Let backups hold them (backup=1), move them to a guest that stays, or give them up by their names "
    "(release: discard)."
)


def refuse_case(case: Case, observed: ObservedRelease) -> Iterator[Refusal]:
    rules = case.fleet.release
    if rules is None:
        hint = "Say release: backup_to, the storage that keeps what they have."
        yield Refusal(f"Fleet {case.fleet.id} does not say where backups of its machines go.", hint)
        return
    for stranger in case.strangers:
        yield Refusal(
            f"{stranger} is in the pool {case.pool} or has an id or the mark of {case.mark.owner}, and is none of his.",
            "Nobody knows whose it is; take it out of the pool, or remove it by hand, or mend the comment of the pool.",
        )
    for vmid in sorted(case.guests):
        yield from _refuse_guest(observed.fleets.guests[vmid], rules, observed)


def _refuse_guest(guest: ListedGuest, rules: ReleaseRules, observed: ObservedRelease) -> Iterator[Refusal]:
    config = observed.fleets.configs[guest.vmid]
    without = lost(guest.vmid, observed.volumes[guest.vmid], rules.discard)
    if without:
        names = ", ".join(str(one) for one in without)
        yield Refusal(f"No backup would hold {names} of {guest}, and a destroy frees them.", _KEEP_HINT)
    if guest.template:
        yield Refusal(f"{guest} is a template.", "Machines may be clones of it; remove it by hand.")
    if truth(config.get("protection")):
        yield Refusal(f"{guest} is protected.", "Take the protection off if it may go.")
    ours = config.get("lock") == "backup" and is_running(observed.tasks.get(guest.vmid, ())) is not None
    if config.get("lock") and not ours:
        yield Refusal(f"{guest} is locked ({config['lock']}).", "Wait until that is over, or see why it is not.")
    if guest.vmid in observed.replicated:
        yield Refusal(f"{guest} is replicated to another node.", "Remove the replication job first.")
    if guest.vmid not in observed.archives:
        text = f"The storage {rules.backup_to} does not tell {guest.node} what backups of {guest} it holds."
        yield Refusal(text, "Make it available there.")
    yield from refuse_shared(guest, observed.fleets, observed.volumes)


def refuse_shared(
    guest: ListedGuest, observed: ObservedFleets, held: Mapping[int, Sequence[Held]]
) -> Iterator[Refusal]:
    """Volumes of its number that others use: Proxmox VE frees them all the same. ``held``: VMID → all its volumes."""
    for vmid, volumes in sorted(held.items()):
        other = observed.guests.get(vmid)
        if vmid == guest.vmid or other is None:
            continue
        for one in volumes:
            if guest.vmid in (one.owner, *owners_of(one.id)):
                verb = "is a clone of a disk" if one.owner != guest.vmid else "uses a volume"
                yield Refusal(
                    f"{other}, {other.status}, {verb} of {guest}: {one.named} is {one.id}.",
                    f"Move that to a volume of {vmid}, or take it out of its configuration, first.",
                )


def refuse_many(steps: Sequence[Step], at_most: int) -> Iterator[Refusal]:
    destroyed = [step.id for step in steps if step.destructive]
    if len(destroyed) > at_most:
        text = f"{len(destroyed)} guests would be destroyed in this run, and at_most says {at_most}."
        yield Refusal(text, "If that is meant, say at_most.")
