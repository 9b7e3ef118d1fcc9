# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See all nodes of a cluster together: which one acts for all, and what each must know of the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.cluster.view import view

DOCUMENTATION = r"""
name: cluster_view
short_description: See all nodes of a cluster together
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Takes what M(baremetal.virt.cluster_info) returned on each host, and returns who does what in which order, with what
    each node must know of the rest.
  - The lead, the node that acts for all, is a quorate member of the named cluster; else any member of it; else a node
    on which its creation was cut short; else the first host.
  - Nodes that the lead lists already, because their join was cut short, have to be finished first. As long as one is
    missing, no other can join.
options:
  _input:
    description: The result of M(baremetal.virt.cluster_info) of each host, first those of the play.
    type: list
    elements: dict
    required: true
  wish:
    description: What is wanted of the cluster as a whole.
    type: dict
    required: true
    suboptions:
      name: {description: Name of the cluster., type: str, required: true}
      play: {description: The hosts that this run may change., type: list, elements: str, required: true}
      hosts:
        description:
          - All hosts that are, or will be, nodes of the cluster.
          - The links of those outside of the play stay as they are.
        type: list
        elements: str
        required: true
      token_coefficient:
        description: As in O(baremetal.virt.cluster_config#module:token_coefficient).
        type: int
      qdevice:
        description: The quorum device.
        type: dict
        suboptions:
          host: {description: Its name in the inventory., type: str, default: ""}
          address: {description: Under which address the nodes reach it., type: str, default: ""}
          state: {description: Whether there is one., type: str, choices: [present, absent], default: present}
          allow_odd: {description: Whether it is for an odd number of nodes., type: bool, default: false}
"""

EXAMPLES = r"""
- name: Say which node the others join through
  ansible.builtin.debug:
    msg: "{{ ([pve1_here, pve2_here] | baremetal.virt.cluster_view(wish)).lead }}"
  vars:
    wish: { name: campus, play: [pve1, pve2], hosts: [pve1, pve2] }
"""

RETURN = r"""
_value:
  description:
    - C(lead) is a host. C(representative) is the one to do once what is the same for all nodes, or to say what it would
      be. It is the lead, if that is in the play or nothing is changed.
    - C(to_ask) are the hosts outside of the play that have to be asked before the view is complete.
    - C(config) is for M(baremetal.virt.cluster_config), on the lead. C(nodes) and C(qdevice) are options of it.
      C(qdevice_before_joins) is what is wanted of the device until all nodes have joined, and C(qdevice_now) what this
      run wants of it first. C(compared) says whether a
      cluster runs that this run may change, and C(changes_before_joins) whether it is changed before the others join in
      any case, as the device has to go out, or as a cluster that is created now gets another token coefficient.
    - C(device) is the course of the quorum device. C(aside) says whether it has to go out while nodes join, C(pauses)
      whether so, or for good; C(set_up) whether this run may set it up, C(comes) whether it does so in any case, and
      C(returns) whether the number of nodes allows it.
    - C(turns) has the hosts of the play by their turn, in the order of the inventory.
    - C(hosts) is for each host. C(context) is an option of M(baremetal.virt.cluster). C(turn) says when its join is
      due. V(files), with the cluster's files already, comes first, then the V(lead), then V(listed), known to the lead,
      and then V(last). C(joiner) is whether it is about to join, C(tries_links) whether it tries its links before that
      or before it creates the cluster, C(needs_admission) whether it needs a ticket or a key for a join, and C(qdevice)
      the state of M(baremetal.virt.qdevice) that is due already, if any.
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cluster_view": view}
