# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What switches print: FRR as JSON, H3C and Huawei as tables; and the kernel's table as ``ip route`` prints it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .bgp_view import Chosen, Installed, Kind, Neighbour
from .fabric import Family

#: Peer AS MsgRcvd MsgSent OutQ PrefRcv Up/Down State
_H3C = re.compile(r"\s*\*?\s*([\da-fA-F.:]+)\s+(\d+)\s+\d+\s+\d+\s+\d+\s+(\d+)\s+\S+\s+([A-Za-z]\S*)\s*")
#: Peer V AS MsgRcvd MsgSent OutQ Up/Down State PrefRcv
_HUAWEI = re.compile(r"\s*([\da-fA-F.:]+)\s+4\s+(\d+)\s+\d+\s+\d+\s+\d+\s+\S+\s+([A-Za-z][\w()]*)\s+(\d+)\s*")
_HEAD = re.compile(r"^\s*Peer\s+(?:V\s+)?AS\s", re.MULTILINE)
#: An address that does not fit into its column stands in a line of its own.
_ALONE = re.compile(r"\s*\*?\s*([\da-fA-F]*:[\da-fA-F:]+)\s*")
_SPECIAL: dict[str, Kind] = {"blackhole": "blackhole", "unreachable": "unreachable", "prohibit": "unreachable"}


def frr_neighbours(summary: Mapping[str, Any], family: Family = "ipv4") -> tuple[Neighbour, ...]:
    """From ``show bgp summary json``. A peer may be an interface; then the other end is known by its host's name."""
    found = []
    for name, told in ((summary.get(f"{family}Unicast") or {}).get("peers") or {}).items():
        state = str(told.get("state", ""))
        found.append(
            Neighbour(
                name,
                state,
                asn=told.get("remoteAs"),
                imported=told.get("pfxRcd"),
                exported=told.get("pfxSnt"),
                blocked=told.get("peerState") == "Policy",
                host=str(told.get("hostname") or "") if told.get("idType") == "interface" else "",
            )
        )
    return tuple(found)


def frr_routes(table: Mapping[str, Any]) -> tuple[Chosen, ...]:
    """From ``show bgp ipv4 unicast json``, or of one prefix: every path that is used is one of a prefix' next hops.

    Of a neighbour that has an address of its link besides, in IPv6, the other one is told.
    """
    told = table.get("routes") or ({table["prefix"]: table.get("paths") or []} if "prefix" in table else {})
    found = []
    for prefix, paths in told.items():
        valid = [path for path in paths if path.get("valid")]
        gateways = tuple(dict.fromkeys(hop for path in valid for hop in _used(path.get("nexthops") or ())))
        own = bool({"0.0.0.0", "::"} & set(gateways))
        found.append(Chosen(prefix, "dev" if own else "via", () if own else gateways, resolved=bool(valid)))
    return tuple(found)


def _used(hops: Sequence[Mapping[str, Any]]) -> list[str]:
    if not any(hop.get("used") for hop in hops):
        return []
    wide = [hop for hop in hops if hop.get("scope") == "global"]
    return [str(hop.get("ip", "")) for hop in wide or hops if wide or hop.get("used")]


def is_table(text: str) -> bool:
    """Whether there is the head of a table of peers, of H3C or Huawei. Below it there need be none."""
    return _HEAD.search(text) is not None


def h3c_neighbours(text: str) -> tuple[Neighbour, ...]:
    rows = filter(None, map(_H3C.fullmatch, _joined(text)))
    return tuple(Neighbour(row[1], row[4], int(row[2]), imported=int(row[3])) for row in rows)


def huawei_neighbours(text: str) -> tuple[Neighbour, ...]:
    rows = filter(None, map(_HUAWEI.fullmatch, _joined(text)))
    return tuple(Neighbour(row[1], row[3], int(row[2]), imported=int(row[4])) for row in rows)


def _joined(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if lines and _ALONE.fullmatch(lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return lines


def installed(text: str, family: Family = "ipv4") -> tuple[Installed, ...]:
    """From ``ip route`` of a family; several next hops stand below their prefix."""
    found: list[Installed] = []
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "nexthop":
            last = found[-1]
            gateways = (*last.gateways, *_after(words, "via"))
            devices = (*last.devices, *_after(words, "dev"))
            found[-1] = Installed(last.prefix, "via", gateways, devices, last.protocol)
            continue
        kind = _SPECIAL.get(words[0])
        prefix = words[1] if kind else words[0]
        gateways = tuple(_after(words, "via"))
        protocol = "".join(_after(words, "proto"))
        found.append(
            Installed(
                _prefix(prefix, family),
                kind or ("via" if gateways else "dev"),
                gateways,
                tuple(_after(words, "dev")),
                protocol,
            )
        )
    return tuple(found)


def _after(words: list[str], key: str) -> list[str]:
    return [words[words.index(key) + 1]] if key in words else []


def _prefix(text: str, family: Family) -> str:
    if text == "default":
        return "::/0" if family == "ipv6" else "0.0.0.0/0"
    return str(ipaddress.ip_network(text, strict=False))
