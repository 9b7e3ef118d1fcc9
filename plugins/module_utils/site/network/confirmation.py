# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change of one node's network is confirmed: by what all nodes saw before it and see after it.

What was not there before is not missed. Whoever is not asked, or does not answer, confirms nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from ...model.network.target import Target
from ...model.network.view import NetworkView

#: By the names of the nodes; None of one that did not answer.
Views = Mapping[str, Optional[NetworkView]]


def not_whole(views: Views, targets: Mapping[str, Sequence[Target]]) -> list[str]:
    """Why no network may be changed now: the next node's only when all links of all nodes are whole."""
    reasons = []
    for name, view in views.items():
        if view is None:
            reasons.append(f"{name} does not answer.")
            continue
        reasons += [f"{name} does not reach {words}." for words in _missing(view, targets.get(name, ()))]
        down = sorted({(link.nodeid, link.number) for link in view.links if not link.connected})
        reasons += [f"On {name}, link {number} to node {nodeid} is not connected." for nodeid, number in down]
    return reasons


def not_confirmed(
    node: str,
    before: Views,
    after: Views,
    targets: Mapping[str, Sequence[Target]],
    addresses: Sequence[str] = (),
) -> list[str]:
    """Why the change of ``node`` is not confirmed; nothing means that it is.

    targets: by the name of the node that asks; those of the changed node are what it is to reach afterwards, those of
    others count where they were reached before. addresses: what the changed node is to have, with prefix.
    """
    reasons: list[str] = []
    for name in before:
        view, earlier = after.get(name), before[name]
        if view is None:
            how = "does not answer over a new connection" if name == node else "cannot be asked what it sees"
            reasons.append(f"{name} {how}.")
            continue
        needed = [one for one in targets.get(name, ()) if name == node or _had(earlier, one)]
        reasons += [f"{name} does not reach {words}." for words in _missing(view, needed)]
        lost = sorted((earlier.connected if earlier else frozenset()) - view.connected)
        reasons += [f"On {name}, link {number} to node {nodeid} is no longer connected." for nodeid, number in lost]
        alone = [bond for bond in view.alone if earlier is None or bond not in earlier.alone]
        reasons += [f"On {name}, nobody answers the LACP of {bond}." for bond in alone]
        if name == node:
            reasons += [f"{name} does not have {one}." for one in addresses if one not in view.addresses]
    if node not in before:
        reasons.append(f"Nobody has looked around from {node} before the change.")
    return reasons


def _had(view: Optional[NetworkView], target: Target) -> bool:
    return view is not None and view.reached.get(target.address, False)


def _missing(view: NetworkView, targets: Sequence[Target]) -> Iterator[str]:
    for one in targets:
        if not view.reached.get(one.address, False):
            yield f"{one.what} ({one.address}) with packets of {one.mtu} bytes"
