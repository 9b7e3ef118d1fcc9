# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order nodes start Ceph's daemons anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.upgrade.ceph_order import ceph_upgrade_order
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: ceph_upgrade_order
short_description: In which order nodes start Ceph's daemons anew
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Puts together what every node tells of Ceph's versions, in the form of M(baremetal.virt.ceph_upgrade_info).
  - Monitors, managers, OSDs and metadata servers, in this order. Active managers and metadata servers come last of
    theirs.
options:
  _input:
    description: What M(baremetal.virt.ceph_upgrade_info) told of every node.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Which node does what when
  ansible.builtin.debug:
    msg: "{{ told | baremetal.virt.ceph_upgrade_order }}"
  vars:
    told: "{{ ansible_play_hosts | map('extract', hostvars, 'ceph_versions') }}"
"""

RETURN = r"""
_value:
  description:
    - C(version) is what all nodes have installed, empty while they differ; C(differ) says what each has.
    - C(stages) are calls of M(baremetal.virt.ceph_upgrade), each with C(stage) and C(host).
    - C(in_the_way) is what refuses the upgrade, C(crashes) are those known by now, C(notes) what a person has to know.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(ceph_upgrade_order)
