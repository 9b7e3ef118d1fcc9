# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a node has to reach before a change of its network is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.network.view import network_targets
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: network_targets
short_description: Whom a node has to reach before a change of its network is confirmed
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns every address of other hosts in a network that the host is in, or will be in, and its gateways.
  - Fails when two hosts would have the same address, or different MTUs in one network.
positional: _input, host
options:
  _input:
    description: What the hosts show, and what is declared.
    type: dict
    required: true
    suboptions:
      hosts: {description: The hosts., type: list, elements: str, required: true}
      shown:
        description: For each of them, the result of M(baremetal.virt.network_info).
        type: list
        elements: dict
        required: true
      declared:
        description: For each of them, as O(baremetal.virt.network#module:interfaces).
        type: list
        elements: list
        required: true
  host:
    description: The host that is changed.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show whom this host has to reach
  ansible.builtin.debug:
    msg: "{{ {'hosts': hosts, 'shown': shown, 'declared': declared} | baremetal.virt.network_targets('pve1') }}"
"""

RETURN = r"""
_value:
  description: As O(baremetal.virt.network#module:targets).
  type: list
  elements: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(network_targets)
