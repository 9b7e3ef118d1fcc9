# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which ways have to stay open through a firewall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ..module_utils.site.firewall import ways
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: firewall_ways
short_description: Which ways to and between nodes have to stay open through a firewall
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns the ways that are in use, as all nodes together tell them, and the declared ones. In use are the connections
    over which the nodes were asked, the web interface from there, ssh, the API and migration between the nodes, every
    link of the cluster, Ceph's networks and NFS exports.
positional: _input, declared
options:
  _input:
    description: The results of M(baremetal.virt.firewall_info) of all hosts.
    type: list
    elements: dict
    required: true
  declared:
    description: Further ways (name, sources, proto, ports, what).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show the ways in use
  ansible.builtin.debug:
    msg: "{{ [pve1_there, pve2_there] | baremetal.virt.firewall_ways }}"
"""

RETURN = r"""
_value:
  description: C(ways) and C(local_networks), as M(baremetal.virt.firewall) takes them.
  type: dict
"""


def firewall_ways(
    told: Sequence[Mapping[str, Any]], declared: Optional[Sequence[Mapping[str, Any]]] = None
) -> dict[str, Any]:
    return ways.document(told, declared or ())


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(firewall_ways)
