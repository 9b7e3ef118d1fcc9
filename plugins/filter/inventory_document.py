# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put what every node says of itself together to one inventory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.inventory.document import inventory_document
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: inventory_document
short_description: Make an inventory of what running nodes say of themselves
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - What all nodes have in common becomes a variable of the group C(proxmox), anything else one of the host.
  - Variables of the cluster are those of the group, too.
  - A storage of the cluster that is an export of one of the nodes is told at that export.
options:
  _input:
    description: What M(baremetal.virt.node_variables_info) returned on each node.
    type: list
    elements: dict
    required: true
  cluster:
    description: Variables that the cluster alone tells, such as those of
      M(baremetal.virt.access_info) and M(baremetal.virt.sdn_info).
    type: dict
"""

EXAMPLES = r"""
- name: Show the inventory
  ansible.builtin.debug:
    msg: "{{ [pve1_as_it_is, pve2_as_it_is] | baremetal.virt.inventory_document }}"
"""

RETURN = r"""
_value:
  description: The inventory, in the form of the C(yaml) inventory plugin.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(inventory_document)
