"""As much of BGP as decides which routes a speaker has: a fixed point over sessions that are up."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.fabric import within


@dataclass(frozen=True)
class Speaker:
    """``own``: what it announces. ``pools``: what a node passes on of others; a switch (``network``) passes on all."""

    name: str
    asn: int
    addresses: tuple[str, ...]
    own: tuple[str, ...]
    cluster: str = ""
    pools: tuple[str, ...] = ()
    network: str = ""
    network6: str = ""

    @property
    def switch(self) -> bool:
        return not self.pools


@dataclass(frozen=True)
class Peering:
    """A session that is up. The options are those of each end; other options are another session."""

    one: str
    other: str
    options: tuple[tuple[str, Any], ...]
    back: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Path:
    """``source``: address of the neighbour that it was learned from."""

    as_path: tuple[int, ...] = ()
    next_hop: str = ""
    source: str = ""
    internal: bool = False
    from_client: bool = False
    originator: str = ""
    clusters: tuple[str, ...] = ()


Table = dict[str, dict[str, tuple[Path, ...]]]
Ends = Mapping[tuple[str, str], Mapping[str, Any]]


def converge_routes(speakers: Mapping[str, Speaker], up: Iterable[Peering]) -> Table:
    """Speaker → prefix → its paths, the best one first."""
    ends: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in up:
        if one.one in speakers and one.other in speakers:
            ends[(one.one, one.other)], ends[(one.other, one.one)] = dict(one.options), dict(one.back)
    table: Table = {name: {prefix: (Path(),) for prefix in one.own} for name, one in speakers.items()}
    for _round in range(20):
        following = _round_of(speakers, ends, table)
        if following == table:
            return table
        table = following
    raise AssertionError("these routes never come to rest")


def _round_of(speakers: Mapping[str, Speaker], ends: Ends, table: Table) -> Table:
    found: dict[str, dict[str, list[Path]]] = {
        name: {prefix: [Path()] for prefix in one.own} for name, one in speakers.items()
    }
    for (giver, taker), options in ends.items():
        for prefix, paths in table[giver].items():
            told = _export(speakers[giver], speakers[taker], options, ends, prefix, paths)
            taken = None if told is None else _import(speakers[taker], speakers[giver], ends[(taker, giver)], told)
            if taken is not None:
                found[taker].setdefault(prefix, []).append(taken)
    return {
        name: {prefix: tuple(sorted(paths, key=_rank)) for prefix, paths in own.items()} for name, own in found.items()
    }


def _rank(path: Path) -> tuple[Any, ...]:
    return (path.source != "", len(path.as_path), path.internal, len(path.clusters), path.source)


def _export(
    giver: Speaker, taker: Speaker, options: Mapping[str, Any], ends: Ends, prefix: str, paths: Sequence[Path]
) -> Path | None:
    best = paths[0]
    if best.source in taker.addresses or not _passes(giver, prefix, best) or (options.get("own_only") and best.source):
        return None
    own = _facing(giver, taker)
    if giver.asn != taker.asn:
        keep = bool(options.get("keep")) or (giver.switch and _same_network(giver, best.next_hop, taker))
        hop = best.next_hop if keep and best.next_hop else own
        return Path((giver.asn, *best.as_path), hop, own)
    if best.source and best.internal:
        if not giver.cluster or not (best.from_client or options.get("client")):
            return None
        return replace(best, source=own, clusters=(giver.cluster, *best.clusters))
    hop = best.next_hop or own
    return Path(best.as_path, hop, own, originator=giver.addresses[0])


def _passes(giver: Speaker, prefix: str, best: Path) -> bool:
    """A node announces its own blocks, and of others what lies in a pool."""
    if giver.switch or not best.source:
        return True
    return any(within(prefix, pool) for pool in giver.pools)


def _import(taker: Speaker, giver: Speaker, options: Mapping[str, Any], path: Path) -> Path | None:
    internal = giver.asn == taker.asn
    if path.as_path.count(taker.asn) > int(options.get("own_as", 0)):
        return None
    if path.originator in taker.addresses or (taker.cluster and taker.cluster in path.clusters):
        return None
    if taker.switch and not internal and not _connected(taker, giver, path.next_hop):
        return None  # the next hop of a neighbour has to be on the wire that it is on
    return replace(path, internal=internal, from_client=bool(options.get("client")))


def _facing(giver: Speaker, taker: Speaker) -> str:
    """The address that a speaker shows to another one."""
    for address in giver.addresses:
        for other in taker.addresses:
            length = 64 if ":" in address else 30 if giver.switch and taker.switch else 24
            if ipaddress.ip_address(other) in ipaddress.ip_network(f"{address}/{length}", strict=False):
                return address
    return giver.addresses[0]


def _same_network(switch: Speaker, hop: str, taker: Speaker) -> bool:
    if not switch.network or not hop:
        return False
    network = ipaddress.ip_network(switch.network)
    return ipaddress.ip_address(hop) in network and ipaddress.ip_address(taker.addresses[0]) in network


def _connected(switch: Speaker, giver: Speaker, hop: str) -> bool:
    return hop in giver.addresses or bool(
        switch.network and ipaddress.ip_address(hop) in ipaddress.ip_network(switch.network)
    )
