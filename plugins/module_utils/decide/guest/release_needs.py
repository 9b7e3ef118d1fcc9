# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What whoever gives machines back, or resets them, needs for all of it: said before the first of them is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.need import Held, Need
from ...model.guest.guest import sid_of
from ...model.guest.release import ObservedRelease, account_paths
from .release_scope import Case

#: To stop a machine, mark it, back it up and destroy it.
_OF_GUEST = ("VM.Allocate", "VM.Backup", "VM.Config.Options", "VM.PowerMgmt")
_GROUPS = "/access/groups"
#: To take something from the HA manager.
HA = Need("/", "Sys.Console", below=False)
#: Of these one is enough.
Either = tuple[Need, ...]


def refuse_lacking(found: Sequence[Case], observed: ObservedRelease, caller: str, revoke: bool) -> Iterator[Refusal]:
    needs = {either for case in found for either in _needs(case, observed, revoke)}
    yield from refuse_unmet(needs, observed.rights, caller)


def refuse_unmet(needs: Iterable[Either], rights: Optional[Mapping[str, Held]], caller: str) -> Iterator[Refusal]:
    """``rights``: what the caller has; None of root@pam, who has all."""
    if rights is None:
        return
    lacking = sorted(either for either in set(needs) if not any(one.met(rights.get(one.path, {})) for one in either))
    if lacking:
        told = ", ".join(" or ".join(f"{one.privilege} on {one.path}" for one in either) for either in lacking)
        hint = "Give it these, such as by access_automation with accounts: true, or let the run speak as root@pam."
        yield Refusal(f"{caller} lacks {told}.", hint)


def _needs(case: Case, observed: ObservedRelease, revoke: bool) -> Iterator[Either]:
    yield (Need(names.pool_path(case.pool), "Pool.Allocate", below=False),)
    account = observed.accounts.get(case.mark.owner)
    if account is not None and account.expire:
        paths = account_paths(case.mark.owner, account)
        yield tuple(Need(path, "User.Modify", below=False) for path in paths if path.startswith(_GROUPS))
        if not revoke:
            yield tuple(Need(path, "Realm.AllocateUser", below=False) for path in paths if not path.startswith(_GROUPS))
    for vmid in sorted(case.guests):
        privileges = ("VM.Config.Options",) if revoke else _OF_GUEST
        yield from ((Need(f"/vms/{vmid}", one, below=False),) for one in privileges)
        if not revoke and sid_of(observed.fleets.guests[vmid].kind, vmid) in observed.ha:
            yield (HA,)
    if case.guests and case.fleet.release is not None and not revoke:
        yield (Need(f"/storage/{case.fleet.release.backup_to}", "Datastore.AllocateSpace", below=False),)
