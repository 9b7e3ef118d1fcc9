#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_separation
short_description: Let a drained node of a Proxmox VE cluster go on alone
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on the node that leaves. It stops corosync, takes the cluster's configuration, keys and certificates away
    from the node, and makes it new ones of its own, so that nobody can use it to get into the cluster.
  - Upstream advises to reinstall a node instead. What other programs keep of the cluster on the node is not found.
  - A copy of all the cluster's files stays in C(/var/lib/baremetal.virt/removed), readable by root only. Delete it
    when it is not needed any more, since it holds the cluster's keys.
  - The cluster still lists the node until M(baremetal.virt.node_membership) deletes it there.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  node:
    description: What the node is called; a machine with another name is refused.
    type: str
    required: true
  cluster:
    description: Name of the cluster that it leaves.
    type: str
    required: true
  drained:
    description: Whether a member saw that neither guests nor Ceph are on the node.
    type: bool
    default: false
  authority:
    description: SHA-256 fingerprint of the cluster's certificate authority; a node that has it is not separated yet.
    type: str
    required: true
  others:
    description: Names of the nodes that stay, whose keys must not log in here any more.
    type: list
    elements: str
    default: []
  ceph:
    description:
      - What of Ceph the cluster has, as RV(baremetal.virt.node_membership_info#module:report.ceph_known) says it on a
        member. A node that holds an OSD or another daemon of it is refused; what the cluster has removed is warned of
        and kept.
      - Without it, anything of Ceph on the node is a reason to refuse.
    type: dict
    suboptions:
      answers:
        description: Whether the monitors answered, or there is no Ceph.
        type: bool
        required: true
      osds:
        description: Identity of each OSD in the map, and its number.
        type: dict
        required: true
      daemons:
        description: Monitors in the map, and managers and metadata servers with an account, such as V(mon.pve1).
        type: list
        elements: str
        required: true
seealso:
  - module: baremetal.virt.node_membership
"""

EXAMPLES = r"""
- name: Let pve3 go on alone
  baremetal.virt.node_separation:
    node: pve3
    cluster: campus
    drained: "{{ seen_by_pve1.report.drained }}"
    authority: "{{ seen_by_pve1.report.authority }}"
    others: [pve1, pve2]
    ceph: "{{ seen_by_pve1.report.ceph_known }}"
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["stop corosync", "remove /etc/corosync/authkey"]
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

from ..module_utils.decide.leaving.separation import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.leaving.separation import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import pmxcfs

SUBJECT = Subject(
    name="node_separation",
    argument_spec={
        "node": {"type": "str", "required": True},
        "cluster": {"type": "str", "required": True},
        "drained": {"type": "bool", "default": False},
        "authority": {"type": "str", "required": True},
        "others": {"type": "list", "elements": "str", "default": []},
        "ceph": {
            "type": "dict",
            "options": {
                "answers": {"type": "bool", "required": True},
                "osds": {"type": "dict", "required": True},
                "daemons": {"type": "list", "elements": "str", "required": True},
            },
        },
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=60,
    patience=10,
    programs=(pmxcfs,),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
