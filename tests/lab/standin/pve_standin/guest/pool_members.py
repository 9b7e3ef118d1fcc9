"""Guests in pools: one that is made goes into one, one that is destroyed leaves its own."""

from __future__ import annotations

from pve_standin.core import userdb
from pve_standin.core.errors import ApiError


def check(pool: str) -> None:
    if pool not in userdb.read().pools:
        raise ApiError(500, f"pool '{pool}' does not exist")


def join(vmid: int, pool: str) -> None:
    check(pool)
    with userdb.changing("add VM to pool") as found:
        found.pools[pool].vms.append(vmid)


def leave(vmid: int) -> None:
    """Its entries in the access control list go, too."""
    known = userdb.read()
    if known.pool_of(vmid) is None and f"/vms/{vmid}" not in known.acl:
        return
    with userdb.changing("remove VM") as found:
        found.acl.pop(f"/vms/{vmid}", None)
        for pool in found.pools.values():
            pool.vms = [one for one in pool.vms if one != vmid]
