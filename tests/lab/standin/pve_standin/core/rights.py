"""What user.cfg gives somebody on a path, evaluated as upstream does (AccessControl.pm `roles`, RPCEnvironment.pm)."""

from __future__ import annotations

import re

from pve_standin.core.privileges import ADMINISTRATOR, NO_ACCESS
from pve_standin.core.users import ROOT, AclEntry, UserConfig

#: Role -> whether it holds below the path, too.
Roles = dict[str, bool]
_NAME = r"[A-Za-z0-9.\-_]+"
_PATHS = (
    r"/",
    rf"/access(/groups(/{_NAME})?|/realm(/{_NAME})?)?",
    rf"/nodes(/{_NAME})?",
    r"/pool(/[A-Za-z0-9.\-_/]+)?",
    rf"/sdn(/controllers(/{_NAME})?|/dns(/{_NAME})?|/fabrics(/{_NAME})?|/ipams(/{_NAME})?"
    rf"|/zones(/{_NAME}(/{_NAME}(/\d{{1,4}})?)?)?)?",
    rf"/storage(/{_NAME})?",
    r"/vms(/[1-9]\d{2,8})?",
    rf"/mapping(/(dir|hwrng|notifications|pci|usb)(/{_NAME})?)?",
)


def normalised(path: str) -> str | None:
    """One slash in front, none at the end; None for a path that there cannot be."""
    plain = "/" + "/".join(part for part in path.split("/") if part)
    return plain if any(re.fullmatch(pattern, plain) for pattern in _PATHS) else None


def roles(config: UserConfig, who: str, path: str) -> Roles:
    """Each level that names somebody replaces what those above gave; NoAccess is all that is left then."""
    if who == ROOT:
        return {ADMINISTRATOR: True}
    owner = who.partition("!")[0]
    token = config.tokens.get(who)
    if "!" in who:
        if token is None:
            return {}
        if not token.privsep:
            return roles(config, owner, path)
    user = config.users.get(owner)
    if user is None or not user.enable:
        return {}
    groups = {f"@{name}" for name in config.groups_of(who)}
    parts = [part for part in path.split("/") if part]
    found: Roles = {}
    for depth in range(len(parts) + 1):
        entries = config.acl.get("/" + "/".join(parts[:depth]), [])
        holding = [one for one in entries if one.propagate or depth == len(parts)]
        found = _given(holding, {who}) or _given(holding, groups) or found
    return {NO_ACCESS: found[NO_ACCESS]} if NO_ACCESS in found else found


def _given(entries: list[AclEntry], names: set[str]) -> Roles:
    return {one.role: one.propagate for one in entries if one.who in names}


def privileges(config: UserConfig, who: str, path: str) -> dict[str, bool]:
    """With what the pools give that the path's guest or storage is in; of a token no more than its owner has."""
    found = _with_pools(config, who, path)
    token = config.tokens.get(who)
    if token is not None and token.privsep:
        owned = privileges(config, who.partition("!")[0], path)
        found = {name: below and owned[name] for name, below in found.items() if name in owned}
    return found


def _with_pools(config: UserConfig, who: str, path: str) -> dict[str, bool]:
    own = roles(config, who, path)
    if NO_ACCESS in own:
        return {}
    held = _privileges_of(config, own)
    for name in _pools_of(config, path):
        given = roles(config, who, f"/pool/{name}")
        if NO_ACCESS in given:
            return {}
        held = {**dict.fromkeys(_privileges_of(config, given), False), **held}
    return held


def _pools_of(config: UserConfig, path: str) -> list[str]:
    if found := re.fullmatch(r"/vms/(\d+)", path):
        name = config.pool_of(int(found.group(1)))
        return [name] if name else []
    if path.startswith("/storage/"):
        return [name for name, pool in config.pools.items() if path.rpartition("/")[2] in pool.storage]
    return []


def _privileges_of(config: UserConfig, held: Roles) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for role, below in held.items():
        for name in config.privileges_of(role):
            found[name] = found.get(name, False) or below
    return found


def tree(config: UserConfig, who: str) -> dict[str, dict[str, int]]:
    """What GET /access/permissions answers: all paths on which somebody may have rights, where there are any."""
    paths = {"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms", *config.acl}
    for name, pool in config.pools.items():
        if f"/pool/{name}" in paths or any(f"/pool/{name}".startswith(f"{path}/") for path in config.acl):
            paths |= {
                f"/pool/{name}",
                *(f"/vms/{vmid}" for vmid in pool.vms),
                *(f"/storage/{one}" for one in pool.storage),
            }
    shown = {path: on(config, who, path) for path in sorted(paths)}
    return {path: held for path, held in shown.items() if held}


def on(config: UserConfig, who: str, path: str) -> dict[str, int]:
    return {name: int(below) for name, below in privileges(config, who, path).items()}
