#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_osd_removal
short_description: Take Ceph OSDs away, for good or until another disk takes their place
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Stops OSDs and removes them from Ceph, or destroys them in such a way that another disk can take over their number
    and their place (M(baremetal.virt.ceph_osd), option C(osd_id)). Then empties their disks.
  - Refuses as long as Ceph does not call the OSDs safe to destroy and ok to stop, or any object lacks a copy elsewhere.
  - Run it on the node that has the OSDs. Those of a dead node can be removed on any other node, once they are down.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  osds:
    description: Numbers of the OSDs. Those that are gone already are fine, unless O(keep_ids).
    type: list
    elements: int
    required: true
  keep_ids:
    description: Keep the numbers and the places in the CRUSH map, for disks that replace these.
    type: bool
    default: false
  give_up:
    description:
      - Numbers of OSDs that may be destroyed although that costs redundancy, such as one whose disk has died.
      - Refused all the same while any data cannot be read, or would not be available without them.
    type: list
    elements: int
    default: []
  wipe:
    description: Whether to empty the disks of these OSDs, if the node still sees them.
    type: bool
    default: true
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
- name: Make place for a new disk as osd.4
  baremetal.virt.ceph_osd_removal:
    osds: [4]
    keep_ids: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["stop osd.4", "wait until osd.4 is down"]
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

from ..module_utils.decide.ceph.osd_removal import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.ceph.osd_removal import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_osd_removal",
    argument_spec={
        "osds": {"type": "list", "elements": "int", "required": True},
        "keep_ids": {"type": "bool", "default": False},
        "give_up": {"type": "list", "elements": "int", "default": []},
        "wipe": {"type": "bool", "default": True},
        "tolerated_health": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=60,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
