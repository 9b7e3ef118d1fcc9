# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an exclusive scope never takes away, and why: whatever is declared, the run and others keep what they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.access import names
from ...model.access.access import OWNED, DesiredAccess, Entry, ObservedAccess
from ...model.access.realms import FOREIGN
from .automation import ROLES


class Protected:
    """Each method answers why the thing is kept, or nothing."""

    def __init__(self, desired: DesiredAccess, observed: ObservedAccess) -> None:
        self._now = observed.now
        self._caller, self._user = desired.caller, names.owner_of(desired.caller)
        known = self._now.users.get(self._user)
        self._groups = known.groups if known is not None else frozenset()
        kinds = {name: realm.type for name, realm in self._now.realms.items()}
        kinds.update({name: realm.type for name, realm in desired.realms.items()})
        self._foreign = sorted(name for name, kind in kinds.items() if kind in FOREIGN)

    def user(self, name: str) -> str:
        if name == names.ROOT:
            return _ROOT
        if name == self._user:
            return "the run itself"
        if names.realm_of(name) in self._foreign:
            return f"realm {names.realm_of(name)} is synced"
        known = self._now.users.get(name)
        return "another part of this collection" if known and known.comment.startswith(OWNED) else ""

    def group(self, name: str) -> str:
        if name in self._groups:
            return "the run itself is in it"
        realm = self.realm_of_group(name)
        return f"realm {realm} is synced" if realm else ""

    def realm_of_group(self, name: str) -> str:
        return names.realm_of_group(name, self._foreign)

    def token(self, name: str) -> str:
        return "the run itself" if name == self._caller else self.user(names.owner_of(name))

    def role(self, name: str) -> str:
        return "another part of this collection" if name.startswith(ROLES) else ""

    def pool(self, dummy: str) -> str:
        return ""

    def entry(self, entry: Entry) -> str:
        if not self._now.knows(entry.kind, entry.who):
            return "there is nobody of that name, so the API cannot remove it"
        return self.group(entry.who) if entry.kind == "group" else self.token(entry.who)


_ROOT = "it is root@pam"


def kept(desired: DesiredAccess, observed: ObservedAccess) -> Iterator[tuple[str, str]]:
    """Whatever an exclusive scope would take, but for root@pam, which nobody expects to go; and why it stays."""
    for _kind, thing, reason in surplus(desired, observed):
        if reason not in ("", _ROOT):
            yield str(thing), reason


def surplus(desired: DesiredAccess, observed: ObservedAccess) -> Iterator[tuple[str, Any, str]]:
    """Kind, thing, and why it is kept, of all that goes if nothing keeps it. The declared is not among it."""
    now, protected = observed.now, Protected(desired, observed)
    outgrown = set(_outgrown(desired, observed))
    yield from ((kind, thing, "") for kind, thing in sorted(outgrown, key=str))
    for kind, known, said, why in (
        ("users", now.users, desired.users, protected.user),
        ("groups", now.groups, desired.groups, protected.group),
        ("roles", now.roles, desired.roles, protected.role),
        ("tokens", now.tokens, desired.tokens, protected.token),
        ("pools", now.pools, desired.pools, protected.pool),
    ):
        if kind in desired.exclusive:
            left = (name for name in sorted(known) if name not in said and (kind, name) not in outgrown)
            yield from ((kind, name, why(name)) for name in left)
    for entry in sorted(now.acl):
        said_or_going = entry in desired.acl or entry in desired.removed or ("acl", entry) in outgrown
        if not said_or_going and _is_exclusive(entry, desired):
            yield "acl", entry, protected.entry(entry)


def _outgrown(desired: DesiredAccess, observed: ObservedAccess) -> Iterator[tuple[str, Any]]:
    """Rights that the automation was once given and that are no longer said: it has what it needs, and no more."""
    automation = desired.automation
    if automation is None:
        return
    for entry in observed.now.acl:
        if entry.who == automation.user and entry.kind == "user" and entry not in desired.acl:
            yield "acl", entry
    for role in observed.now.roles:
        if role.startswith(automation.roles) and role not in desired.roles:
            yield "roles", role


def _is_exclusive(entry: Entry, desired: DesiredAccess) -> bool:
    inside = any(names.is_within(entry.path, path) for path in desired.exclusive_paths)
    return "acl" in desired.exclusive or inside
