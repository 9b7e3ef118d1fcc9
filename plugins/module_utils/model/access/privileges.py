# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of privileges and built-in roles, for each release of Proxmox VE.

Upstream: pve-access-control PVE/AccessControl.pm. What a release composes of its groups of privileges stands here as it
comes out of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

Privileges = frozenset[str]

ADMINISTRATOR, NO_ACCESS = "Administrator", "NoAccess"
#: Whoever has it may give everything to everybody.
PERMISSIONS = "Permissions.Modify"
NEWEST = 9

_CONFIG = tuple(f"VM.Config.{part}" for part in ("CPU", "Disk", "HWType", "Memory", "Network", "Options"))
_VM_ADMIN = ("VM.Allocate", "VM.Clone", "VM.Migrate", "VM.Snapshot", "VM.Snapshot.Rollback", *_CONFIG)
_VM_USER = ("VM.Backup", "VM.Config.CDROM", "VM.Config.Cloudinit", "VM.Console", "VM.PowerMgmt")
_AGENT_FILES = tuple(f"VM.GuestAgent.{part}" for part in ("FileRead", "FileSystemMgmt", "FileWrite"))
AGENT_AUDIT, MONITOR = "VM.GuestAgent.Audit", "VM.Monitor"

_AUDIT = ("Datastore.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit")
_DATASTORE = ("Datastore.Allocate", "Datastore.AllocateSpace", "Datastore.AllocateTemplate", "Datastore.Audit")
_USERS = ("Group.Allocate", "Realm.AllocateUser", "User.Modify")
_SYSTEM = ("Sys.Audit", "Sys.Console", "Sys.Syslog")
#: Of the cluster itself: only an administrator has them.
_ROOT = (PERMISSIONS, "Realm.Allocate", "Sys.Incoming", "Sys.Modify", "Sys.PowerMgmt")
_MAPPING = ("Mapping.Audit", "Mapping.Modify", "Mapping.Use")


def _vm(release: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What administrators, users and auditors of guests have."""
    if release < 9:
        return (*_VM_ADMIN, MONITOR), _VM_USER, ("VM.Audit",)
    return (
        (*_VM_ADMIN, "VM.GuestAgent.Unrestricted", "VM.Replicate"),
        (*_VM_USER, *_AGENT_FILES),
        ("VM.Audit", AGENT_AUDIT),
    )


def _every(release: int) -> Privileges:
    newer = (*_MAPPING, "SDN.Use", "Sys.AccessNetwork") if release > 7 else ()
    vm = tuple(name for part in _vm(release) for name in part)
    others = ("Pool.Allocate", "SDN.Allocate", *_AUDIT, *_DATASTORE, *_USERS, *_SYSTEM, *_ROOT)
    return frozenset((*vm, *newer, *others))


_PRIVILEGES: Mapping[int, Privileges] = {release: _every(release) for release in (7, 8, NEWEST)}


def privileges(release: Optional[int]) -> Privileges:
    """All that the release knows; None where nobody knows yet which it will be."""
    return _PRIVILEGES.get(NEWEST if release is None else release, _PRIVILEGES[NEWEST])


KNOWN_ANYWHERE: Privileges = frozenset(name for known in _PRIVILEGES.values() for name in known)


def built_in_roles(release: Optional[int]) -> Optional[Mapping[str, Privileges]]:
    """Role → its privileges; None of a release whose table is not known for certain."""
    if release not in (8, NEWEST):
        return None
    admin, user, audit = _vm(release)
    auditor = frozenset((*_AUDIT, "Mapping.Audit", *audit))
    roles = {
        ADMINISTRATOR: privileges(release),
        NO_ACCESS: (),
        "PVEAdmin": privileges(release) - {*_ROOT, "Mapping.Modify", "Sys.AccessNetwork"},
        "PVEAuditor": auditor,
        "PVEDatastoreAdmin": _DATASTORE,
        "PVEDatastoreUser": ("Datastore.AllocateSpace", "Datastore.Audit"),
        "PVEMappingAdmin": _MAPPING,
        "PVEMappingUser": ("Mapping.Audit", "Mapping.Use"),
        "PVEPoolAdmin": ("Pool.Allocate", "Pool.Audit"),
        "PVEPoolUser": ("Pool.Audit",),
        "PVESDNAdmin": ("SDN.Allocate", "SDN.Audit", "SDN.Use"),
        "PVESDNUser": ("SDN.Audit", "SDN.Use"),
        "PVESysAdmin": _SYSTEM,
        "PVETemplateUser": ("VM.Audit", "VM.Clone"),
        "PVEUserAdmin": _USERS,
        "PVEVMAdmin": (*admin, *user, *audit),
        "PVEVMUser": (*user, *audit),
    }
    return {name: frozenset(held) for name, held in roles.items()}


def surplus(release: Optional[int], shown: Mapping[str, Privileges]) -> dict[str, list[str]]:
    """Built-in role → privileges that it has here and that are not built in."""
    table = built_in_roles(release) or {}
    added = {name: sorted(held - table[name]) for name, held in shown.items() if name in table}
    return {name: found for name, found in sorted(added.items()) if found}
