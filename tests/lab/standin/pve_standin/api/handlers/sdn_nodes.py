"""What a node says of the networks, how it takes them over, and the addresses that are kept of them."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.sdn import ipam, local


@method("GET", "/nodes/{node}/sdn/zones")
def zones(call: Call) -> list[dict[str, str]]:
    return [{"zone": name, "status": state} for name, state in local.zone_states().items()]


@method("GET", "/nodes/{node}/sdn/zones/{zone}/content")
def content(call: Call) -> list[dict[str, str]]:
    return local.vnet_rows(call.params["zone"])


@method("PUT", "/nodes/{node}/network", protected=True)
def reload(call: Call) -> None:
    local.reload(bool(call.params.get("regenerate-frr", 1)))


@method("GET", "/cluster/sdn/ipams/{ipam}/status", protected=True)
def addresses(call: Call) -> list[dict[str, Any]]:
    return ipam.rows()


@method("POST", "/cluster/sdn/vnets/{vnet}/ips", protected=True)
def give_address(call: Call) -> None:
    ipam.give(call.params["zone"], call.params["vnet"], call.params["ip"], call.params.get("mac", ""))


@method("DELETE", "/cluster/sdn/vnets/{vnet}/ips", protected=True)
def take_address(call: Call) -> None:
    ipam.take(call.params["vnet"], call.params["ip"])
