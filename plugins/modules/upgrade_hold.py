#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_hold
short_description: Keep a node free for its upgrade, and take that back
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on a member that stays, and acts on another one. It never acts on the node on which it runs.
  - With O(state=held) it notes in the cluster what it is about to set, has the HA manager keep the node free, moves the
    guests away, and lets the node's OSDs be down without their data being moved. The node is held when no HA service is
    on it any more, whatever the HA manager calls it.
  - With O(state=released) it takes back what that note names, wherever the controller is that runs it, and forgets the
    note. What somebody else has set stays, and is told.
  - Refuses, all at once and before the first step, whatever other nodes, HA or Ceph would lose meanwhile. The HA rules
    are counted with one node less, as one that cannot be kept makes maintenance never end.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  node:
    description: Name of the node, as the cluster knows it.
    type: str
    required: true
  state:
    description: Whether it is to be kept free, or used again.
    type: str
    choices: [held, released]
    required: true
  reboot:
    description:
      - Whether the node will be booted anew.
      - Without that its guests stay where they are, and only the note is made.
    type: bool
    default: true
  guests:
    description:
      - What becomes of guests that can go nowhere, by their VMID or by a tag. A VMID says more than a tag.
      - V(stop) shuts such a guest down and starts it again at the end. With V(leave) it goes on, and the node is not
        rebooted. V(refuse), which is so for all others, does not begin.
    type: dict
    default: {}
  local_disks:
    description: Whether guests may be migrated together with disks that only the node has.
    type: bool
    default: false
  tolerated_health:
    description: Codes of Ceph's health checks that may be there, such as V(MON_DISK_LOW).
    type: list
    elements: str
    default: []
  by:
    description: Who does this, for the note.
    type: str
    default: ""
  since:
    description:
      - When the upgrade of the cluster was begun, in UTC, such as V(2026-11-30 22:00).
      - It is noted, and a daemon of Ceph that has crashed since is refused. Without it all crashes count as earlier.
    type: str
    default: ""
  done:
    description: Steps that this run has done already, by the RV(steps[].id) in the results of earlier calls.
    type: list
    elements: str
    default: []
seealso:
  - module: baremetal.virt.upgrade_info
  - module: baremetal.virt.node_membership
"""

EXAMPLES = r"""
- name: What would happen, and what stands in the way
  baremetal.virt.upgrade_hold:
    node: pve3
    state: held
    guests: {"100": stop, witness: leave}
  delegate_to: pve1
  check_mode: true

- name: Take back what was set for it
  baremetal.virt.upgrade_hold:
    node: pve3
    state: released
  delegate_to: pve1
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["note in the cluster what is set for pve3"]
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
reboot:
  description: Whether the node may be booted anew. Not if a guest on it is to go on.
  returned: always
  type: bool
moved:
  description: Guests that were to leave.
  returned: always
  type: list
  elements: str
moved_bytes:
  description: How much memory they have.
  returned: always
  type: int
stopped:
  description: Guests that were to be shut down.
  returned: always
  type: list
  elements: str
held:
  description: What is set for the node, in words.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.decide.leaving.progress import figures
from ..module_utils.decide.upgrade.hold import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.leaving.membership import DRAIN, DesiredMembership
from ..module_utils.model.upgrade.hold import HELD, RELEASED
from ..module_utils.observe.cluster import arrival
from ..module_utils.observe.leaving.progress import observe_progress
from ..module_utils.observe.upgrade.hold import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import begin

_NAMES = {"type": "list", "elements": "str", "default": []}
SUBJECT = Subject(
    name="upgrade_hold",
    argument_spec={
        "node": {"type": "str", "required": True},
        "state": {"type": "str", "choices": [HELD, RELEASED], "required": True},
        "reboot": {"type": "bool", "default": True},
        "guests": {"type": "dict", "default": {}},
        "local_disks": {"type": "bool", "default": False},
        "tolerated_health": _NAMES,
        "by": {"type": "str", "default": ""},
        "since": {"type": "str", "default": ""},
        "done": _NAMES,
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=90,
    patience=10,
    programs=(begin,),
    progress=lambda reader, desired, step: figures(
        step, observe_progress(reader, DesiredMembership(desired.node, DRAIN), step)
    ),
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
