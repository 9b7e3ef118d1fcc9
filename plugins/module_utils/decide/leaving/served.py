# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which storages of the cluster a node serves itself: compared by addresses, however a storage names its server."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.leaving.membership import ObservedMembership
from ...model.node.host import IPAddress
from ...model.storage.servers import as_address, servers_of


def served_by(node: str, observed: ObservedMembership, others: Iterable[str] = ()) -> dict[str, list[str]]:
    """Storage → the servers in its entry that are this node. ``others``: its addresses besides those of the links."""
    member = observed.member(node)
    told = map(as_address, (*(member.addresses if member else ()), *others))
    own = {address for address in told if address is not None} | _addresses(node, observed)
    return {
        name: hosts
        for name, entry in sorted(observed.references.storages.items())
        if (hosts := sorted(one for one in servers_of(entry) if _means(one, node) or _addresses(one, observed) & own))
    }


def unresolved(node: str, observed: ObservedMembership) -> dict[str, list[str]]:
    """Storage in use → the servers in its entry of which nobody can tell whether they are this node."""
    return {
        name: hosts
        for name, entry in sorted(observed.references.storages.items())
        if not entry.disabled
        and (hosts := sorted(one for one in servers_of(entry) if not _means(one, node) and _is_lost(one, observed)))
    }


def _means(host: str, node: str) -> bool:
    """A node's own name is its name, whether or not it resolves."""
    return host.lower().rstrip(".") == node.lower()


def _is_lost(host: str, observed: ObservedMembership) -> bool:
    return as_address(host) is None and not observed.references.hosts.get(host)


def _addresses(host: str, observed: ObservedMembership) -> frozenset[IPAddress]:
    """Without loopback, by which every node means itself."""
    address = as_address(host)
    found = observed.references.hosts.get(host, frozenset()) if address is None else frozenset([address])
    return frozenset(one for one in found if not one.is_loopback)
