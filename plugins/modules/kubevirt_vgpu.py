#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: kubevirt_vgpu
short_description: Which vGPUs the cards of a Kubernetes node are divided into
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Writes configurations for NVIDIA's vGPU device manager, and chooses one for each node by its label.
  - Types and counts are held against what the boards can have before anything is written. The device manager finds out
    when the old vGPUs are gone.
  - Waits until the node offers what was chosen. That the label of the device manager says success is not enough.
  - Nothing is changed while pods have GPUs of the node.
  - It runs on the controller, over Kubernetes' API.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.kube_api
options:
  namespace:
    description: Where the operator is.
    type: str
    default: gpu-operator
  config_map:
    description: Name of the ConfigMap, as C(vgpuDeviceManager.config.name) of the operator's chart has it.
    type: str
    required: true
  configs:
    description: All configurations that it is to have.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      parts:
        description: What becomes of cards.
        type: list
        elements: dict
        required: true
        suboptions:
          devices:
            description: Indexes of cards; all by default.
            type: list
            elements: int
          types:
            description: Types, and how many of each on each card, such as V(A10-12Q) and 2.
            type: dict
            required: true
  nodes:
    description: Which configuration a node has.
    type: list
    elements: dict
    default: []
    suboptions:
      node:
        description: Its name.
        type: str
        required: true
      config:
        description: The configuration.
        type: str
        required: true
      gpus:
        description: How many cards it has, so that it is known how many vGPUs there will be.
        type: int
        required: true
  allow_mig:
    description: Whether types are allowed that need a card divided by MIG. The operator 24.9 does not support them.
    type: bool
    default: false
  timeout:
    description: Seconds until a node has to offer what was chosen.
    type: int
    default: 600
requirements:
  - kubernetes, on the controller
seealso:
  - module: baremetal.virt.kubevirt_gpu
"""

EXAMPLES = r"""
- name: Halves of an A10 on one node, sixths on another one
  baremetal.virt.kubevirt_vgpu:
    kubeconfig: ~/.kube/config
    config_map: vgpu-configs
    configs:
      - name: halves
        parts: [{types: {A10-12Q: 2}}]
      - name: sixths
        parts: [{types: {A10-4Q: 6}}]
    nodes:
      - {node: gpu1, config: halves, gpus: 2}
      - {node: gpu2, config: sixths, gpus: 2}
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [choose the vGPUs halves on gpu1, wait until gpu1 offers them]
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
      description: Whether something is destroyed that cannot be had back.
      type: bool
"""

from typing import Any

from ..module_utils.decide.gpu.vgpu import decide
from ..module_utils.decide.gpu.vgpu_desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.kube.parameters import KUBERNETES
from ..module_utils.observe.gpu.vgpu import observe
from ..module_utils.transport.module import run_module

_NAME: dict[str, Any] = {"type": "str", "required": True}
_PART: dict[str, Any] = {"devices": {"type": "list", "elements": "int"}, "types": {"type": "dict", "required": True}}
_PARTS: dict[str, Any] = {"type": "list", "elements": "dict", "required": True, "options": _PART}
_NODE: dict[str, Any] = {"node": _NAME, "config": _NAME, "gpus": {"type": "int", "required": True}}
SUBJECT = Subject(
    name="kubevirt_vgpu",
    argument_spec={
        **KUBERNETES,
        "namespace": {"type": "str", "default": "gpu-operator"},
        "config_map": _NAME,
        "configs": {"type": "list", "elements": "dict", "default": [], "options": {"name": _NAME, "parts": _PARTS}},
        "nodes": {"type": "list", "elements": "dict", "default": [], "options": _NODE},
        "allow_mig": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 600},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
