# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a node is to try before and after a change of the firewall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils.model.firewall.way import way_from
from ..module_utils.site.firewall import ways
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: firewall_targets
short_description: Whom a node is to try before and after a change of the firewall
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns the single TCP ports of other nodes to which ways between nodes lead.
positional: _input, node
options:
  _input:
    description: The C(ways) of the filter P(baremetal.virt.firewall_ways#filter).
    type: list
    elements: dict
    required: true
  node:
    description: The name of the node.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show whom pve1 is to try
  ansible.builtin.debug:
    msg: "{{ ways.ways | baremetal.virt.firewall_targets('pve1') }}"
"""

RETURN = r"""
_value:
  description: As O(baremetal.virt.firewall_proof_info#module:targets).
  type: list
  elements: dict
"""


def firewall_targets(found: Sequence[Mapping[str, Any]], node: str) -> list[dict[str, Any]]:
    return ways.targets_of(node, [way_from(one) for one in found])


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(firewall_targets)
