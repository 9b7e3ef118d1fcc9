# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which VLANs of a node are to be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..module_utils.site.network.vlans import trips_of
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: network_vlans
short_description: Which VLANs of a node are to be tried from node to node
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns the VLANs of bridges that other hosts have under the same name. Of a bridge that lets more than a hundred
    through, only those that guests use.
positional: _input, host
options:
  _input:
    description: The results of M(baremetal.virt.network_info) of all hosts.
    type: list
    elements: dict
    required: true
  host:
    description: The host that is to ask the others.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what this host would try
  ansible.builtin.debug:
    msg: "{{ [pve1_here, pve2_here] | baremetal.virt.network_vlans('pve1') }}"
"""

RETURN = r"""
_value:
  description: As O(baremetal.virt.network_vlans_info#module:trips).
  type: list
  elements: dict
"""


def network_vlans(shown: Sequence[Mapping[str, Any]], host: str) -> list[dict[str, Any]]:
    return [asdict(trip) for trip in trips_of(shown, host)]


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(network_vlans)
