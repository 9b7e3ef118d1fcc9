#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_rehearsal
short_description: Restore a guest under another number, without network, and remove that copy
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Restores the newest backup of a guest under a number that is free, takes away its networks, devices, directories of
    its node and hook script, and starts it. M(baremetal.virt.backup_rehearsal_info) then says how it went.
  - The copy is made in the pool C(rehearsals), by which it is known, also when whoever made it was cut off. What is not
    in that pool, or has another name than the guest, is never touched.
  - The guest itself is not changed. A backup whose name and uuid are not the guest's is refused.
  - It runs on the controller, over the HTTPS API. Run it once.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  guest:
    description: The number of the guest.
    type: int
    required: true
  copy:
    description: The number that the copy gets.
    type: int
    required: true
  state:
    description: V(booted) restores and starts it, V(absent) removes it with its volumes.
    type: str
    choices: [absent, booted]
    default: booted
  source:
    description: The storage with the backups. Needed for V(booted).
    type: str
  storage:
    description: Where the volumes of the copy go. By default where they were.
    type: str
seealso:
  - module: baremetal.virt.backup_rehearsal_info
  - module: baremetal.virt.backup
"""

EXAMPLES = r"""
- name: A copy of the guest 100, from its newest backup
  baremetal.virt.backup_rehearsal:
    guest: 100
    copy: 9100
    source: vault
  run_once: true

- name: And away with it
  baremetal.virt.backup_rehearsal:
    guest: 100
    copy: 9100
    state: absent
  run_once: true
"""

RETURN = r"""
archive:
  description: The backup that is restored; empty where the copy is there already.
  returned: when the copy is wanted
  type: str
  sample: vault:backup/vm/100/2026-11-30T02:30:00Z
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [start the copy 9100]
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

from ..module_utils.decide.datacenter.rehearsal import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.datacenter.rehearsal_parameters import REHEARSAL
from ..module_utils.observe.datacenter.rehearsal import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="backup_rehearsal",
    argument_spec=REHEARSAL,
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
