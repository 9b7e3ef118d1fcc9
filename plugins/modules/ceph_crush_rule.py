#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_crush_rule
short_description: Make CRUSH rules for Ceph's replicated pools
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Creates rules that place replicas on OSDs of one device class, below one bucket, on different units of one type.
  - An existing rule is compared with what is wanted. One that differs is refused, because changing it would move the
    data of all pools that use it. The CRUSH map's text is never edited.
  - No rule is ever removed.
  - The result is the same from every node of the cluster, so run this on one (C(run_once)).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  rules:
    description: The rules. Those that are not listed are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the rule.
        type: str
        required: true
      root:
        description: The bucket below which the OSDs are.
        type: str
        default: default
      failure_domain:
        description: The type of bucket of which no two replicas may share one, such as V(host), V(rack) or V(osd).
        type: str
        default: host
      device_class:
        description: The device class of the OSDs, such as V(ssd). Any when not given.
        type: str
"""

EXAMPLES = r"""
- name: One rule for fast disks, one for large ones
  baremetal.virt.ceph_crush_rule:
    rules:
      - name: fast
        device_class: ssd
      - name: large
        device_class: hdd
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create CRUSH rule fast: every replica on another host, on ssd OSDs below default"]
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

from ..module_utils.decide.ceph.crush_rule import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.ceph.state import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_crush_rule",
    argument_spec={
        "rules": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "root": {"type": "str", "default": "default"},
                "failure_domain": {"type": "str", "default": "host"},
                "device_class": {"type": "str"},
            },
        },
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
