# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See all nodes of a cluster together: which one lets the others in, and what each must know of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ansible.errors import AnsibleFilterError

try:
    import netaddr
except ImportError:  # the filter then says what is missing, and only to those who use it
    netaddr = None

DOCUMENTATION = r"""
name: cluster_view
short_description: Choose the seed of a cluster from what its nodes say
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Takes what M(baremetal.virt.cluster_info) returned on each host, and returns what M(baremetal.virt.cluster) needs.
  - The seed is a quorate member of the named cluster; else any member of it; else a node on which its creation was cut
    short; else the first host.
  - Nodes that the seed lists already, because their join was cut short, have to be finished first. As long as one is
    missing, no other can join.
options:
  _input:
    description: Inventory name of each host, with its result of M(baremetal.virt.cluster_info).
    type: dict
    required: true
  name:
    description: Name of the cluster.
    type: str
    required: true
  outside:
    description: Hosts that are not in the play. Their links stay as they are.
    type: list
    elements: str
    default: []
requirements:
  - netaddr
"""

EXAMPLES = r"""
- name: Say which node the others join through
  ansible.builtin.debug:
    msg: "{{ {'pve1': pve1_here, 'pve2': pve2_here} | baremetal.virt.cluster_view('campus') }}"
"""

RETURN = r"""
_value:
  description:
    - C(seed) is a host, C(begun) a list of those whose join was cut short.
    - C(peers) (by host) and C(nodes) are options of M(baremetal.virt.cluster).
    - C(others) is that of M(baremetal.virt.cluster_paths_info), for each host that is about to join.
  type: dict
"""

_NODE = ("name", "state", "links", "mtus", "debian")
_PEER = ("version", "nodes", "authorized_keys", "qdevice")


def cluster_view(infos: Mapping[str, Mapping[str, Any]], name: str, outside: Sequence[str] = ()) -> dict[str, Any]:
    """The view of a whole cluster from the views of its nodes."""
    if netaddr is None:
        raise AnsibleFilterError("cluster_view: the Python library netaddr is missing on the controller")
    if not infos:
        raise AnsibleFilterError("cluster_view: no host has said anything about its cluster")
    seed = min(infos, key=lambda host: _rank(infos[host], name))  # min keeps the order among equals
    inside = [info for host, info in infos.items() if host not in outside]
    registered = {node["name"] for node in infos[seed]["nodes"]}
    begun = [host for host, info in infos.items() if info["node"] in registered and not info["member"]]
    return {
        "seed": seed,
        "begun": [host for host in begun if host != seed],
        "peers": {
            host: {
                **{key: infos[seed][key] for key in _PEER},
                "nodes": _after_change(inside, infos[seed]["nodes"]),
                "address": reachable_address(infos[seed], info),
            }
            for host, info in infos.items()
            if host != seed
        },
        "nodes": [{key: {**info, "name": info["node"]}[key] for key in _NODE} for info in infos.values()],
        "others": {
            host: _others(infos, infos[seed], host)
            for host, info in infos.items()
            if host != seed and info["state"] in ("standalone", "joining")
        },
    }


def _others(infos: Mapping[str, Mapping[str, Any]], seed: Mapping[str, Any], joiner: str) -> list[dict[str, Any]]:
    """Whom a node that joins has to reach: the hosts that were asked, and the members that are online."""
    found = {info["node"]: list(info["links"]) for host, info in infos.items() if host != joiner}
    for node in seed["nodes"]:
        if node["online"] and node["name"] not in found and node["name"] != infos[joiner]["node"]:
            found[node["name"]] = [node["links"].get(f"link{number}", "") for number in range(8)]
    return [{"name": name, "links": links} for name, links in found.items()]


def _after_change(inside: Sequence[Mapping[str, Any]], nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members as they are when a node joins: with the links that the play gives to those in it before that."""
    wanted = {info["node"]: info["wanted"]["links"] for info in inside if info["member"]}
    return [
        {**node, "links": {f"link{number}": link for number, link in enumerate(wanted[node["name"]])}}
        if wanted.get(node["name"])
        else node
        for node in nodes
    ]


def reachable_address(seed: Mapping[str, Any], joiner: Mapping[str, Any]) -> Optional[str]:
    """The address of the seed's name, or one in a network that the joiner is in, too, when that name's is in none."""
    networks = [netaddr.IPNetwork(address) for address in joiner["addresses"]]
    known = [seed["address"], *seed["links"], *(address.partition("/")[0] for address in seed["addresses"])]
    near = (address for address in known if address and any(address in network for network in networks))
    found: Optional[str] = next(near, seed["address"])
    return found


def _rank(info: Mapping[str, Any], name: str) -> int:
    if info["name"] != name:
        return 3
    if info["member"]:
        return 0 if info["quorate"] else 1
    return 2 if info["state"] == "creating" else 3


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cluster_view": cluster_view}
