# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storages of a site in a report: who serves each, and on which nodes it is active."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ...model.node.look import known
from ...model.storage.access import enabled_on
from ...model.storage.entry import StorageEntry
from ...model.storage.servers import servers_of
from .nodes import Site, SiteNode, ask
from .section import section

_CEPH = ("rbd", "cephfs")


def storages_section(site: Site) -> dict[str, Any]:
    told, missing = ask(filter(_has_storages, site.nodes), lambda look: look.storages)
    views = {node.name: view for node, view in told}
    entries: dict[str, StorageEntry] = {}
    for view in views.values():
        entries.update(view.entries)
    rows = []
    for name, entry in sorted(entries.items()):
        here = {node: view for node, view in views.items() if enabled_on(node, entry)}
        fills = {node: view.fill[name] for node, view in here.items() if name in view.fill}
        rows.append(
            {
                "name": name,
                "type": entry.type,
                "servers": sorted(servers_of(entry)),
                "served_by": _served_by(site, entry),
                "content": sorted(map(str, entry.options.get("content", ()))),
                "active": sorted(node for node, view in here.items() if name in view.active),
                "inactive": sorted(node for node, view in here.items() if name not in view.active),
                "unknown": sorted(one.who for one in missing if enabled_on(one.who, entry)),
                "fill": {node: {"total": fill.total, "used": fill.used} for node, fill in fills.items()},
            }
        )
    return section(rows, missing)


def _has_storages(node: SiteNode) -> bool:
    """Not before Proxmox VE is installed; who does not tell may have."""
    found = known(node.part(lambda look: look.proxmox))
    return found is None or found.installed


def _served_by(site: Site, entry: StorageEntry) -> dict[str, Optional[str]]:
    """``node``: one of the site. ``ceph``: its own Ceph. ``outside``: another machine. ``local``: each node itself."""
    servers = sorted(servers_of(entry))
    if not servers:
        return {"kind": "ceph" if entry.type in _CEPH else "local", "name": None}
    for node in site.nodes:
        member, this = site.members.get(node.name), known(node.part(lambda look: look.host))
        addresses = {str(one.ip) for one in this.addresses} if this else set()
        own = {node.name, node.host, *addresses, *(member.addresses if member else ()), *(_names(site, addresses))}
        if own & set(servers):
            return {"kind": "node", "name": node.name}
    return {"kind": "outside", "name": ", ".join(servers)}


def _names(site: Site, addresses: set[str]) -> Iterator[str]:
    """What servers of these addresses are called in storage.cfg."""
    for around in site.told(lambda look: look.surroundings):
        yield from (name for name, found in around.names.items() if addresses & set(found))
