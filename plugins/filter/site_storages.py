# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storages of a cluster, with those that its own nodes serve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.storage.exports import site_storages
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: site_storages
short_description: The storages of a cluster, with those that the exports of its nodes are
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - An export of the role P(baremetal.virt.nfs_server#role) may say as which storage the cluster uses it. This filter
    adds these storages to the definitions, in the form that M(baremetal.virt.storage) takes.
  - Fails when a node cannot be reached where its export says, or when two storages would have one name.
options:
  _input:
    description: The definitions of the other storages.
    type: list
    elements: dict
    required: true
  told:
    description: What each host is to export, and where it is reached.
    type: list
    elements: dict
    required: true
    suboptions:
      host: {description: Its name in the inventory., type: str, required: true}
      exports:
        description: As O(baremetal.virt.nfs_server#module:exports).
        type: list
        elements: dict
        required: true
      networks:
        description: The clients of exports that name none, as O(baremetal.virt.nfs_server#module:networks).
        type: list
        elements: str
        required: true
      addresses:
        description: Its addresses, from M(baremetal.virt.node_address_info).
        type: list
        elements: str
        required: true
"""

EXAMPLES = r"""
- name: Show the storages of this play
  ansible.builtin.debug:
    msg: "{{ storage_definitions | baremetal.virt.site_storages([pve1_told]) }}"
"""

RETURN = r"""
_value:
  description:
    - C(all) are the storages. C(beforehand) are those of which a node can tell whether it will be able to use them
      before they are defined.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(site_storages)
