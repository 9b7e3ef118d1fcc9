#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_release
short_description: Give the machines of owners back
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Marks the owner, disables his account if it is there for these machines alone, takes his machines from the HA
    manager, stops them and backs them up. When the days of grace are over, a later run destroys them, and removes the
    owner's rights, account and pool.
  - A machine is destroyed only if a backup was verified to hold every volume that goes with it, by its configuration,
    by the log of the backup and by what the storage has, and if it has not been started since. What no backup would
    hold is named before anything is stopped.
  - No run stops a machine and destroys it. Till it is destroyed, O(revoke) takes all of it back.
  - It works from the controller, over the HTTPS API. Run it once. A run that was cut off is finished by the next one.
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
  expired:
    description: All whose last day is over, by the clock of a node, and all who give back already.
    type: bool
    default: false
  revoke:
    description: They keep what they have. The next run over the fleet gives them their rights again.
    type: bool
    default: false
  at_most:
    description: More guests are not destroyed in one run.
    type: int
    default: 50
"""

EXAMPLES = r"""
- name: Whoever has had his time
  baremetal.virt.guest_release:
    fleets: "{{ guest_fleets }}"
    expired: true

- name: Somebody comes back
  baremetal.virt.guest_release:
    fleets: "{{ guest_fleets }}"
    owners: [stu03@pve]
    revoke: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["shut VM 1203 stu03-vm down, and switch it off after 180 seconds"]
owners:
  description: Whom it was about, with the exact ids of his machines.
  returned: always
  type: list
  elements: dict
  sample:
    - {fleet: os-2027, owner: stu03@pve, pool: os-2027/stu03, ends: "2027-02-28", released: 1803859300,
       guests: [{vmid: 1202, node: pve1, status: stopped}]}
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

from ..module_utils.decide.guest.release import decide
from ..module_utils.decide.guest.release_desired import release_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.guest.fleet_parameters import RELEASE
from ..module_utils.observe.guest import release
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="guest_release",
    argument_spec=RELEASE,
    desired=release_from,
    observe=release.observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
