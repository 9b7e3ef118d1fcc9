#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sdn_frr
short_description: Give a node its own part of FRR's configuration
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Proxmox VE writes C(/etc/frr/frr.conf) for its software-defined networks, and merges C(/etc/frr/frr.conf.local) into
    it. That drops lines without a word, or puts them into another block. Such a file is refused, with the lines.
  - It has succeeded when all of it is in C(/etc/frr/frr.conf). Where frr or frr-pythontools is missing, they are
    installed.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  config:
    description: The whole file. An empty text removes it. No plan and no diff shows its passwords.
    type: str
    required: true
seealso:
  - module: baremetal.virt.sdn
"""

EXAMPLES = r"""
- name: This node reflects routes to the others
  baremetal.virt.sdn_frr:
    config: |
      router bgp 65000
       bgp listen range 10.20.1.0/24 peer-group VTEP
       address-family l2vpn evpn
        neighbor VTEP route-reflector-client
       exit-address-family
      exit
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

from ..module_utils.decide.sdn.frr import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.sdn.frr import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="sdn_frr",
    argument_spec={"config": {"type": "str", "required": True}},
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=15,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
