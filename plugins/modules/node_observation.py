#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_observation
short_description: Observe a node once, for all that follows in this run
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads, in one pass, everything that the modules of this collection need to know of a node.
  - The controller keeps the answers for the rest of the run. A module that then finds nothing to do needs no
    connection to the node. Without this task every module looks for itself; the results are the same.
  - The observers travel as one small program to the node's Python over the open connection; nothing is written there.
    The interpreter is C(/usr/bin/python3), or C(ansible_python_interpreter) when that is a path.
options:
  cluster:
    description:
      - Also take the readings that are the same from every member (such as the state of Ceph).
      - Set it on one host per cluster.
    type: bool
    default: false
  report:
    description:
      - Also read what M(baremetal.virt.run_report) shows, and wait for nothing that hangs.
      - Every command and file has some seconds, and the whole node 20. What has not answered by then is noted as such.
        That a host cannot be reached at all is no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Observe every node
  baremetal.virt.node_observation:
    cluster: "{{ inventory_hostname == ansible_play_hosts | first }}"
"""

RETURN = r"""
questions:
  description: How many questions were answered, by scope; and with O(report), how many were not (V(unread)).
  returned: when the node answers
  type: dict
  sample: {"cluster": 4, "node": 31}
answered:
  description: Whether the node has answered.
  returned: with O(report)
  type: bool
"""
