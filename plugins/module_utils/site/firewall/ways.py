# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which ways of a site have to stay open: those that are in use, as all nodes together tell, and the declared ones."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.firewall.firewall import NodeWays, SshConnection
from ...model.firewall.rule import port_ranges
from ...model.firewall.way import CONTROLLER, COROSYNC, COROSYNC_FIRST, Way

_WEB, _MIGRATION, _CEPH, _NFS = "8006", "60000:60050", "3300,6789,6800:7300", "2049"
_ANYBODY = ("*", "0.0.0.0/0", "::/0")
#: A declared way is not called as one of these is, since the set by which it is opened has its name.
_IN_USE = rf"{CONTROLLER}|nodes|migration|{COROSYNC}.*|ceph|nfs"
_NAME = re.compile(rf"(?!(?:{_IN_USE})$)[a-z][a-z0-9_-]{{0,39}}", re.IGNORECASE)


def told_from(document: Mapping[str, Any]) -> NodeWays:
    """As ``firewall_info`` returns it."""
    connection: Optional[SshConnection] = SshConnection(**document["connection"]) if document["connection"] else None
    return NodeWays(
        node=document["node"],
        main=document["main"],
        addresses=tuple(document["addresses"]),
        links={int(number): str(address) for number, address in document["links"].items()},
        connection=connection,
        ssh_ports=tuple(document["ssh_ports"]),
        ceph=tuple(document["ceph"]),
        migration=document["migration"],
        nfs=tuple(document["nfs"]),
    )


def ways_of(told: Sequence[NodeWays], declared: Sequence[Mapping[str, Any]] = ()) -> Iterator[Way]:
    """Each with the addresses to which it leads. One of a family that nobody has leads nowhere, and is left out."""
    found = (
        *_controller(told),
        *_nodes(told),
        *_corosync(told),
        *_ceph(told),
        *_nfs(told, declared),
        *_declared(told, declared),
    )
    yield from (way for way in found if way.at)


def _controller(told: Sequence[NodeWays]) -> Iterator[Way]:
    """To the port and the address over which each node is asked now, and to its web interface there."""
    by_port: dict[int, dict[str, tuple[str, ...]]] = {}
    clients: dict[str, None] = {}
    for one in told:
        if one.connection is not None:
            by_port.setdefault(one.connection.port, {})[one.node] = (one.connection.server,)
            clients[one.connection.client] = None
    at = {node: own for found in by_port.values() for node, own in found.items()}
    if at:
        ports = ",".join(dict.fromkeys((*map(str, sorted(by_port)), _WEB)))
        yield Way(CONTROLLER, "ssh and the web interface, from this controller", "tcp", ports, tuple(clients), at)


def _nodes(told: Sequence[NodeWays]) -> Iterator[Way]:
    """They log in to each other, and hand on what is asked of another one; guests move over a network of their own."""
    if len(told) < 2:
        return
    ssh = [str(port) for port in sorted({port for one in told for port in one.ssh_ports})]
    main = {one.node: (one.main,) for one in told if one.main}
    yield from _between(
        "nodes", "ssh, the API and migration, between the nodes", ",".join([*ssh, _WEB, _MIGRATION]), main
    )
    moved = {one.node: _within(one, [one.migration]) for one in told if one.migration}
    yield from _between("migration", "migration, in its network", ",".join([*ssh, _MIGRATION]), moved)


def _corosync(told: Sequence[NodeWays]) -> Iterator[Way]:
    for number in sorted({number for one in told for number in one.links}):
        at = {one.node: (one.links[number],) for one in told if number in one.links}
        what = f"link {number} of the cluster"
        yield from _between(f"{COROSYNC}-{number}", what, str(COROSYNC_FIRST + number), at, "udp")


def _between(name: str, what: str, ports: str, at: Mapping[str, Sequence[str]], proto: str = "tcp") -> Iterator[Way]:
    known = {node: tuple(own) for node, own in at.items() if own and all(map(_is_address, own))}
    sources = tuple(dict.fromkeys(address for own in known.values() for address in own))
    if len(known) > 1:
        yield Way(name, what, proto, ports, sources, known, mutual=True)


