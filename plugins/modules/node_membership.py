#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_membership
short_description: Empty a node of a Proxmox VE cluster, and delete it from the cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on a member that stays, and does everything to another one from there. It never runs on the node itself.
  - Moves the guests of the node to others, takes the node out of what refers to it (HA rules, storages, mappings),
    takes Ceph off it (one OSD after the other, each only when Ceph says that no data depends on it any more), powers it
    off, deletes it, and clears away what C(pvecm delnode) leaves behind.
  - What has been done already is found by looking at the cluster. A run that was cut short at any point is finished by
    the next one.
  - Refuses, all at once and before the first step, whatever would cost data, quorum or access. Without refusals,
    check mode returns every step.
  - Warns of what will stay that way, such as too few OSDs or monitors.
  - With a quorum device no node may be deleted. One that O(qdevice) names is taken out first, any other is refused.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  node:
    description: Name of the node that shall leave, as the cluster knows it.
    type: str
    required: true
  mode:
    description:
      - V(drain) moves its guests away and keeps it a member, in maintenance mode if the HA manager is in use.
      - V(retire) also takes Ceph off it, powers it off and deletes it. Reinstall it before it is used again.
      - V(separate) does the same to a node that stays on, and deletes it once it is O(standalone).
      - V(dead) deletes a node that is powered off already and was not emptied.
      - V(resume) ends the maintenance mode that V(drain) began.
    type: str
    choices: [drain, retire, separate, dead, resume]
    required: true
  addresses:
    description:
      - All addresses of the machine that the inventory names, as RV(baremetal.virt.cluster_info#module:addresses)
        has them. If the node of this name has others in the cluster, everything is refused.
      - Leave it out when the machine cannot be asked.
    type: list
    elements: str
  standalone:
    description: Whether that machine was seen to be in no cluster any more. Only for O(mode=separate).
    type: bool
    default: false
  confirmed_powered_off:
    description: Nodes that somebody has looked at and found without power. O(mode=dead) needs the node among them.
    type: list
    elements: str
    default: []
  expected_votes:
    description:
      - Number of votes that corosync may be told to expect, if the nodes that stay have no quorum once the node is off.
        That is so with two nodes, and when others are offline too.
      - Only the number of votes that are there is accepted.
    type: int
  qdevice:
    description:
      - Address of the quorum device that the caller adds again at the end, as C(playbooks/remove_node.yml) does.
      - If the configuration of the cluster names this device, the device is taken out of it first.
    type: str
  discard:
    description:
      - What may be given up, by name. V(replication/100-0) is a replication job, V(storage/scratch) the definition of
        a storage that only this node has, V(guest/101) a guest of a dead node whose disks died with it.
    type: list
    elements: str
    default: []
  local_disks:
    description: Whether guests may be migrated together with disks that only the node has.
    type: bool
    default: false
  single_monitor:
    description: Whether Ceph may go on with one monitor, which then must never stop.
    type: bool
    default: false
  tolerated_health:
    description: Codes of Ceph's health checks that may be there, such as V(MON_DISK_LOW).
    type: list
    elements: str
    default: []
  data_deadline:
    description:
      - Seconds in which the data of one OSD has to be elsewhere. While it moves, the progress is shown.
      - Nothing is undone at the deadline; running again goes on.
    type: int
    default: 86400
  done:
    description:
      - Steps that this run has done already, by the RV(steps[].id) in the results of earlier calls. What was begun and
        is not at work any more has failed, and is not begun again.
      - The action plugin gives those of its own calls.
    type: list
    elements: str
    default: []
seealso:
  - module: baremetal.virt.node_membership_info
"""

EXAMPLES = r"""
- name: What would happen, and what stands in the way
  baremetal.virt.node_membership:
    node: pve3
    mode: retire
  check_mode: true

- name: Delete a node that burnt out
  baremetal.virt.node_membership:
    node: pve3
    mode: dead
    confirmed_powered_off: [pve3]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["power off pve3", "delete pve3 from the cluster"]
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
unfinished:
  description:
    - Where it goes on when the module is called again, as it takes longer than a few seconds.
    - The action plugin does so by itself, and tells how far it is; tasks never see this.
  returned: when not all is done yet
  type: dict
  contains:
    id: {description: Which step it is., type: str}
    topic: {description: What it is about., type: str}
    why: {description: The step's sentence., type: str}
    deadline: {description: Seconds after which it is a failure., type: int}
    hint: {description: What to do then., type: str}
    progress: {description: How far it is., type: dict}
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.decide.leaving.membership import decide, desired_from
from ..module_utils.decide.leaving.progress import figures
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.leaving.membership import MODES
from ..module_utils.observe.cluster import arrival
from ..module_utils.observe.leaving.membership import observe
from ..module_utils.observe.leaving.progress import observe_progress
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import begin

_NAMES = {"type": "list", "elements": "str", "default": []}
SUBJECT = Subject(
    name="node_membership",
    argument_spec={
        "node": {"type": "str", "required": True},
        "mode": {"type": "str", "choices": list(MODES), "required": True},
        "addresses": {"type": "list", "elements": "str"},
        "standalone": {"type": "bool", "default": False},
        "confirmed_powered_off": _NAMES,
        "expected_votes": {"type": "int"},
        "qdevice": {"type": "str"},
        "discard": _NAMES,
        "local_disks": {"type": "bool", "default": False},
        "single_monitor": {"type": "bool", "default": False},
        "tolerated_health": _NAMES,
        "data_deadline": {"type": "int", "default": 86400},
        "done": _NAMES,
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=90,
    patience=10,
    programs=(begin,),
    progress=lambda reader, desired, step: figures(step, observe_progress(reader, desired, step)),
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
