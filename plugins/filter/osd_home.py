# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which node an OSD is to be looked for on, from what all nodes know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.ceph.osd_home import osd_home
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: osd_home
short_description: The node and the disk of a Ceph OSD
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Finds an OSD by its number or by any name of its disk, in what M(baremetal.virt.ceph_info) returned on all nodes.
  - Fails with the list of all OSDs when there is none, or several.
options:
  _input:
    description: What M(baremetal.virt.ceph_info) returned on each host.
    type: list
    elements: dict
    required: true
  osd:
    description: Number of the OSD.
    type: int
  disk:
    description: A name of its disk, such as its serial number.
    type: str
"""

EXAMPLES = r"""
- name: Show where osd.4 is
  ansible.builtin.debug:
    msg: "{{ [pve1_ceph, pve2_ceph] | baremetal.virt.osd_home(osd=4) }}"
"""

RETURN = r"""
_value:
  description:
    - C(osd) is its number, C(host) the name of its node, C(destroyed) whether it awaits another disk. C(exists) is
      false when a removal that was cut off left only its disk.
    - C(runs_on) is the host of the inventory that can work on it. That is the node that has its disk; else the node
      that Ceph names; else, when this could not be asked, the first one that could.
    - C(disk_names) are the names of its disk, as far as the node knows it.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(osd_home)
