# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order the nodes of a cluster are upgraded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.upgrade.wave import upgrade_wave
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: upgrade_wave
short_description: In which order the nodes of a cluster are upgraded
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Puts the nodes in order, one after the other, and leaves out those that are up to date.
  - First comes a node whose upgrade has begun and not ended, then those with the fewest guests, and last the one on
    which the HA manager of the cluster works.
options:
  _input:
    description: The result of M(baremetal.virt.upgrade_info) of each host, in the order of the inventory.
    type: list
    elements: dict
    required: true
  node:
    description: The only node to be upgraded. Empty, all are.
    type: str
    default: ""
  reboot:
    description: Whether nodes are rebooted.
    type: str
    choices: [needed, always, never]
    default: needed
  begun:
    description: Whether only those nodes are taken whose upgrade has begun and not ended.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what an upgrade would do
  ansible.builtin.debug:
    msg: "{{ ([pve1_found, pve2_found] | baremetal.virt.upgrade_wave).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(order) is a list of C(host) and C(node). C(planned) are the hosts of it that can be judged now.
    - C(actors) names a host that acts for each host, C(boots) says whether it would be rebooted, and C(elsewhere) has
      the versions that the other nodes would get.
    - C(lines) tells people what would come.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(upgrade_wave)
