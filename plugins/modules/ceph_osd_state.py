#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_osd_state
short_description: Take Ceph OSDs in or out, and mark them for maintenance
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Takes OSDs out, so that their data moves to others, or in again.
  - An OSD is not taken out when its data could go nowhere, or when the others would be too full.
  - Sets or unsets C(noout) for single OSDs. Such an OSD may be down without its data being moved. The flag of the whole
    cluster is never touched.
  - Does not wait for data to move; M(baremetal.virt.ceph_osd_safety_info) does.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  osds:
    description: Numbers of the OSDs.
    type: list
    elements: int
    required: true
  membership:
    description: Whether the OSDs hold data. Left as it is when not given.
    type: str
    choices: [in, out]
  noout:
    description: Whether the OSDs may be down without their data being moved. Left as it is when not given.
    type: bool
  tolerated_health:
    description:
      - Codes of Ceph's health checks that do not stop this, such as V(OSD_DOWN). What says nothing about the data that
        is moved is tolerated anyway.
      - A check that was muted in Ceph counts like any other.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Let the data of osd.4 move to others
  baremetal.virt.ceph_osd_state:
    osds: [4]
    membership: out

- name: End the maintenance of osd.4
  baremetal.virt.ceph_osd_state:
    osds: [4]
    noout: false
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["take osd.4 out: its data moves to other OSDs"]
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

from ..module_utils.decide.ceph.osd_state import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.ceph.osd_state import IN, OUT
from ..module_utils.observe.ceph.osd_state import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_osd_state",
    argument_spec={
        "osds": {"type": "list", "elements": "int", "required": True},
        "membership": {"type": "str", "choices": [IN, OUT]},
        "noout": {"type": "bool"},
        "tolerated_health": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=30,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
