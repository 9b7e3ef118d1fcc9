#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_upgrade
short_description: Start the Ceph daemons of a node in the version that is installed
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Starts those daemons of one kind on this node anew that do not run O(version), one after the other. Each has to run
    that very build, commit included, and to be counted on by the cluster, before the next one stops.
  - Refuses while daemons of an earlier kind run another version, on whatever node; the kinds are monitors, managers,
    OSDs and metadata servers, in this order.
  - Before an OSD stops, Ceph has to agree (C(ok-to-stop)) and all data has to have all its copies.
  - With V(fs) every CephFS is reduced to one active metadata server. What it had before is kept in Ceph's own store.
  - With V(finish) OSDs of an older release are let in no more, once every OSD runs the new one, also those that are
    down, and each CephFS gets back what it had. After that there is no way back.
  - Run it on one node after the other (C(throttle 1)), in the order that
    P(baremetal.virt.ceph_upgrade_order#filter) tells.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  version:
    description: What C(ceph-mon --version) prints in the version that is wanted. It has to be installed.
    type: str
    required: true
  stage:
    description: What is done on this node.
    type: str
    choices: [mon, mgr, osd, fs, mds, finish]
    required: true
  interruption:
    description: Whether Ceph may stand still for moments, as it has to with fewer than three monitors or one manager.
    type: bool
    default: false
  known_crashes:
    description: Ids of crashes that were there before the upgrade. A newer one stops it.
    type: list
    elements: str
    default: []
  tolerated_health:
    description:
      - Codes of Ceph's health checks that do not stop this. What comes with an upgrade is tolerated anyway.
      - A check that was muted in Ceph counts like any other.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Monitors first, one node after the other
  baremetal.virt.ceph_upgrade:
    version: "{{ order.version }}"
    stage: mon
  throttle: 1
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["start osd.4 anew, from 18.2.7 (reef, 6b0e9880) to 19.2.3 (squid, c92aebb2)"]
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

from ..module_utils.decide.upgrade.ceph_upgrade import STAGES, decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.upgrade.ceph_upgrade import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_upgrade",
    argument_spec={
        "version": {"type": "str", "required": True},
        "stage": {"type": "str", "choices": list(STAGES), "required": True},
        "interruption": {"type": "bool", "default": False},
        "known_crashes": {"type": "list", "elements": "str", "default": []},
        "tolerated_health": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=120,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
