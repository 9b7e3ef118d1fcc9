"""The firewall of the cluster, of which only the options are here, and of guests: options and sets of addresses."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.guest import firewall


@method("GET", "/cluster/firewall/options")
def cluster_options(call: Call) -> dict[str, Any]:
    return firewall.options(firewall.CLUSTER)


@method("PUT", "/cluster/firewall/options", protected=True)
def set_cluster_options(call: Call) -> None:
    firewall.set_options(firewall.CLUSTER, call.params)


def _name(call: Call) -> str:
    return str(call.params["vmid"])


def _register(kind: str) -> None:
    base = f"/nodes/{{node}}/{kind}/{{vmid}}/firewall"
    sets, one, entry = f"{base}/ipset", f"{base}/ipset/{{name}}", f"{base}/ipset/{{name}}/{{cidr}}"
    method("GET", f"{base}/options")(lambda call: firewall.options(_name(call)))
    method("PUT", f"{base}/options", protected=True)(lambda call: firewall.set_options(_name(call), call.params))
    method("GET", sets)(lambda call: firewall.sets(_name(call)))
    method("POST", sets, protected=True)(lambda call: firewall.make_set(_name(call), call.params["name"]))
    method("GET", one)(lambda call: firewall.content(_name(call), call.params["name"]))
    method("POST", one, protected=True)(_add)
    method("DELETE", one, protected=True)(_remove_set)
    method("DELETE", entry, protected=True)(
        lambda call: firewall.remove(_name(call), call.params["name"], call.params["cidr"])
    )


def _add(call: Call) -> None:
    firewall.add(_name(call), call.params["name"], call.params["cidr"], bool(call.params.get("nomatch")))


def _remove_set(call: Call) -> None:
    firewall.remove_set(_name(call), call.params["name"], bool(call.params.get("force")))


_register("qemu")
_register("lxc")
