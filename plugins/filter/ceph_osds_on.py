# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Disks that were selected, as wishes for OSDs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.model.ceph.osd import ceph_osds_on
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: ceph_osds_on
short_description: OSDs on these disks, in the form of M(baremetal.virt.ceph_osd)
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Names every disk by a path that stays the same after a reboot, if it has one.
  - Disks that are too small for an OSD are left out.
options:
  _input:
    description: Disks, as M(baremetal.virt.node_info) returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Turn every unused disk into an OSD
  baremetal.virt.ceph_osd:
    osds: "{{ node.disks | baremetal.virt.select('[?used==null]') | baremetal.virt.ceph_osds_on }}"
"""

RETURN = r"""
_value:
  description: Entries of O(baremetal.virt.ceph_osd#module:osds).
  type: list
  elements: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(ceph_osds_on)