def _ceph(told: Sequence[NodeWays]) -> Iterator[Way]:
    """From its whole networks, as its clients are not only nodes; and nodes speak to each other there."""
    networks = tuple(dict.fromkeys(network for one in told for network in one.ceph if _is_network(network)))
    at = {one.node: _within(one, networks) for one in told}
    known = {node: own for node, own in at.items() if own}
    yield Way("ceph", "Ceph, in its networks", "tcp", _CEPH, networks, known, mutual=True)


def _nfs(told: Sequence[NodeWays], declared: Sequence[Mapping[str, Any]]) -> Iterator[Way]:
    clients = [client for one in told for client in one.nfs]
    if any(client in _ANYBODY for client in clients):
        yield Way("nfs", "NFS, for everybody", "tcp", _NFS, (), {one.node: () for one in told if one.nfs})
        return
    known = tuple(dict.fromkeys(client for client in clients if _is_network(client)))
    named = [client for client in dict.fromkeys(clients) if client not in known]
    if named and not any(_opens_nfs(one) for one in declared):
        raise Invalid(
            f"firewall: NFS is exported to {', '.join(named)}, of which nobody knows here which addresses it has.",
            f"Declare a way with the port {_NFS} for them in firewall_ways, or export to networks.",
        )
    if known:
        yield Way("nfs", "NFS, for its clients", "tcp", _NFS, known, {one.node: () for one in told if one.nfs})


def _opens_nfs(declared: Mapping[str, Any]) -> bool:
    ranges = port_ranges(declared["ports"]) or ()
    return declared.get("proto") != "udp" and any(first <= int(_NFS) <= last for first, last in ranges)


def _declared(told: Sequence[NodeWays], declared: Sequence[Mapping[str, Any]]) -> Iterator[Way]:
    names = [one["name"].lower() for one in declared]
    for one in declared:
        if not _NAME.fullmatch(one["name"]) or names.count(one["name"].lower()) > 1:
            raise Invalid(
                f"firewall: {one['name']!r} cannot be the name of a way.",
                "At most 40 letters, digits, - and _, in each name once; and no name of a way in use, such as nfs.",
            )
        bad = [source for source in one["sources"] if not _is_network(source)]
        if bad or port_ranges(one["ports"]) in (None, ()):
            wrong = f"{', '.join(bad)} is no network" if bad else f"{one['ports']!r} is no list of ports"
            raise Invalid(f"firewall: the way {one['name']}: {wrong}.")
        at: dict[str, tuple[str, ...]] = {node.node: () for node in told}
        what, proto = one.get("what") or one["name"], one.get("proto") or "tcp"
        yield Way(one["name"], what, proto, one["ports"], tuple(one["sources"]), at)


def _within(one: NodeWays, networks: Sequence[str]) -> tuple[str, ...]:
    known = [ipaddress.ip_network(network, strict=False) for network in networks if _is_network(network)]
    own = [ipaddress.ip_interface(address).ip for address in one.addresses]
    return tuple(str(ip) for ip in own if any(ip in network for network in known))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    return "/" not in text and _is_network(text)


def local_networks(told: Sequence[NodeWays]) -> dict[str, str]:
    """Node → the network of its main address, which upstream lets in by itself."""
    found = {}
    for one in told:
        for own in map(ipaddress.ip_interface, one.addresses):
            if str(own.ip) == one.main:
                found[one.node] = str(own.network)
    return found


def targets_of(node: str, ways: Sequence[Way]) -> list[dict[str, Any]]:
    """What the node is to try: each single port of another one to which a way leads from it."""
    return [
        {"address": address, "port": first, "what": f"{way.what} ({other})"}
        for way in ways
        if way.mutual and way.proto == "tcp" and node in way.at
        for other, own in way.at.items()
        if other != node
        for address in own
        for first, last in port_ranges(way.ports) or ()
        if first == last
    ]


def document(told: Sequence[Mapping[str, Any]], declared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of what ``firewall_info`` has returned on all nodes, what the subject takes."""
    nodes = [told_from(one) for one in told]
    return {"ways": [way.document for way in ways_of(nodes, declared)], "local_networks": local_networks(nodes)}
