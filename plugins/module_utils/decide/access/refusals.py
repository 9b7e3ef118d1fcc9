# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nothing is done for: each says what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.need import missing
from ...model.access.realms import DIRECTORIES, FOREIGN
from ...model.access.rights import Rights
from .gives import Change
from .goal import awaiting, is_untold, stale
from .pools import refuse_pools
from .preflight import known_needs
from .protected import Protected


def refuse(change: Change) -> Iterator[Refusal]:
    yield from _refuse_passwords(change)
    yield from _refuse_release(change)
    yield from _refuse_realms(change)
    yield from _refuse_users(change)
    yield from _refuse_synced_groups(change)
    yield from _refuse_roles(change)
    yield from _refuse_tokens(change)
    yield from refuse_pools(change)
    yield from _refuse_entries(change)
    yield from _refuse_leftovers(change)
    yield from _refuse_useless_automation(change)


def _refuse_passwords(change: Change) -> Iterator[Refusal]:
    passwords = sorted(name for name, wish in change.desired.users.items() if wish.always and name in change.now.users)
    if passwords and "!" in change.desired.caller:
        hint = "Let the run speak as root@pam (without api.token_id)."
        yield Refusal(f"An API token sets no password, so that of {', '.join(passwords)} cannot be set.", hint)


def _refuse_release(change: Change) -> Iterator[Refusal]:
    if change.observed.release == 7:
        nested = sorted(name for name in change.desired.pools if "/" in name)
        if nested:
            yield Refusal(f"Proxmox VE 7 has no pools inside pools: {', '.join(nested)}.", "Name them without '/'.")


def _refuse_realms(change: Change) -> Iterator[Refusal]:
    for name, realm in sorted(change.goal.realms.items()):
        known = change.now.realms.get(name)
        if known is not None and known.type != realm.type:
            hint = "Remove the realm, with its users, and add it again; or take another name."
            yield Refusal(f"The realm {name} is of the type {known.type}, and a realm keeps its type.", hint)
    for name in sorted(set(change.now.realms) - set(change.goal.realms)):
        users = sorted(user for user in change.goal.users if names.realm_of(user) == name)
        if users:
            hint = "Declare them absent, too."
            yield Refusal(f"The realm {name} still has users: {', '.join(users[:10])}.", hint)
        if names.realm_of(change.desired.caller) == name:
            yield Refusal(f"The realm {name} is that of {change.desired.caller}, as whom this run speaks.")
    for ending, other in _swallowed(change):
        if ending in change.desired.realms or other in change.desired.realms:
            yield Refusal(
                f"A sync of the realm {ending} removes what has vanished, and would take the groups of the realm"
                f" {other} for its own, as the names of those end with -{ending}, too.",
                "Take names of which none is the end of another, or let the sync remove nothing.",
            )


def _swallowed(change: Change) -> Iterator[tuple[str, str]]:
    for ending, realm in sorted(change.goal.realms.items()):
        if realm.type in DIRECTORIES and change.removed_by_syncs(ending):
            yield from ((ending, other) for other in sorted(change.goal.realms) if other.endswith(f"-{ending}"))


def _refuse_users(change: Change) -> Iterator[Refusal]:
    for name, wish in sorted(change.desired.users.items()):
        if wish.absent:
            continue
        if names.realm_of(name) not in change.goal.realms:
            known = ", ".join(sorted(change.goal.realms))
            yield Refusal(f"There is no realm {names.realm_of(name)} for the user {name}.", f"There are {known}.")
        missing_groups = sorted(wish.groups - set(change.goal.groups))
        if missing_groups:
            hint = "Declare it among the groups."
            yield Refusal(f"The user {name} is to be in a group that there is not: {', '.join(missing_groups)}.", hint)
    for name, group in sorted(change.desired.groups.items()):
        unknown = sorted(member for member in group.members if member not in change.goal.users)
        if unknown and not group.absent:
            hint = "Declare them among the users; users of a synced realm are there after its sync."
            yield Refusal(f"Members of the group {name} that there are not: {', '.join(unknown)}.", hint)
    for what in sorted(change.observed.past):
        yield Refusal(
            f"{what} would expire at a time that is over.",
            "Write a later day; for somebody who is to have no access any more, enable: false or state: absent.",
        )


