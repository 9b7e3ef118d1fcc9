# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user with a token that makes and removes guests: least privilege, in the words of users, roles and entries.

Its token has all rights of its user (``privsep`` 0), who has no password, so nobody needs to keep two lists equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.access import names
from ...model.access.access import OWNED, Automation, DesiredPool, DesiredRole, DesiredToken, DesiredUser, Entry
from ...model.access.need import Need
from ...model.access.privileges import MONITOR, Privileges
from . import given
from .presets import STUDENT

TOKEN = "automation"
#: How the names of its roles begin.
ROLES = "automation-"
_CONFIG = tuple(
    f"VM.Config.{part}" for part in ("CDROM", "CPU", "Cloudinit", "Disk", "HWType", "Memory", "Network", "Options")
)
#: Purpose → what it takes. ``pools`` holds all that it hands on to owners of guests: nobody gives more than he has.
_PURPOSES: Mapping[str, Privileges] = {
    "pools": frozenset(
        ("Pool.Allocate", "Pool.Audit", "VM.Allocate", "VM.Backup", "VM.Migrate", "VM.Snapshot", *_CONFIG)
    )
    | STUDENT
    | {MONITOR},
    "templates": frozenset(("Pool.Audit", "VM.Audit", "VM.Clone")),
    "storages": frozenset(("Datastore.AllocateSpace", "Datastore.Audit")),
    "images": frozenset(("Datastore.AllocateTemplate", "Datastore.Audit")),
    "networks": frozenset(("SDN.Use",)),
    "nodes": frozenset(("Sys.Audit",)),
    "downloads": frozenset(("Sys.AccessNetwork",)),
    "realm": frozenset(("Realm.AllocateUser",)),
    "groups": frozenset(("User.Modify",)),
    "ha": frozenset(("Sys.Console",)),
    "all": frozenset(("Datastore.Audit", "Pool.Audit", "Sys.Audit", "VM.Audit")),
}
_HA = "ha"


@dataclass(frozen=True)
class Expanded:
    """What ``automation`` asks for."""

    users: tuple[DesiredUser, ...] = ()
    roles: tuple[DesiredRole, ...] = ()
    tokens: tuple[DesiredToken, ...] = ()
    pools: tuple[DesiredPool, ...] = ()
    acl: Mapping[Entry, bool] = field(default_factory=dict)
    automation: Optional[Automation] = None

    def pools_but(self, others: Sequence[DesiredPool]) -> list[DesiredPool]:
        said = {one.id for one in others}
        return [one for one in self.pools if one.id not in said]


def expand(definition: Mapping[str, Any], folder: str) -> Expanded:
    name = given.named("automation: id", definition["id"], names.NAME, "Letters, digits, '-', '_' and '.'.")
    user = f"{name}@{names.PVE}"
    token = given.named("automation: id", f"{user}!{TOKEN}", names.TOKEN, "It begins with a letter.")
    pools = _names(definition, "pools", [name])
    if not all(names.POOL.fullmatch(pool) for pool in pools):
        raise Invalid(f"automation {name}: pools cannot be {', '.join(sorted(pools))}.", "Each begins with a letter.")
    places = sorted(_places(definition, name, pools))
    roles = {purpose: DesiredRole(f"{ROLES}{name}-{purpose}", privs=_PURPOSES[purpose]) for purpose, dummy in places}
    acl = {Entry(path, "user", user, roles[purpose].id): purpose != _HA for purpose, path in places}
    needs = frozenset(
        Need(path, privilege, purpose != _HA) for purpose, path in places for privilege in _PURPOSES[purpose]
    )
    return Expanded(
        (DesiredUser(user, fields={"enable": True, "comment": f"{OWNED}automation {name}"}),),
        tuple(roles.values()),
        (_token(token, definition.get("file"), folder),),
        tuple(DesiredPool(pool) for pool in sorted(pools)),
        acl,
        Automation(user, token, f"{ROLES}{name}-", needs),
    )


def _token(name: str, file: Optional[str], folder: str) -> DesiredToken:
    return DesiredToken(name, fields={"privsep": False}, file=file or f"{folder}/{name}", expected=bool(file))


def _places(definition: Mapping[str, Any], name: str, pools: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Purpose and path."""
    yield from (("pools", names.pool_path(pool)) for pool in pools)
    yield from (("templates", names.pool_path(pool)) for pool in _names(definition, "template_pools"))
    disks = _names(definition, "storages") | _names(definition, "backup_storages")
    yield from (("storages", f"/storage/{one}") for one in disks)
    images = _names(definition, "image_storages")
    yield from (("images", f"/storage/{one}") for one in images)
    if images:
        yield "downloads", "/nodes"
    for network in _names(definition, "networks"):
        path = names.canonical_path(f"/sdn/zones/{network if '/' in network else f'localnetwork/{network}'}")
        if path is None:
            raise Invalid(f"automation {name}: {network!r} is no bridge and no ZONE/VNET.")
        yield "networks", path
    yield "nodes", "/nodes"
    yield "realm", f"/access/realm/{names.PVE}"
    yield from (("groups", f"/access/groups/{group}") for group in _names(definition, "groups", []))
    if definition["ha"]:
        yield _HA, "/"
    if definition["accounts"]:
        yield "all", "/"


def _names(definition: Mapping[str, Any], key: str, default: Sequence[str] = ()) -> frozenset[str]:
    said = definition.get(key)
    return frozenset(given.text(f"automation: {key}", one) for one in (default if said is None else said))
