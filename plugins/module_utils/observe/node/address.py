# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the address of a node in a network; what others use to reach a service of this node."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.reader import Reader
from ...model.node.host import IPNetwork
from . import host


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, str]:
    networks = [network for network in map(as_network, params["networks"]) if network is not None]
    here = host.observe(reader)
    for network in networks:
        found = here.addresses_in(network)
        if found:
            return {"address": str(found[0].ip), "interface": found[0].interface}
    wanted = ", ".join(params["networks"]) or "no network at all"
    raise Invalid(
        f"{here.name} has no address in {wanted}; it has {', '.join(map(str, here.usable)) or 'none'}.",
        "Name a network in which it has one, or give the address itself (for an NFS export: storage.server).",
    )


def as_network(text: str) -> Optional[IPNetwork]:
    """A network in CIDR form; None for host names, netgroups and single addresses."""
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
