# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The OSDs that a cluster will have, counted over the plans of its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.ceph.bringup import ceph_planned_osds
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: ceph_planned_osds
short_description: The OSDs that a cluster will have
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Takes what M(baremetal.virt.ceph_osd) returned on each host, also in check mode, and counts the OSDs that there are
    and those that are planned. So M(baremetal.virt.ceph_pool) can plan pools before their OSDs exist.
options:
  _input:
    description: The result of M(baremetal.virt.ceph_osd) of each host of the play.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how many OSDs there will be
  ansible.builtin.debug:
    msg: "{{ ([pve1_osds, pve2_osds] | baremetal.virt.ceph_planned_osds).count }}"
"""

RETURN = r"""
_value:
  description: C(count) is the number of all OSDs, C(hosts) are the names of the nodes that have some.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(ceph_planned_osds)
