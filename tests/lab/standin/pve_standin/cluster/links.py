"""Link parameters (link0..link7) and the local addresses they may name."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from pve_standin.cluster.corosync_conf import MAX_LINK
from pve_standin.core.exec import run

Links = dict[int, tuple[str, int]]


def from_params(params: Mapping[str, Any]) -> Links:
    """Number -> (address, priority) of the links given as parameters."""
    found: Links = {}
    for number in range(MAX_LINK + 1):
        text = params.get(f"link{number}")
        if text is not None:
            found[number] = _parse(str(text))
    return found


def _parse(text: str) -> tuple[str, int]:
    address, priority = "", 0
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or key == "address":
            address = value or key
        elif key == "priority":
            priority = int(value)
    return address, priority


def as_params(links: Links) -> dict[str, str]:
    return {
        f"link{number}": f"{address},priority={priority}" if priority else address
        for number, (address, priority) in links.items()
    }


def local_addresses() -> list[str]:
    interfaces = json.loads(run(["ip", "-json", "address", "show"]).stdout or "[]")
    return [str(entry["local"]) for one in interfaces for entry in one.get("addr_info", []) if "local" in entry]


def check_local(links: Links, own_ip: str) -> list[str]:
    """Why addresses cannot be used by this node, in the words of the join check."""
    available = local_addresses()
    problems = []
    if own_ip not in available:
        problems.append(f"local node address: cannot use IP '{own_ip}', not found on local node!\n")
    for number, (address, _) in sorted(links.items()):
        resolved = _resolve(address)
        if not resolved:
            problems.append(f"link{number}: cannot use '{address}', unable to resolve to an IP address\n")
        elif resolved not in available:
            problems.append(f"link{number}: cannot use IP '{resolved}', not found on local node!\n")
    return problems


def _resolve(address: str) -> str:
    try:
        return str(socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)[0][4][0])
    except socket.gaierror:
        return ""
