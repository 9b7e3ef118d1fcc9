# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which privileges somebody has on a path, as Proxmox VE finds out (PVE/AccessControl.pm, PVE/RPCEnvironment.pm).

What the pools of a guest or of a storage add to it is left out: a pool is a path of its own here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .access import Access, Entry
from .names import ROOT, ancestors, owner_of
from .need import Held
from .privileges import ADMINISTRATOR, NO_ACCESS, Privileges


class Rights:
    """``built_in``: the privileges of roles that are not in the state itself."""

    def __init__(self, state: Access, built_in: Mapping[str, Privileges]) -> None:
        self._state = state
        self._roles = {**built_in, **state.roles}
        self._at: dict[str, list[tuple[Entry, bool]]] = {}
        for entry, propagate in state.acl.items():
            self._at.setdefault(entry.path, []).append((entry, propagate))

    def on(self, who: str, path: str) -> Held:
        """Of a token with privilege separation no more than its user has."""
        held = self._privileges(self.roles(who, path))
        token = self._state.tokens.get(who)
        if token is None or not token.privsep:
            return held
        owned = self.on(owner_of(who), path)
        return {name: below and owned[name] for name, below in held.items() if name in owned}

    def roles(self, who: str, path: str) -> Mapping[str, bool]:
        """Each level that names somebody replaces what those above gave."""
        if who == ROOT:
            return {ADMINISTRATOR: True}
        token, owner = self._state.tokens.get(who), self._state.users.get(owner_of(who))
        if owner is None or not owner.enable or ("!" in who and token is None):
            return {}
        if token is not None and not token.privsep:
            return self.roles(owner_of(who), path)
        found: Mapping[str, bool] = {}
        groups = set() if token is not None else {("group", name) for name in owner.groups}
        own = {("user" if token is None else "token", who)}
        levels = ancestors(path)
        for level in levels:
            at = [(entry, below) for entry, below in self._at.get(level, ()) if below or level == levels[-1]]
            found = _given(at, own) or _given(at, groups) or found
        return {NO_ACCESS: found[NO_ACCESS]} if NO_ACCESS in found else found

    def _privileges(self, roles: Mapping[str, bool]) -> Held:
        held: dict[str, bool] = {}
        for role, below in roles.items():
            for name in self._roles.get(role, ()):
                held[name] = held.get(name, False) or below
        return held


def _given(entries: Sequence[tuple[Entry, bool]], holders: set[tuple[str, str]]) -> Mapping[str, bool]:
    return {entry.role: below for entry, below in entries if (entry.kind, entry.who) in holders}
