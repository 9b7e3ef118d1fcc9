# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a pool is not made, filled or removed for."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.access.access import OWNED
from .gives import Change


def refuse_pools(change: Change) -> Iterator[Refusal]:
    placed = change.observed.placed or {}
    for name, wish in sorted(change.desired.pools.items()):
        parent = name.rpartition("/")[0]
        if parent and parent not in change.goal.pools and not wish.absent:
            yield Refusal(f"The pool {name} is to be in {parent}, which there is not.", "Declare that pool, too.")
        known = change.now.pools.get(name)
        if wish.exclusive and known is not None and known.comment.startswith(OWNED):
            yield Refusal(f"What is in the pool {name}, its fleet says.", "Leave exclusive out.")
        for vmid in sorted(wish.vms):
            here = placed.get(vmid)
            if here is None:
                yield Refusal(f"There is no guest {vmid} for the pool {name}.", "Take it out.")
            elif here not in ("", name):
                hint = "A guest is in one pool; take it out of the other first."
                yield Refusal(f"The guest {vmid} is in the pool {here}, and not in {name}.", hint)
    for name in sorted(set(change.now.pools) - set(change.goal.pools)):
        pool = change.now.pools[name]
        guests = sorted(vmid for vmid, here in placed.items() if here == name)
        inside = sorted(other for other in change.goal.pools if other.startswith(f"{name}/"))
        held = [
            *(f"guest {vmid}" for vmid in sorted({*guests, *pool.vms})),
            *(f"storage {one}" for one in sorted(pool.storage)),
            *(f"pool {one}" for one in inside),
        ]
        if held:
            hint = "Only an empty pool is removed; put these elsewhere first."
            yield Refusal(f"The pool {name} still holds {', '.join(held[:10])}.", hint)
