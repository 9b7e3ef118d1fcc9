#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_mapping
short_description: Names in the whole cluster for GPUs of all nodes
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Proxmox VE's resource mappings of PCI devices, made for all nodes from what a card is. Guests then name the mapping,
    and get a free device of the node that they are on.
  - Each entry has the device's ids in lower case, its board and its IOMMU group. Proxmox VE compares all of them when a
    guest starts.
  - A mapping of vGPUs has virtual functions only. The card that they are functions of has the same ids, and is never
    among them.
  - Entries of a node that does not answer stay, and so do those of devices that are missing. That is told, with the
    guests that will not start.
  - It runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.access_api
options:
  mappings:
    description: Mappings. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: raw
        required: true
      state:
        description: V(absent) removes it. One that a guest names does not go.
        type: str
        choices: [absent, present]
        default: present
      card:
        description:
          - Vendor and device of its devices, such as V(10de:2236), and that of the board after a blank, if it matters.
        type: raw
      vgpu:
        description: Whether its devices are shared among machines, which then say C(mdev).
        type: bool
        default: false
      whole:
        description: Whether all functions of a card are given, such as its audio. Only where one IOMMU group has them.
        type: bool
        default: true
      nodes:
        description: Nodes whose devices it has; all by default.
        type: list
        elements: str
        default: []
      live_migration:
        description: Whether its devices can move with a machine that runs. For O(mappings[].vgpu).
        type: bool
        default: false
      description:
        description: What people see beside its name.
        type: str
requirements:
  - proxmoxer and requests, on the controller
seealso:
  - module: baremetal.virt.gpu_info
  - module: baremetal.virt.guest_vm
"""

EXAMPLES = r"""
- name: Whole cards of one kind, and vGPUs of another one
  baremetal.virt.gpu_mapping:
    mappings:
      - name: t4
        card: "10de:1eb8"
      - name: a10-vgpu
        card: "10de:2236"
        vgpu: true
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create the mapping t4 of 3 devices"]
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
      description: What the step is about.
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

from typing import Any

from ..module_utils.decide.gpu.mapping import decide
from ..module_utils.decide.gpu.mapping_desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.gpu.mapping import observe
from ..module_utils.transport.module import run_module

_FLAG: dict[str, Any] = {"type": "bool", "default": False}
MAPPING: dict[str, Any] = {
    "name": {"type": "raw", "required": True},
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "card": {"type": "raw"},
    "vgpu": _FLAG,
    "whole": {"type": "bool", "default": True},
    "nodes": {"type": "list", "elements": "str", "default": []},
    "live_migration": _FLAG,
    "description": {"type": "str"},
}
SUBJECT = Subject(
    name="gpu_mapping",
    argument_spec={
        "mappings": {"type": "list", "elements": "dict", "default": [], "options": MAPPING},
        "api": {"type": "dict", "options": API},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    controller=True,
    idle=lambda desired: not desired.mappings,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
