# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which node of a cluster acts for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.cluster.view import cluster_lead
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: cluster_lead
short_description: Which node of a cluster acts for all
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Chooses the lead as P(baremetal.virt.cluster_view#filter) does, of nodes that are in one cluster already, whatever
    its name. It is a quorate member; else any member; else the first host.
options:
  _input:
    description: The result of M(baremetal.virt.cluster_info) of each host.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Name the node that acts for all
  ansible.builtin.debug:
    msg: "{{ [pve1_here, pve2_here] | baremetal.virt.cluster_lead }}"
"""

RETURN = r"""
_value:
  description: A host, by its name in the inventory.
  type: str
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(cluster_lead)
