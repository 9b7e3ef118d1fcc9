# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Combine what every node says of itself into one inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: inventory_document
short_description: Make an inventory of what running nodes say of themselves
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - What all nodes have in common becomes a variable of the group C(proxmox), anything else one of the host.
options:
  _input:
    description: Variables by inventory name, as M(baremetal.virt.node_variables_info) returns them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the inventory
  ansible.builtin.debug:
    msg: "{{ {'pve1': pve1_as_it_is.variables, 'pve2': pve2_as_it_is.variables} | baremetal.virt.inventory_document }}"
"""

RETURN = r"""
_value:
  description: The inventory, in the form of the C(yaml) inventory plugin.
  type: dict
"""


def inventory_document(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The group ``proxmox`` with its hosts."""
    names = {name: None for variables in told.values() for name in variables}  # in the order in which they were told
    common = {
        name: next(iter(told.values()))[name]
        for name in names
        if all(name in variables for variables in told.values()) and _equal([told[host][name] for host in told])
    }
    hosts = {host: {key: value for key, value in own.items() if key not in common} for host, own in told.items()}
    return {"proxmox": {"hosts": hosts, "vars": common}}


def _equal(values: list[Any]) -> bool:
    return all(value == values[0] for value in values)


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"inventory_document": inventory_document}
