# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes still have to get the next release, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.upgrade.release_order import release_upgrade_order
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: release_upgrade_order
short_description: Which nodes still have to get the next release, and in which order
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Puts together what every node tells of an upgrade to the next release of Proxmox VE.
  - A node whose upgrade has begun comes first. It is finished whatever is in the way of others.
positional: checks, ceph, to
options:
  _input:
    description: What M(baremetal.virt.upgrade_info) told of every node.
    type: list
    elements: dict
    required: true
  checks:
    description: What M(baremetal.virt.release_check_info) told of every node.
    type: list
    elements: dict
    required: true
  ceph:
    description: What M(baremetal.virt.ceph_upgrade_info) told of every node.
    type: list
    elements: dict
    required: true
  to:
    description: The release that the nodes are to get.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Which node comes when
  ansible.builtin.set_fact:
    release_order: "{{ told | baremetal.virt.release_upgrade_order(checks, ceph, 9) }}"
"""

RETURN = r"""
_value:
  description:
    - C(phase) is V(before), V(mixed) or V(after). C(in_the_way) is what refuses to begin another node.
    - C(wave) is the order of the nodes that are left, as P(baremetal.virt.upgrade_wave#filter) has it.
    - C(left) is what is still to be done on nodes that are new. C(no_way_back) is what to say before it begins.
    - C(groups_become_rules) is whether HA groups do. C(migrations) has C(before) and C(after), as names of
      M(baremetal.virt.release_migration).
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(release_upgrade_order)
