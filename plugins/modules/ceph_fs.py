#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_fs
short_description: Make CephFS file systems
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Creates the listed file systems with C(pveceph fs create), which makes the pools C(NAME_data) and C(NAME_metadata).
    Waits for a metadata server in standby first, and until one serves the file system afterwards.
  - A creation that was interrupted between its pools and the file system is completed.
  - No file system is ever removed. Settings of the two pools are the business of M(baremetal.virt.ceph_pool).
  - The result is the same from every node of the cluster, so run this on one (C(run_once)).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  filesystems:
    description: The file systems.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the file system.
        type: str
        required: true
      pg_mode:
        description:
          - How the pg_num of the data pool is found, as in M(baremetal.virt.ceph_pool).
          - The metadata pool gets a quarter of it, at least 8. Ceph's autoscaler may change both later.
        type: str
        choices: [autoscale, calculated, table]
        default: autoscale
      share:
        description: The part of all data that is expected in it, above 0 and up to 1, for the mode V(calculated).
        type: float
  planned_osds:
    description: Number of OSDs there will be, for a plan that is made before the first one exists.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: A file system for ISO images and backups
  baremetal.virt.ceph_fs:
    filesystems:
      - name: cephfs
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create CephFS cephfs (data pool pg_num 32: the autoscaler starts from here)"]
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

from ..module_utils.decide.ceph.fs import decide, desired_from
from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.ceph.pg import AUTOSCALE, MODES
from ..module_utils.observe.ceph.state import observe
from ..module_utils.observe.cluster import arrival
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_fs",
    argument_spec={
        "filesystems": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "pg_mode": {"type": "str", "choices": list(MODES), "default": AUTOSCALE},
                "share": {"type": "float"},
            },
        },
        "planned_osds": {"type": "int", "default": 0},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=60,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
