#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_extension
short_description: Let owners have their machines for longer
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Notes in the pool of the owner to which day his last one is put off. The next run over the fleet follows it, with
    his account and the marks of his machines.
  - The later of that day and the declared one counts, by the clocks of the nodes and in the zone of the fleet.
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
  last_day:
    description: The day through which they are to have their machines, such as V(2027-03-31).
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: One more month for somebody who was ill
  baremetal.virt.guest_extension:
    fleets: "{{ guest_fleets }}"
    owners: [stu03@pve]
    last_day: "2027-03-31"
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["put off the last day of stu03@pve in os-2027 from 2027-02-28 to 2027-03-31"]
owners:
  description: Whom it is about, and when he ended before.
  returned: always
  type: list
  elements: dict
  sample: [{fleet: os-2027, owner: stu03@pve, pool: os-2027/stu03, ends: "2027-02-28"}]
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

from ..module_utils.decide.guest.extension import decide_extension
from ..module_utils.decide.guest.release_desired import extension_from
from ..module_utils.engine.reader import CLUSTER, Reader
from ..module_utils.engine.subject import Subject
from ..module_utils.model.guest.fleet import ObservedFleets
from ..module_utils.model.guest.fleet_parameters import EXTENSION
from ..module_utils.model.guest.release import DesiredExtension
from ..module_utils.observe.guest import fleet
from ..module_utils.transport.module import run_module


def observe(reader: Reader, desired: DesiredExtension) -> ObservedFleets:
    return fleet.observe(reader, desired.scope.fleets)


SUBJECT = Subject(
    name="guest_extension",
    argument_spec=EXTENSION,
    desired=extension_from,
    observe=observe,
    decide=decide_extension,
    scope=CLUSTER,
    settle=5,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
