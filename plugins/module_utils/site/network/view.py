# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The networks of all nodes together, from what the role has gathered: whom each has to reach after its change."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ...decide.network.desired import desired_from
from ...engine.errors import Refused
from ...model.network.interface import Kernel, KernelRoute, Link
from .addresses import refuse_network_of_site
from .targets import targets_of


def network_targets(
    shown: Sequence[Mapping[str, Any]], host: str, declared: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """shown: what ``network_info`` returned on each host. declared: host → options of ``network``, if it is to change.

    Without them, whom it has to reach as things are.
    """
    kernels = {one["host"]: kernel_of(one) for one in shown}
    desired = {name: desired_from(options) for name, options in declared.items()}
    refusals = [str(refusal) for refusal in refuse_network_of_site(desired, kernels)]
    if refusals:
        raise Refused(" ".join(refusals), refusals=refusals)
    return [asdict(target) for target in targets_of(host, kernels, desired)]


def kernel_of(info: Mapping[str, Any]) -> Kernel:
    """As far as ``network_info`` tells it."""
    links = {
        one["name"]: Link(
            one["name"],
            mac=one["mac"],
            alternatives=tuple(one["alternatives"]),
            carrier=one["carrier"],
            mtu=one["mtu"],
            master=one["master"],
            addresses=tuple(map(ipaddress.ip_interface, one["addresses"])),
            expiring=tuple(map(ipaddress.ip_interface, one["expiring"])),
        )
        for one in info["links"]
    }
    routes = (
        KernelRoute(
            ipaddress.ip_network(one["to"]),
            ipaddress.ip_address(one["via"]) if "via" in one else None,
            one["interface"],
            one.get("metric", 0),
        )
        for one in info["routes"]
    )
    return Kernel(links, tuple(routes))
