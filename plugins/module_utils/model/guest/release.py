# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Machines that are given back: stopped, kept in a backup, and destroyed if nobody wants them back for a while."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..access import names, need
from ..access.access import Entry
from .backup import Held, freed
from .fleet import DesiredFleets, ObservedFleets

#: Of a guest that is given back, for people: the state itself stands in the pool of its owner.
TAG = "released"
#: Fields of a guest's mark: the archive that was verified, and what it was verified to hold.
BACKUP, HOLDS = "backup", "holds"
#: Tasks after which a guest is not as an earlier backup has it, or may have become so where nobody remembers it.
CHANGING = frozenset(
    "qmstart vzstart qmrollback vzrollback qmrestore vzrestore qmresume vzresume vzmount qmigrate vzmigrate".split()
)
#: Nodes whose clocks differ by more seconds do not agree on what is due.
CLOCKS_APART = 300
#: What must follow from a task of Proxmox VE that has done its work.
WELL = "OK"
_ARCHIVE = re.compile(r"INFO: creating (?:vzdump|Proxmox Backup Server) archive '(?P<name>[^']+)'")


@dataclass(frozen=True)
class Scope:
    """Whom a run is about. ``owners``: users by their ids; none are all. ``fleet``: of that one alone, if it is named.

    ``expired``: those whose last day is over, and whoever gives back already. ``guests``: of a reset, these alone.
    """

    fleets: DesiredFleets
    owners: frozenset[str] = frozenset()
    fleet: str = ""
    expired: bool = False
    guests: frozenset[int] = frozenset()


@dataclass(frozen=True)
class DesiredRelease:
    """``revoke``: they are to keep it all. ``at_most``: as many guests may be destroyed in one run."""

    scope: Scope
    revoke: bool = False
    at_most: int = 50


@dataclass(frozen=True)
class DesiredExtension:
    """``until``: the day through which they are to have it."""

    scope: Scope
    until: str


@dataclass(frozen=True)
class Archive:
    """A backup in a storage. ``created``: seconds since 1970. ``damaged``: as Proxmox Backup Server found it last."""

    id: str
    vmid: int
    created: int
    size: int
    protected: bool = False
    damaged: bool = False


@dataclass(frozen=True)
class GuestTask:
    """A task of one guest. ``status``: how it ended, or nothing while it runs. ``log``: of backups alone."""

    id: str
    node: str
    kind: str
    began: int
    status: str = ""
    log: tuple[str, ...] = ()

    @property
    def archive(self) -> str:
        """The end of the name of what it has written: of a file its name, of Proxmox Backup Server its path there."""
        found = [match.group("name") for match in map(_ARCHIVE.match, self.log) if match]
        name = found[-1] if len(found) == 1 else ""
        return name.rpartition("/")[2] if name.startswith("/") else name


@dataclass(frozen=True)
class Account:
    """Of an owner. ``groups`` and ``tokens`` by name."""

    enabled: bool = True
    expire: int = 0
    groups: frozenset[str] = frozenset()
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedRelease:
    """``fleets``: with the configurations of all guests that are seen. ``clocks``: node, or the controller → what time
    it is there. ``off``: nodes that cannot be asked.

    ``volumes``: VMID → all its volumes, those that are pending and of snapshots too. ``archives``: VMID → its
    backups, as its node tells; not there where the storage cannot be asked. ``tasks``: VMID → since it is given back.
    ``remembered``: guests whose node still knows that it made the backup which is noted in them; of others nobody can
    tell whether they were started since, such as of one that was moved.
    ``acl``: in a fixed order. ``ha``: resources of the HA manager.
    ``replicated``: guests that have copies elsewhere. ``left``: VMID → volumes of a guest that is no more.
    ``silent``: storage → why it does not tell whether it has such volumes. ``rights``: path → what whoever asks has
    there; None of root@pam, who has all.
    """

    fleets: ObservedFleets
    clocks: Mapping[str, int] = field(default_factory=dict)
    off: Sequence[str] = ()
    volumes: Mapping[int, Sequence[Held]] = field(default_factory=dict)
    archives: Mapping[int, Sequence[Archive]] = field(default_factory=dict)
    tasks: Mapping[int, Sequence[GuestTask]] = field(default_factory=dict)
    remembered: frozenset[int] = frozenset()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    acl: Sequence[Entry] = ()
    ha: frozenset[str] = frozenset()
    replicated: frozenset[int] = frozenset()
    left: Mapping[int, Sequence[str]] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    rights: Optional[Mapping[str, need.Held]] = None


def account_paths(user: str, account: Account) -> tuple[str, ...]:
    """On which of whoever may change an account has to have something."""
    groups = (f"/access/groups/{name}" for name in sorted(account.groups))
    return (f"/access/realm/{names.realm_of(user)}", "/access/groups", *groups)


def digest(vmid: int, volumes: Iterable[Held], discard: Sequence[str]) -> str:
    """Of all that a destroy frees, and what of it is given up: if this differs, it is not what was verified once."""
    found = ((one, " given up" if one.named in discard else "") for one in freed(vmid, volumes))
    listed = sorted(f"{one.named} {one.id}{given_up}" for one, given_up in found)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()[:16]
