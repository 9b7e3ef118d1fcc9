# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change of a node's network is confirmed: by what it and all others saw before it and see after it.

What was not there before is not missed. A node that does not answer confirms nothing. The next one is only changed when
nothing at all is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from ...model.network.target import Target
from ...model.network.view import NetworkView


def not_whole(
    node: str, view: NetworkView, targets: Sequence[Target], before: Optional[NetworkView] = None
) -> list[str]:
    """What is missing around a node; with what it saw before a change of another one, what is missing since then."""
    known = before or NetworkView()
    lost = {address for address, reached in known.reached.items() if not reached}
    cut = {(link.nodeid, link.number) for link in known.links if not link.connected}
    down = {(link.nodeid, link.number) for link in view.links if not link.connected} | (
        known.connected - view.connected
    )
    return [
        *_missing(node, view, [target for target in targets if target.address not in lost]),
        *(f"On {node}, link {number} to node {nodeid} is not connected." for nodeid, number in sorted(down - cut)),
    ]


def not_confirmed(
    node: str,
    before: Optional[NetworkView],
    after: Optional[NetworkView],
    targets: Sequence[Target],
    addresses: Sequence[str] = (),
) -> list[str]:
    """Why the change of the node is not confirmed; nothing means that it is.

    targets: what it is to reach afterwards, whether it did before or not. addresses: what it is to have, with prefix.
    """
    if before is None:
        return [f"Nobody has looked around from {node} before the change."]
    if after is None:
        return [f"{node} does not answer over a new connection."]
    lost = sorted(before.connected - after.connected)
    return [
        *_missing(node, after, targets),
        *(f"On {node}, link {number} to node {nodeid} is no longer connected." for nodeid, number in lost),
        *(f"On {node}, nobody answers the LACP of {bond}." for bond in after.alone if bond not in before.alone),
        *(f"On {node}, {name} has no carrier." for name in after.dark if name not in before.dark),
        *(f"{node} does not have {one}." for one in addresses if one not in after.addresses),
    ]


def _missing(node: str, view: NetworkView, targets: Sequence[Target]) -> Iterator[str]:
    for one in targets:
        if not view.reached.get(one.address, False):
            size = f"{one.mtu} bytes" + (
                ", but with smaller ones: nothing larger gets through" if one.address in view.small else ""
            )
            yield f"{node} does not reach {one.what} ({one.address}) with packets of {size}."
