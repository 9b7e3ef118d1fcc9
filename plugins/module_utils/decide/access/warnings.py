# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done all the same, but somebody should know."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.access import names
from ...model.access.need import SEES_JOBS
from ...model.access.privileges import privileges, surplus
from ...model.access.realms import PROPERTIES
from .automation import ROLES
from .gives import Change
from .goal import is_untold
from .presets import PRESETS
from .protected import kept

_GENEROUS = "PVEVMUser"
_GIVEN_AWAY = (
    "VM.GuestAgent.FileRead",
    "VM.GuestAgent.FileWrite",
    "VM.GuestAgent.FileSystemMgmt",
    "VM.Backup",
    "VM.Config.Cloudinit",
)


def warnings(change: Change) -> Iterator[str]:
    yield from _surplus(change)
    yield from _generous(change)
    yield from _unknown_privileges(change)
    yield from _lost_values(change)
    yield from _unseen_jobs(change)
    yield from _lost_ends(change)
    for thing, reason in kept(change.desired, change.observed):
        yield f"{thing} is not declared and stays: {reason}."


def _surplus(change: Change) -> Iterator[str]:
    """A line of user.cfg with the name of a built-in role adds to it, in each daemon that has read it."""
    for role, added in surplus(change.observed.release, change.observed.built_in).items():
        yield (
            f"{role} has {', '.join(added)}, which is not built in: user.cfg has, or had, a line of that name. Look at"
            " it, and restart pvedaemon and pveproxy on every node, as each keeps what it has once read."
        )


def _generous(change: Change) -> Iterator[str]:
    held = change.observed.built_in.get(_GENEROUS, frozenset())
    users = sorted({entry.who for entry in change.desired.acl if entry.role == _GENEROUS})
    given = [name for name in _GIVEN_AWAY if name in held]
    if users and given:
        yield (
            f"{_GENEROUS} gives {', '.join(users)} more than the use of a guest: {', '.join(given)}. For students there"
            " is a role with preset: student."
        )


def _unknown_privileges(change: Change) -> Iterator[str]:
    release = change.observed.release
    for name, role in sorted(change.desired.roles.items()):
        unknown = sorted(role.privs - privileges(release))
        own = role.privs in PRESETS.values() or name.startswith(ROLES)
        if unknown and not own:
            yield f"The role {name} is made without {', '.join(unknown)}, which Proxmox VE {release} does not know."


def _unseen_jobs(change: Change) -> Iterator[str]:
    if change.observed.jobs is None:
        yield (
            f"{change.desired.caller} lacks {SEES_JOBS.privilege} on {SEES_JOBS.path}: which jobs sync the realms is "
            "not seen, so they are taken to remove all that they can."
        )


def _lost_ends(change: Change) -> Iterator[str]:
    ends = sorted(name for name, wish in change.desired.users.items() if wish.fields.get("expire"))
    for name in ends:
        realm = names.realm_of(name)
        if realm in change.goal.realms and PROPERTIES in change.removed_by_syncs(realm):
            yield f"{name} is to expire, and the next sync of the realm {realm} removes that again (properties)."


def _lost_values(change: Change) -> Iterator[str]:
    for name, wish in sorted(change.desired.tokens.items()):
        known = change.now.tokens.get(name)
        told = known is None or is_untold(known) or name in change.observed.handed
        if wish.expected and not (told or wish.absent or wish.rotate):
            yield (
                f"The token {name} is there, but not its file {wish.file}. Nobody can read its value again;"
                " rotate: true gives it another one."
            )
