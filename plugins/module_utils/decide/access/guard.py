# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nobody is locked out: root@pam, whoever this run speaks as, and the last administrator keep what they have."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.access import Access
from ...model.access.privileges import PERMISSIONS
from ...model.access.rights import Rights
from .gives import Change

_ALL = "/"


def refuse_lockouts(change: Change) -> Iterator[Refusal]:
    yield from _refuse_root(change)
    yield from _refuse_own_account(change)
    yield from _refuse_own_rights(change)
    yield from _refuse_last_administrator(change)


def _refuse_root(change: Change) -> Iterator[Refusal]:
    before, after = change.now.users.get(names.ROOT), change.goal.users.get(names.ROOT)
    if before is None:
        return
    if after is None:
        yield Refusal("root@pam cannot be removed: Proxmox VE would say that it is done, and do nothing.")
    elif before.enable and not after.enable:
        yield Refusal(
            "root@pam would be disabled (enable: false); then nobody logs in as root any more, this run included.",
            "Take that out. Only `pveum user modify root@pam --enable 1` on a node could undo it.",
        )
    elif after.expire != before.expire and after.expire:
        yield Refusal("root@pam would expire.", "Take expire out.")


def _refuse_own_account(change: Change) -> Iterator[Refusal]:
    caller = change.desired.caller
    user = names.owner_of(caller)
    if caller == names.ROOT:
        return
    before, after = change.now.users.get(user), change.goal.users.get(user)
    hint = "Speak as somebody else when you want this."
    if user != names.ROOT and before is not None:
        if after is None:
            yield Refusal(f"{user} would be removed, as whom this run speaks ({caller}).", hint)
        elif before.enable and not after.enable:
            yield Refusal(f"{user} would be disabled, as whom this run speaks ({caller}).", hint)
        elif after.expire != before.expire and after.expire:
            yield Refusal(f"{user} would expire, as whom this run speaks ({caller}).", hint)
    token_before, token_after = change.now.tokens.get(caller), change.goal.tokens.get(caller)
    if token_before is not None and token_after != token_before:
        told = "removed" if token_after is None else "changed"
        yield Refusal(f"The token {caller} would be {told}, with which this run speaks.", hint)
    wish = change.desired.tokens.get(caller)
    if wish is not None and wish.rotate:
        yield Refusal(f"The token {caller} would get another value, and with it this run speaks.", hint)


def _refuse_own_rights(change: Change) -> Iterator[Refusal]:
    caller = change.desired.caller
    before, after = (Rights(state, change.observed.built_in) for state in (change.now, change.goal))
    paths = sorted({_ALL, *(entry.path for entry in (*change.now.acl, *change.goal.acl))})
    for path in paths:
        had, has = before.on(caller, path), after.on(caller, path)
        lost = sorted(name for name, below in had.items() if name not in has or (below and not has[name]))
        if lost:
            causes = "; ".join(_causes(change)) or "entries nearer to it would replace them"
            told = f"{', '.join(lost[:5])}{' and others' if len(lost) > 5 else ''}"
            yield Refusal(
                f"This run speaks as {caller}, and would lose {told} on {path}: {causes}.",
                "Declare what gives it these rights, too, or speak as somebody else.",
            )
            return


def _causes(change: Change) -> Iterator[str]:
    """What is taken from the caller, or from what it has its rights by."""
    caller = change.desired.caller
    user = names.owner_of(caller)
    known, left = change.now.users.get(user), change.goal.users.get(user)
    groups = known.groups if known is not None else frozenset()
    if left is not None and groups - left.groups:
        yield f"{user} would leave {', '.join(sorted(groups - left.groups))}"
    yield from (f"the group {name} would be removed" for name in sorted(groups - set(change.goal.groups)))
    for entry, below in sorted(change.now.acl.items()):
        own = entry.who in (caller, user) if entry.kind != "group" else entry.who in groups
        if own and (entry not in change.goal.acl or (below and not change.goal.acl[entry])):
            yield f"{entry} would be {'taken' if entry not in change.goal.acl else 'there only'}"
        lost = change.now.roles.get(entry.role, frozenset()) - change.goal.roles.get(entry.role, frozenset())
        if own and lost:
            yield f"the role {entry.role} would lose {', '.join(sorted(lost))}"


def _refuse_last_administrator(change: Change) -> Iterator[Refusal]:
    had = _administrators(change.now, change)
    if had and not _administrators(change.goal, change):
        yield Refusal(
            f"Nobody but root@pam would be an administrator any more; now {', '.join(had)} may change permissions.",
            "Keep one of them: an entry on / with a role that has Permissions.Modify, for a user who is enabled.",
        )


def _administrators(state: Access, change: Change) -> list[str]:
    rights = Rights(state, change.observed.built_in)
    return sorted(name for name in state.users if name != names.ROOT and rights.on(name, _ALL).get(PERMISSIONS))
