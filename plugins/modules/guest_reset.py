#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_reset
short_description: Let machines of owners go back to a snapshot, or destroy them to be made anew
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Rolls machines of fleets back to the snapshot of one name. One that runs is started again.
  - The plan says what each would lose. Newer snapshots and disks that came later stay; settings are again what they
    were when the snapshot was taken, until the next run over the fleet makes them as declared.
  - With O(anew) it destroys them, without a backup, and tells in RV(vms) and RV(containers) what is to be made in
    their place, as M(baremetal.virt.guest_vm) and M(baremetal.virt.guest_container) take it. Number, name and address
    are those that they had. One that its fleet would not make again is refused.
  - It is refused, before anything is changed, when one of them has no such snapshot, is locked, has a disk that
    another guest uses, also in a snapshot, or is not the owner's own by its number, its name and its mark. So is a
    rollback while the HA manager would start the machine, and the end of one that is protected, replicated or a
    template. One that is given back is left.
  - It works from the controller, over the HTTPS API. Run it once.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.guest_fleets
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  owners:
    description: Users, such as V(stu01@pve).
    type: list
    elements: raw
    default: []
  fleet:
    description: All owners of this fleet, or O(owners) in this fleet alone.
    type: str
  guests:
    description: These machines alone, by their numbers.
    type: list
    elements: int
    default: []
  snapshot:
    description: The snapshot to which they go back. Say either this or O(anew).
    type: raw
  anew:
    description: They are destroyed to be made anew. No backup is made.
    type: bool
    default: false
  at_most:
    description: So many may be destroyed in one run.
    type: int
    default: 50
  confirm_owners:
    description: With O(anew), the number of owners on a list that has become much shorter, as somebody has counted it.
    type: int
  run:
    description: A name of this reset, such as the time. It is noted in each machine that has gone back, so the same
      call finishes what was cut off, and no machine goes back twice.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Before the next lesson
  baremetal.virt.guest_reset:
    fleets: "{{ guest_fleets }}"
    fleet: os-2027
    snapshot: clean
    run: lesson-7

- name: After the exam, destroy what is to be made anew
  baremetal.virt.guest_reset:
    fleets: "{{ guest_fleets }}"
    owners: [stu03@pve]
    anew: true
    run: exam
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["roll VM 1203 stu03-vm back to clean of 2026-11-30 10:00 UTC: what was written since is lost"]
guests:
  description: Whom it was about. C(state) is V(due), V(done) of one that has gone back for this reset before, or
    V(released) of one that is given back. V(gone) is said with O(anew) of one that is to be made. C(taken) is when the
    snapshot was taken, in seconds since 1970.
  returned: always
  type: list
  elements: dict
  sample:
    - {vmid: 1203, name: stu03-vm, node: pve1, fleet: os-2027, owner: stu03@pve, status: running, taken: 1796040000,
       state: due}
vms:
  description: With O(anew), virtual machines that are gone, as they are to be made.
  returned: when O(anew) is true
  type: list
  elements: dict
  sample: []
containers:
  description: With O(anew), containers that are gone, as they are to be made.
  returned: when O(anew) is true
  type: list
  elements: dict
  sample: []
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

from ..module_utils.decide.guest.release_desired import reset_from
from ..module_utils.decide.guest.reset import decide
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.guest.fleet_parameters import RESET
from ..module_utils.observe.guest import reset
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="guest_reset",
    argument_spec=RESET,
    desired=reset_from,
    observe=reset.observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
