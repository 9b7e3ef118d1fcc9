# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users, groups, roles, tokens, pools, realms and the access control list of a cluster, as they are or are to be.

An empty text is one that is not set. The meaning counts, not the spelling: lists are sets, an entry of the access
control list is (path, kind, who, role), and whether it propagates is its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Union

from .need import Need
from .privileges import Privileges

Holder = Literal["user", "group", "token"]
HOLDERS: tuple[Holder, ...] = ("user", "group", "token")
Scalar = Union[str, int, bool]
#: What can be exclusive besides ``acl:PATH``.
SCOPES = ("users", "groups", "roles", "tokens", "pools", "acl")
#: How the comment of a user begins that a part of this collection made for itself.
OWNED = "baremetal.virt: "
#: In place of the comment while entries are removed that named this user or group before it was created.
UNCLEAN = "baremetal.virt: rights of an earlier one of this name are being removed"
#: When a token expires that nobody has been told yet: before anybody could use it.
NEVER_VALID = 1
#: The fields of a user that are texts.
TEXTS = ("firstname", "lastname", "email", "comment")


@dataclass(frozen=True)
class User:
    """``expire``: seconds since 1970; 0 is never."""

    enable: bool = True
    expire: int = 0
    firstname: str = ""
    lastname: str = ""
    email: str = ""
    comment: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """Its members are said by the users."""

    comment: str = ""


@dataclass(frozen=True)
class Token:
    """``privsep``: it has only what it is given itself, and of that no more than its user has."""

    comment: str = ""
    expire: int = 0
    privsep: bool = True


@dataclass(frozen=True)
class Pool:
    """Guests by number and storages by name."""

    comment: str = ""
    vms: frozenset[int] = frozenset()
    storage: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Realm:
    """``options``: as the API names them, in one spelling, without those that say what is the default."""

    type: str
    options: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, order=True)
class Entry:
    """Who has which role on which path."""

    path: str
    kind: Holder
    who: str
    role: str

    def __str__(self) -> str:
        return f"{self.role} on {self.path} for the {self.kind} {self.who}"


@dataclass(frozen=True)
class Access:
    """``roles``: those that are not built in. ``acl``: entry → whether it propagates to what is below its path."""

    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    roles: Mapping[str, Privileges] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    realms: Mapping[str, Realm] = field(default_factory=dict)
    acl: Mapping[Entry, bool] = field(default_factory=dict)

    def knows(self, kind: Holder, who: str) -> bool:
        known: Mapping[str, Any] = {"user": self.users, "group": self.groups, "token": self.tokens}[kind]
        return who in known

    @property
    def leftovers(self) -> tuple[Entry, ...]:
        """Entries for nobody: whoever gets that name has their rights at once, and the API cannot remove them."""
        return tuple(sorted(entry for entry in self.acl if not self.knows(entry.kind, entry.who)))


@dataclass(frozen=True)
class DesiredUser:
    """``fields``: those of ``User`` that are said. ``groups``: besides those that he is in."""

    id: str
    absent: bool = False
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    password: str = field(default="", repr=False)
    always: bool = False


@dataclass(frozen=True)
class DesiredGroup:
    """``exclusive``: whoever is not said to be a member is none."""

    id: str
    absent: bool = False
    comment: Optional[str] = None
    members: frozenset[str] = frozenset()
    exclusive: bool = False


@dataclass(frozen=True)
class DesiredRole:
    id: str
    absent: bool = False
    privs: Privileges = frozenset()


@dataclass(frozen=True)
class DesiredToken:
    """``file``: where the value goes, on the controller. ``expected``: it is said, so it should be there.

    ``rotate``: give it another value in this run.
    """

    id: str
    absent: bool = False
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    file: str = ""
    rotate: bool = False
    expected: bool = False


@dataclass(frozen=True)
class DesiredPool:
    """``exclusive``: what is not said to be in it is not."""

    id: str
    absent: bool = False
    comment: Optional[str] = None
    vms: frozenset[int] = frozenset()
    storage: frozenset[str] = frozenset()
    exclusive: bool = False


@dataclass(frozen=True)
class DesiredRealm:
    """``options``: an empty one is removed. ``secret``: the password of ``bind_dn``. ``sync``: until it has users."""

    id: str
    type: str
    absent: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    always: bool = False
    sync: bool = False


@dataclass(frozen=True)
class Automation:
    """The user, with a token, that another part of this collection works as. ``needs``: without which it cannot.

    ``roles``: how the names of its roles begin.
    """

    user: str
    token: str
    roles: str
    needs: frozenset[Need]


@dataclass(frozen=True)
class DesiredAccess:
    """``caller``: with whose rights this run speaks. ``removed``: entries that are not to be.

    ``exclusive``: kinds of things of which nothing else is to be there; ``exclusive_paths``: places on the list.
    """

    caller: str
    users: Mapping[str, DesiredUser] = field(default_factory=dict)
    groups: Mapping[str, DesiredGroup] = field(default_factory=dict)
    roles: Mapping[str, DesiredRole] = field(default_factory=dict)
    tokens: Mapping[str, DesiredToken] = field(default_factory=dict)
    pools: Mapping[str, DesiredPool] = field(default_factory=dict)
    realms: Mapping[str, DesiredRealm] = field(default_factory=dict)
    acl: Mapping[Entry, bool] = field(default_factory=dict)
    removed: frozenset[Entry] = frozenset()
    exclusive: frozenset[str] = frozenset()
    exclusive_paths: frozenset[str] = frozenset()
    clean_leftovers: bool = False
    automation: Optional[Automation] = None

    @property
    def idle(self) -> bool:
        """Nothing is declared."""
        things = (self.users, self.groups, self.roles, self.tokens, self.pools, self.realms, self.acl)
        return not any((*things, self.removed, self.exclusive, self.exclusive_paths))


@dataclass(frozen=True)
class ObservedAccess:
    """``release``: None where nobody serves the API yet. ``built_in``: the roles, with what they have here.

    ``rights``: path → privilege → whether it propagates, of the caller; None of root@pam, who has all.
    ``handed``: tokens whose file is there. ``past``: what is declared to expire at a time that is over.
    ``placed``: guest → the pool that it is in, or nothing; None where nobody needs to know.
    ``jobs``: realm → what is removed by the syncs that are made by a schedule, whatever the realm itself says; None of
    a caller who may not see them.
    """

    release: Optional[int]
    now: Access
    built_in: Mapping[str, Privileges] = field(default_factory=dict)
    rights: Optional[Mapping[str, Mapping[str, bool]]] = None
    handed: frozenset[str] = frozenset()
    past: frozenset[str] = frozenset()
    placed: Optional[Mapping[int, str]] = None
    jobs: Optional[Mapping[str, frozenset[str]]] = field(default_factory=dict)
