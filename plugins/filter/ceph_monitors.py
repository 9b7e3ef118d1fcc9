# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes with a monitor of Ceph, by their own names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.ceph.bringup import ceph_monitors
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: ceph_monitors
short_description: The nodes with a monitor of Ceph, in the order in which they get one
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Takes what M(baremetal.virt.ceph_cluster) returned on each host of the play, and returns names of nodes, as
    M(baremetal.virt.ceph_daemon) takes them. The inventory may call a host by an address or by a full name.
  - The hosts of the play come first, in its order; after the others, if O(representative) is one of those. Another host
    is taken for the node of the first part of its name.
options:
  _input:
    description: The result of M(baremetal.virt.ceph_cluster) of each host of the play.
    type: list
    elements: dict
    required: true
  mons:
    description: The hosts of the inventory that shall have a monitor.
    type: list
    elements: str
    required: true
  representative:
    description: The host that is asked for all nodes of the cluster.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show which node gets the first monitor
  ansible.builtin.debug:
    msg: "{{ ([pve1_ceph, pve2_ceph] | baremetal.virt.ceph_monitors(['pve1', 'pve2'], 'pve1')).0 }}"
"""

RETURN = r"""
_value:
  description: Names of nodes. The first one gets the first monitor.
  type: list
  elements: str
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(ceph_monitors)
