#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_trust
short_description: Trust for one join over SSH, made before it and removed after it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - A node that joins with C(pvecm add --use_ssh) logs in to a member as root. This makes a key for that purpose alone,
    lets it log in to that member from the node's own addresses, and pins the member's host keys.
  - Of the files that exist, only C(authorized_keys) of the member is edited; it gets one line. With O(state=absent)
    every trace is removed; the role P(baremetal.virt.cluster#role) does that also after a join that failed.
options:
  side:
    description: Whether the task runs on the joiner, the node that joins, or on the lead, the member it joins through.
    type: str
    choices: [joiner, lead]
    required: true
  node:
    description: Name of the node that joins.
    type: str
    required: true
  state:
    description: Whether the trust is to be there.
    type: str
    choices: [present, absent]
    default: present
  lead:
    description: For O(side=joiner). Address of the lead.
    type: str
  host_keys:
    description: For O(side=joiner). The lead's host keys, from M(baremetal.virt.cluster_join_info).
    type: list
    elements: str
  key:
    description: For O(side=lead). The public key that was made on the node, C(/root/.ssh/ansible-join.pub).
    type: str
  addresses:
    description: For O(side=lead). From where it may log in.
    type: list
    elements: str
extends_documentation_fragment:
  - baremetal.virt.attributes
seealso:
  - module: baremetal.virt.cluster
"""

EXAMPLES = r"""
- name: Make a key for the join of this node
  baremetal.virt.cluster_trust:
    side: joiner
    node: pve2
    lead: 192.168.10.11
    host_keys: "{{ pve1_join.host_keys }}"

- name: Remove it
  baremetal.virt.cluster_trust:
    side: joiner
    node: pve2
    state: absent
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["make a key for the join of pve2"]
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

from ..module_utils.decide.cluster.trust import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.cluster.trust import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="cluster_trust",
    argument_spec={
        "side": {"type": "str", "choices": ["joiner", "lead"], "required": True},
        "node": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "lead": {"type": "str"},
        "host_keys": {"type": "list", "elements": "str", "no_log": False},
        "key": {"type": "str", "no_log": False},
        "addresses": {"type": "list", "elements": "str"},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
