# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What BIRD prints: 1.6, which Calico has, and 2.0. They differ in columns, order and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from .bgp_view import Chosen, Kind, Neighbour

_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<proto>[A-Z]\S*)\s+(?P<table>\S+)\s+(?P<state>\w+)\s+"
    r"(?P<since>\d\S*(?: \d\d:\S+)?)\s*(?P<info>.*)"
)
_DETAIL = re.compile(r"\s+(?P<key>[A-Z][\w ]*?):\s+(?P<value>.*)")
_COUNTS = re.compile(r"(\d+) (imported|filtered|exported)")
_ROUTE = re.compile(
    r"(?P<prefix>[\da-fA-F][\w.:]*/\d+)?\s+"
    r"(?P<way>via \S+ on \S+|dev \S+|unicast|multipath|blackhole|unreachable|prohibited)"
    r"(?: weight \d+)?\s+\[(?P<proto>\S+) (?P<about>[^\]]*)\](?P<flags>.*)"
)
_HOP = re.compile(r"\s+(?:via (?P<gateway>\S+) on|dev) \S+")
_OWN_NAME = re.compile(r"(?:Mesh|Global|Node)_([\da-f_]+?)(?:_port_\d+)?$")
_FOUR = re.compile(r"\d+_\d+_\d+_\d+")
_TIMER = re.compile(r"Wait timer is (\d+(?:\.\d+)?)/")
_KINDS: dict[str, Kind] = {"blackhole": "blackhole", "unreachable": "unreachable", "prohibited": "unreachable"}


def neighbours(text: str) -> tuple[Neighbour, ...]:
    """From ``show protocols all``, or what ``show protocols`` tells of it."""
    found: list[Neighbour] = []
    ours = False
    for line in text.splitlines():
        row = _ROW.fullmatch(line.rstrip())
        if row is not None:
            ours = row["proto"] == "BGP"
            if ours:
                found.append(_begun(row["name"], row["info"]))
        elif ours and (detail := _DETAIL.fullmatch(line.rstrip())):
            found[-1] = _with(found[-1], detail["key"], detail["value"].strip())
    return tuple(found)


def _begun(name: str, info: str) -> Neighbour:
    """Name and state: a column of its own, and behind it what went wrong."""
    state, dummy, error = info.strip().partition(" ")
    return Neighbour(_address_of(name) or name, state, error=error.strip())


def _address_of(protocol: str) -> str:
    """Calico names a protocol by the address of the neighbour; empty for others."""
    own = _OWN_NAME.match(protocol)
    if own is None:
        return ""
    return own.group(1).replace("_", "." if _FOUR.fullmatch(own.group(1)) else ":")


def _with(one: Neighbour, key: str, value: str) -> Neighbour:
    if key == "Neighbor address":
        return replace(one, name=value.partition("%")[0])
    if key == "Neighbor AS":
        return replace(one, asn=int(value))
    if key == "BGP state":
        return replace(one, state=value)
    if key == "Last error":
        return replace(one, error=one.error or value)
    if key == "Hold timer":
        return replace(one, hold=float(value.partition("/")[2]))
    if key == "Routes":
        told = {word: int(number) for number, word in _COUNTS.findall(value)}
        return replace(
            one, imported=told.get("imported"), exported=told.get("exported"), filtered=told.get("filtered", 0)
        )
    return one


def kernel_waits(text: str) -> bool:
    """Whether the protocol that writes the kernel's table has not begun."""
    rows = filter(None, (_ROW.fullmatch(line.rstrip()) for line in text.splitlines()))
    return any(row["proto"] == "Kernel" and row["state"] == "wait" for row in rows)


def recovering(status: str) -> Optional[float]:
    """From ``show status``: seconds for which it waits at most for neighbours after a start."""
    if "recovery in progress" not in status:
        return None
    found = _TIMER.search(status)
    return float(found.group(1)) if found else 240.0


def routes(text: str) -> tuple[Chosen, ...]:
    """From ``show route``: all of a prefix, those that are not chosen included."""
    return tuple(_routes(text))


def _routes(text: str) -> Iterator[Chosen]:
    prefix, current = "", None
    for line in text.splitlines():
        row = _ROUTE.fullmatch(line.rstrip())
        hop = _HOP.match(line)
        if row is not None:
            if current is not None:
                yield current
            prefix = row["prefix"] or prefix
            current = _route(prefix, row)
        elif current is not None and hop is not None and hop["gateway"]:
            current = replace(current, kind="via", gateways=(*current.gateways, hop["gateway"]))
    if current is not None:
        yield current


def _route(prefix: str, row: re.Match[str]) -> Chosen:
    word, dummy, rest = row["way"].partition(" ")
    kind: Kind = _KINDS.get(word, "via" if word in ("via", "multipath") else "dev")
    about, flags = row["about"].split(), row["flags"]
    told = about[about.index("from") + 1] if "from" in about else ""
    return Chosen(
        prefix,
        kind,
        gateways=(rest.partition(" ")[0],) if word == "via" else (),
        best=" *" in flags or " !" in flags,
        resolved="/-)" not in flags and kind != "unreachable",
        synced=" !" not in flags,
        static=kind == "blackhole" and "[i]" not in flags and "[AS" not in flags,
        source=_address_of(row["proto"]) or told,
    )
