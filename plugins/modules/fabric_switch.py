#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: fabric_switch
short_description: Configure a leaf or a spine with FRR as a fabric declares it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Gives FRR on a switch the sessions that follow from the declaration that M(baremetal.virt.calico_bgp) takes for the
    nodes, with the policies that they need. Only what is missing is loaded, by C(vtysh), after that has tried it.
  - Of what the nodes of a rack tell only routes of their own AS are taken, and routes that reflectors pass on keep the
    next hop, so that the leaf sends to the owner of a block.
  - It has succeeded when FRR's running configuration has it all, and what it begins with at its next start, too.
    Sessions that are not up are told; M(baremetal.virt.bgp_proof_info) proves them with their routes.
  - For switches of H3C and Huawei the filter P(baremetal.virt.fabric_switch_text#filter) writes a text to be reviewed.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.bgp_fabric
requirements:
  - FRR 8 or later, with bgpd
options:
  name:
    description: Which leaf or spine of the fabric this is.
    type: str
    required: true
  password:
    description:
      - The password of its sessions with nodes, the one in O(fabric.password_secret). No plan and no diff shows it.
    type: str
  exclusive:
    description: Neighbours that are not declared are removed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: The leaf of the first rack
  baremetal.virt.fabric_switch:
    name: leaf1
    fabric: "{{ bgp_fabric }}"
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

from ..module_utils.engine.subject import Subject
from ..module_utils.model.kube.parameters import FABRIC_SWITCH
from ..module_utils.observe.kube.frr import observe
from ..module_utils.site.kube.fabric_switch import decide, desired_from
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="fabric_switch",
    argument_spec=FABRIC_SWITCH,
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=15,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
