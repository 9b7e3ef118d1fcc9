# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a node has to reach: after a change of its network, or as things are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ..module_utils.site.network import view
from ..modules.network import SUBJECT
from ..plugin_utils.filters import as_filters
from ..plugin_utils.options import validated

DOCUMENTATION = r"""
name: network_targets
short_description: Whom a node has to reach, after a change of its network or as things are
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns every address of other hosts in a network that the host is in, or will be in, and its gateways.
  - Fails when two hosts would have the same address, or different MTUs in one network.
positional: _input, host, declared
options:
  _input:
    description: The results of M(baremetal.virt.network_info) of all hosts.
    type: list
    elements: dict
    required: true
  host:
    description: The host that has to reach them.
    type: str
    required: true
  declared:
    description: >-
      For each host, O(baremetal.virt.network#module:interfaces) that are declared. If not given, the networks of the
      host are those that it is in now.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show whom this host has to reach once it has another network
  ansible.builtin.debug:
    msg: "{{ [pve1_here, pve2_here] | baremetal.virt.network_targets('pve1', declared) }}"
  vars:
    declared:
      pve1: [{name: eno3, type: physical, addresses: [10.10.3.11/24]}]
"""

RETURN = r"""
_value:
  description: As O(baremetal.virt.network#module:targets).
  type: list
  elements: dict
"""


def network_targets(
    shown: Sequence[Mapping[str, Any]], host: str, declared: Optional[Mapping[str, Any]] = None
) -> list[dict[str, Any]]:
    options = {
        name: validated(SUBJECT.argument_spec, {}, {"interfaces": interfaces})
        for name, interfaces in (declared or {}).items()
    }
    return view.network_targets(shown, host, options)


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(network_targets)
