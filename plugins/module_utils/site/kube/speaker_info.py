# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result of looking at one speaker."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...engine.errors import Invalid
from ...model.kube.bgp_view import View
from ...model.kube.calico import Pool
from ...model.kube.fabric import network
from .speaker import Expectation, faults, verdict


def expectation_from(params: Mapping[str, Any]) -> Expectation:
    try:
        return Expectation(
            peers=tuple(params["peers"]),
            prefixes={network(prefix): tuple(right) for prefix, right in params["prefixes"].items()},
            reach=tuple(str(ipaddress.ip_address(one)) for one in params["reach"]),
            pools=tuple(Pool(network(one["cidr"]), ipip=one["ipip"], vxlan=one["vxlan"]) for one in params["pools"]),
            services=tuple(network(one) for one in params["services"]),
        )
    except ValueError as error:
        raise Invalid(f"{error}.", "Prefixes are written as 10.233.64.0/26, addresses without a length.") from error


def describe(view: View, expected: Expectation) -> dict[str, Any]:
    found = faults(view, expected)
    return {
        "verdict": verdict(view, found),
        "faults": [asdict(one) for one in found],
        "neighbours": [asdict(one) for one in view.neighbours],
        "prefixes": sorted({one.prefix for one in view.chosen if one.best and one.resolved}),
        "recovering": view.recovering,
        "waiting_for": [one.name for one in view.neighbours if not one.up] if view.recovering is not None else [],
    }
