# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which prefixes each node announces: its blocks, and addresses that it has of other nodes' blocks. Never podCIDR."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Optional

from ...model.kube.calico import ObservedCalico, Pool
from ...model.kube.fabric import within

Announced = Mapping[str, tuple[str, ...]]


def pool_of(prefix: str, pools: tuple[Pool, ...]) -> Optional[Pool]:
    """The smallest pool that a prefix lies in."""
    around = [pool for pool in pools if within(prefix, pool.prefix)]
    return max(around, key=lambda pool: ipaddress.ip_network(pool.prefix).prefixlen, default=None)


def announced(observed: ObservedCalico) -> Announced:
    """Node → what it announces. One without a block announces nothing, and that is fine."""
    found: dict[str, list[str]] = {name: [] for name in observed.nodes}
    for block in observed.blocks:
        pool = pool_of(block.prefix, observed.pools)
        if block.state == "confirmed" and (pool is None or pool.exported):
            found.setdefault(block.owner, []).append(block.prefix)
    for one in observed.borrowed:
        pool = pool_of(one.address, observed.pools)
        if pool is None or pool.exported:
            found.setdefault(one.user, []).append(one.address)
    return {name: tuple(prefixes) for name, prefixes in found.items()}


def passed_on(observed: ObservedCalico) -> Announced:
    """The same, of what a reflector passes on: only what lies in a pool that is exported."""
    return {
        name: tuple(prefix for prefix in prefixes if pool_of(prefix, observed.pools) is not None)
        for name, prefixes in announced(observed).items()
    }


def stranded(observed: ObservedCalico) -> dict[str, str]:
    """Blocks in use that go no further than a reflector → why."""
    found = {}
    for block in observed.blocks:
        pool = pool_of(block.prefix, observed.pools)
        if block.state != "confirmed" or not (pool is None or _plain_and_hidden(pool)):
            continue
        if observed.tenants.get(block.prefix):
            found[block.prefix] = (
                "lies in no IPPool" if pool is None else f"lies in {pool.prefix}, with disableBGPExport"
            )
    return found


def _plain_and_hidden(pool: Pool) -> bool:
    """An overlay needs nobody to announce it."""
    return not pool.exported and pool.ipip == "Never" and pool.vxlan == "Never"
