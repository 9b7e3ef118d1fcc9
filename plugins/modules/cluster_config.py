#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_config
short_description: Change the links, votes and timing of a running Proxmox VE cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Changes C(corosync.conf) of the cluster in which the node it runs on is a member, for all nodes at once. Any member
    with quorum will do. Whatever is not given stays as it is.
  - The new configuration is tested by C(corosync) before it is put in place, is one version higher, and is only written
    while there is quorum and all nodes are online. At least one link stays as it is, so that a change can be undone.
  - A change counts when it is proved. Corosync has loaded it, the node's copy is the cluster's, and every link to every
    node is connected. If it is not proved in time, the configuration before it is put back.
  - Until it is proved, that lies in C(/etc/pve/corosync.conf.unproved), so that the next run finishes what a power cut
    interrupted; afterwards in C(/etc/pve/corosync.conf.bak).
  - To hear all nodes and not only this one, the role P(baremetal.virt.cluster#role) calls it twice, with
    O(phase=begin) and O(phase=finish), and M(baremetal.virt.cluster_change_info) on every node in between.
  - Upstream's rules are in C(pvecm(1)), "Edit corosync.conf", and C(corosync.conf(5)).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  name:
    description: Name of the cluster. Another one is refused, as a cluster cannot be renamed.
    type: str
    required: true
  nodes:
    description: The nodes to change. Those that are not members are left out.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Name of the node., type: str, required: true}
      links:
        description:
          - The node's address on each link, in order, as RV(baremetal.virt.cluster_info#module:wanted) says.
          - All nodes of a cluster have the same number of links; corosync does not start otherwise.
        type: list
        elements: str
        default: []
      votes: {description: Votes of the node; V(0) for one that shall not count., type: int}
  link_priorities:
    description: One number (0 to 255) for each link. The link with the B(higher) number is preferred.
    type: list
    elements: int
    default: []
  token_coefficient:
    description:
      - Milliseconds by which corosync's token timeout grows with each node above two.
      - Proxmox VE 9.1 and newer create clusters with 125, older ones with corosync's own default of 650.
    type: int
  qdevice:
    description:
      - The quorum device in the configuration; the role P(baremetal.virt.cluster#role) prepares the rest.
      - It takes the place of C(two_node). One that is there already keeps what else its operator has set.
    type: dict
    suboptions:
      state: {description: Whether there is one., type: str, choices: [present, absent], default: present}
      host: {description: Address of the host on which corosync-qnetd runs., type: str}
      allow_odd:
        description: Allow one with an odd number of nodes, too, which upstream does not support officially.
        type: bool
        default: false
  phase:
    description:
      - V(whole) changes and proves, on the word of this node alone.
      - V(begin) leaves the change unproved when this node can confirm it.
      - V(finish) takes it back when one of O(reports) has a problem, and else keeps it.
    type: str
    choices: [whole, begin, finish]
    default: whole
  reports:
    description:
      - For O(phase=finish), what M(baremetal.virt.cluster_change_info) returned on each node. Only its C(node) and
        C(problems) are looked at.
    type: list
    elements: dict
    default: []
seealso:
  - module: baremetal.virt.cluster
  - module: baremetal.virt.cluster_change_info
"""

EXAMPLES = r"""
- name: Give a running cluster of two nodes a second link, and prefer it
  baremetal.virt.cluster_config:
    name: campus
    nodes:
      - { name: pve1, links: [10.10.2.11, 192.168.10.11] }
      - { name: pve2, links: [10.10.2.12, 192.168.10.12] }
    link_priorities: [10, 20]

- name: Give one node another vote
  baremetal.virt.cluster_config:
    name: campus
    nodes:
      - { name: pve1, votes: 2 }
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.decide.cluster.config import decide, desired_from, undo
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.observe.cluster import arrival
from ..module_utils.observe.cluster.cluster import observe
from ..module_utils.transport.module import run_module

_NODE = {
    "name": {"type": "str", "required": True},
    "links": {"type": "list", "elements": "str", "default": []},
    "votes": {"type": "int"},
}
_QDEVICE = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "host": {"type": "str"},
    "allow_odd": {"type": "bool", "default": False},
}
SUBJECT = Subject(
    name="cluster_config",
    argument_spec={
        "name": {"type": "str", "required": True},
        "nodes": {"type": "list", "elements": "dict", "default": [], "options": _NODE},
        "link_priorities": {"type": "list", "elements": "int", "default": []},
        "token_coefficient": {"type": "int", "no_log": False},
        "qdevice": {"type": "dict", "options": _QDEVICE},
        "phase": {"type": "str", "choices": ["whole", "begin", "finish"], "default": "whole"},
        "reports": {"type": "list", "elements": "dict", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    undo=undo,
    scope=CLUSTER,
    settle=60,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
