"""The privileges and the built-in roles of each release, composed as upstream's AccessControl.pm composes them."""

from __future__ import annotations

from functools import lru_cache

from pve_standin.core import release

ADMINISTRATOR, NO_ACCESS = "Administrator", "NoAccess"
_AGENT = ("VM.GuestAgent.FileRead", "VM.GuestAgent.FileSystemMgmt", "VM.GuestAgent.FileWrite")


@lru_cache(maxsize=3)
def _groups(pve: str) -> dict[str, dict[str, set[str]]]:
    """Subject -> kind of user -> privileges. `root`: only an Administrator has them."""
    nine, older = pve == "9", pve == "7"
    groups: dict[str, dict[str, set[str]]] = {
        "VM": {
            "admin": {f"VM.Config.{part}" for part in ("Disk", "CPU", "Memory", "Network", "HWType", "Options")}
            | {"VM.Allocate", "VM.Clone", "VM.Migrate", "VM.Snapshot", "VM.Snapshot.Rollback"}
            | ({"VM.GuestAgent.Unrestricted", "VM.Replicate"} if nine else {"VM.Monitor"}),
            "user": {"VM.Config.CDROM", "VM.Config.Cloudinit", "VM.Console", "VM.Backup", "VM.PowerMgmt"}
            | (set(_AGENT) if nine else set()),
            "audit": {"VM.Audit"} | ({"VM.GuestAgent.Audit"} if nine else set()),
        },
        "Sys": {
            "root": {"Sys.PowerMgmt", "Sys.Modify", "Sys.Incoming"} | (set() if older else {"Sys.AccessNetwork"}),
            "admin": {"Sys.Console", "Sys.Syslog"} | ({"Permissions.Modify"} if older else set()),
            "audit": {"Sys.Audit"},
        },
        "Datastore": {
            "admin": {"Datastore.Allocate", "Datastore.AllocateTemplate"},
            "user": {"Datastore.AllocateSpace"},
            "audit": {"Datastore.Audit"},
        },
        "SDN": {
            "admin": {"SDN.Allocate"},
            "user": set() if older else {"SDN.Use"},
            "audit": {"SDN.Audit"},
        },
        "User": {"root": {"Realm.Allocate"}, "admin": {"User.Modify", "Group.Allocate", "Realm.AllocateUser"}},
        "Pool": {"admin": {"Pool.Allocate"}, "audit": {"Pool.Audit"}},
    }
    if not older:
        groups["Mapping"] = {"admin": {"Mapping.Modify"}, "user": {"Mapping.Use"}, "audit": {"Mapping.Audit"}}
    return groups


@lru_cache(maxsize=3)
def _roles(pve: str) -> dict[str, set[str]]:
    groups = _groups(pve)
    every = {one for kinds in groups.values() for held in kinds.values() for one in held} | {"Permissions.Modify"}
    audit = {one for kinds in groups.values() for one in kinds.get("audit", ())}
    root = {one for kinds in groups.values() for one in kinds.get("root", ())}
    kept_back = root | ({"Permissions.Modify", "Mapping.Modify"} if pve != "7" else set())
    roles = {ADMINISTRATOR: every, NO_ACCESS: set(), "PVEAuditor": audit, "PVEAdmin": every - kept_back}
    roles["PVETemplateUser"] = {"VM.Audit", "VM.Clone"}
    for subject, kinds in groups.items():
        seen = kinds.get("audit", set())
        roles[f"PVE{subject}Admin"] = kinds["admin"] | kinds.get("user", set()) | seen
        if kinds.get("user") or seen:
            roles[f"PVE{subject}User"] = kinds.get("user", set()) | seen
    del roles["PVESysUser"]
    return roles


def built_in() -> dict[str, set[str]]:
    return _roles(release.current().pve)


def valid() -> set[str]:
    return built_in()[ADMINISTRATOR]
