# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters of ceph_pool → the pools that are wanted, or why they contradict themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.byte_size import parse_bytes
from ...engine.errors import Invalid
from ...model.ceph.pg import AUTOSCALE
from ...model.ceph.pool import DesiredPool, DesiredPools, ErasureCode

_LARGEST_SIZE = 7


def desired_from(params: Mapping[str, Any]) -> DesiredPools:
    """Module parameters → desired state."""
    names = [pool["name"] for pool in params["pools"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"The pool {', '.join(twice)} is listed twice.", "List every pool once.")
    return DesiredPools(
        pools=tuple(_pool_from(pool, len(names)) for pool in params["pools"]),
        planned_osd_hosts=frozenset(params["planned_osd_hosts"]),
        planned_osds=params["planned_osds"],
        planned_crush_rules=tuple(params["planned_crush_rules"]),
    )


def _pool_from(pool: Mapping[str, Any], count: int) -> DesiredPool:
    name, mode = pool["name"], pool["pg_mode"]
    if not re.fullmatch(r"[^:/\s]+", name):
        raise Invalid(f"{name!r} cannot name a pool.", "Colons, slashes and white space are not allowed.")
    erasure = _erasure(pool)
    size, min_size = _sizes(pool, erasure)
    ratio = 1.0 if pool["target_size_ratio"] is None and mode == AUTOSCALE else pool["target_size_ratio"]
    return DesiredPool(
        name=name,
        size=size,
        min_size=min_size,
        application=pool["application"],
        pg_mode=mode,
        share=_share(pool, count),
        target_size_ratio=ratio,
        pg_num_min=_pg_num_min(pool),
        bulk=pool["bulk"],
        crush_rule=pool["crush_rule"],
        erasure=erasure,
        quota_bytes=_quota(pool),
        quota_objects=pool["quota_objects"],
    )


def _erasure(pool: Mapping[str, Any]) -> Optional[ErasureCode]:
    given = pool["erasure_coding"]
    if given is None:
        return None
    name = pool["name"]
    if given["k"] < 2 or given["m"] < 1:
        raise Invalid(f"Pool {name}: k {given['k']}, m {given['m']}.", "It must be k >= 2 and m >= 1.")
    if pool["size"] not in (None, given["k"] + given["m"]):
        raise Invalid(f"Pool {name}: size {pool['size']} is not k+m.", "Leave size out: it follows from k and m.")
    if pool["crush_rule"] is not None:
        hint = "Set its failure_domain and device_class in erasure_coding."
        raise Invalid(f"Pool {name}: an erasure coded pool has a CRUSH rule of its own.", hint)
    return ErasureCode(given["k"], given["m"], given["failure_domain"], given["device_class"])


def _sizes(pool: Mapping[str, Any], erasure: Optional[ErasureCode]) -> tuple[int, int]:
    """size and min_size; Ceph's own defaults where they are not given."""
    if erasure is not None:
        size, default, least = erasure.k + erasure.m, erasure.k + 1, erasure.k
    else:
        size, default, least = 3 if pool["size"] is None else pool["size"], 2, 1
        if size > _LARGEST_SIZE:
            raise Invalid(f"Pool {pool['name']}: size {size}.", f"It must be at most {_LARGEST_SIZE}.")
    min_size = min(default, size) if pool["min_size"] is None else pool["min_size"]
    if not least <= min_size <= size:
        sizes = f"size {size}, min_size {min_size}"
        raise Invalid(f"Pool {pool['name']}: {sizes}.", f"It must be {least} <= min_size <= size.")
    return size, min_size


def _share(pool: Mapping[str, Any], count: int) -> float:
    name, mode = pool["name"], pool["pg_mode"]
    for option in ("target_size_ratio", "pg_num_min", "bulk"):
        if pool[option] is not None and mode != AUTOSCALE:
            raise Invalid(f"Pool {name}: {option} is for the autoscaler, but pg_mode is {mode}.", "Remove one.")
    if pool["share"] is not None and mode == AUTOSCALE:
        raise Invalid(f"Pool {name}: share is for the other modes; the autoscaler takes target_size_ratio.")
    share = 1 / count if pool["share"] is None else float(pool["share"])
    if not 0 < share <= 1:
        raise Invalid(f"Pool {name}: share {share} is not a part of the whole.", "Give a number above 0, up to 1.")
    return share


def _pg_num_min(pool: Mapping[str, Any]) -> Optional[int]:
    least: Optional[int] = pool["pg_num_min"]
    if least is not None and (least < 1 or least & (least - 1)):
        raise Invalid(f"Pool {pool['name']}: pg_num_min {least} is not a power of two.", "Ceph warns about such pools.")
    return least


def _quota(pool: Mapping[str, Any]) -> Optional[int]:
    if pool["quota_objects"] is not None and pool["quota_objects"] < 0:
        raise Invalid(f"Pool {pool['name']}: quota_objects {pool['quota_objects']}.", "0 means none.")
    if pool["quota_bytes"] is None:
        return None
    try:
        return parse_bytes(pool["quota_bytes"])
    except ValueError as error:
        raise Invalid(f"Pool {pool['name']}: quota_bytes: {error}.", "0 means none.") from error