def _refuse_synced_groups(change: Change) -> Iterator[Refusal]:
    protected = Protected(change.desired, change.observed)
    swallowed = dict(_swallowed(change))
    for name, group in sorted(change.desired.groups.items()):
        realm = protected.realm_of_group(name)
        if not realm or group.absent or change.goal.realms[realm].type not in DIRECTORIES:
            continue
        members = f", with {', '.join(sorted(group.members))}" if group.members else ""
        also = f" (as it takes those of the realm {swallowed[realm]})" if realm in swallowed else ""
        yield Refusal(
            f"The group {name}{members}: its name ends like the realm {realm}, whose sync takes it for one of the"
            f" directory{also}. It removes members that the directory does not name, and the group with its rights.",
            "Take a name that does not end so; members of groups of the directory are declared there.",
        )
    for name, wish in sorted(change.desired.users.items()):
        foreign = sorted(group for group in wish.groups if protected.realm_of_group(group))
        foreign = [group for group in foreign if names.realm_of(name) != protected.realm_of_group(group)]
        if foreign:
            hint = "Take a group of your own."
            yield Refusal(f"The next sync takes {name} out of {', '.join(foreign)}, which the directory rules.", hint)


def _refuse_roles(change: Change) -> Iterator[Refusal]:
    for name in sorted(set(change.desired.roles) & set(change.observed.built_in)):
        yield Refusal(f"The role {name} is built in and stays as it is.", "Take another name.")
    for name in sorted(set(change.now.roles) - set(change.goal.roles)):
        held = [str(entry) for entry in sorted(change.goal.acl) if entry.role == name]
        if held:
            hint = "Remove these entries, too: they would go without a word."
            yield Refusal(f"The role {name} is still given: {'; '.join(held[:5])}.", hint)


def _refuse_tokens(change: Change) -> Iterator[Refusal]:
    for name, wish in sorted(change.desired.tokens.items()):
        if wish.absent:
            continue
        user = names.owner_of(name)
        if user not in change.goal.users:
            yield Refusal(f"There is no user {user} for the token {name}.", "Declare the user.")
        known = change.now.tokens.get(name)
        if known is None and name in change.observed.handed:
            yield Refusal(
                f"There is no token {name}, but its file {wish.file}: perhaps that is of another cluster.",
                "Move the file away, or name another one.",
            )
        if wish.rotate and known is not None and not is_untold(known) and change.observed.release in (7, 8):
            hint = (
                "Declare it absent, run, remove its file, and declare it again; its users have to learn its new value."
            )
            yield Refusal(f"Proxmox VE {change.observed.release} gives the token {name} no other value in place.", hint)


def _refuse_entries(change: Change) -> Iterator[Refusal]:
    for entry in sorted(change.desired.acl):
        if not change.goal.knows(entry.kind, entry.who):
            yield Refusal(
                f"{entry}: there is no such {entry.kind}.{_synced_name(change, entry.who)}",
                f"Declare the {entry.kind} or take the entry out.",
            )
        if entry.role not in change.goal.roles and entry.role not in change.observed.built_in:
            yield Refusal(f"{entry}: there is no such role.", "Declare the role or take the entry out.")
    for entry in sorted(change.desired.removed & set(change.now.acl)):
        if not change.now.knows(entry.kind, entry.who):
            yield _not_removable(str(entry))


def _synced_name(change: Change, group: str) -> str:
    found = [f"{group}-{name}" for name, realm in sorted(change.goal.realms.items()) if realm.type in FOREIGN]
    found = [name for name in found if name in change.goal.groups]
    return f" Its group of the directory is called {', '.join(found)} here." if found else ""


def _not_removable(entry: str) -> Refusal:
    return Refusal(
        f"{entry} cannot be removed: as long as there is nobody of that name, the API refuses to.",
        "Declare that user or group with clean_leftovers: true, and remove it in the next run.",
    )


def _refuse_leftovers(change: Change) -> Iterator[Refusal]:
    waiting = [entry for entry in awaiting(change.desired, change.observed) if entry not in change.desired.acl]
    handled = stale(change.desired, change.observed)
    open_entries = [str(entry) for entry in waiting if entry not in handled]
    if open_entries:
        yield Refusal(
            f"There are entries that are older than what they name, which would have these rights at once:"
            f" {'; '.join(open_entries)}.",
            "Declare them, if they are wanted; with clean_leftovers: true they are removed before anybody has them.",
        )
    for entry in sorted(handled):
        if not change.now.knows(entry.kind, entry.who) and not change.goal.knows(entry.kind, entry.who):
            yield _not_removable(str(entry))


def _refuse_useless_automation(change: Change) -> Iterator[Refusal]:
    """All its entries will be there; others may take away what they give."""
    automation, observed = change.desired.automation, change.observed
    if automation is None:
        return
    rights = Rights(change.goal, observed.built_in)
    shown = {need.path: rights.on(automation.token, need.path) for need in automation.needs}
    lacking = missing(shown, known_needs(automation.needs, observed.release))
    if lacking:
        pairs = ", ".join(f"{need.privilege} on {need.path}" for need in lacking)
        hint = "Entries nearer to these paths, or NoAccess, take them away again; remove those."
        yield Refusal(f"{automation.token} would still lack {pairs}.", hint)
