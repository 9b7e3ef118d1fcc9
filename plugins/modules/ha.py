#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ha
short_description: Declare what the HA manager is in charge of, and where
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - HA resources, groups of Proxmox VE 8, rules of 9, and what becomes of resources when their node shuts down.
  - It runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
  - A group is declared once for both releases. On 9 it is the rule C(ha-group-NAME), which the HA manager makes of it,
    with its nodes, priorities and strictness. While that is still to come, the module waits for it.
  - No guest is given to HA in a cluster that stops with any one of its nodes, or without a watchdog on every node, or
    where HA could start it without its data.
  - It has succeeded when no new resource stays queued. HA that somebody has disarmed is armed again.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  resources:
    description: Guests that HA manages. One that is not listed is left alone, and so is what is not said of it.
    type: list
    elements: dict
    default: []
    suboptions:
      sid:
        description: The guest, such as V(vm:100) or V(ct:200).
        type: raw
        required: true
      state:
        description:
          - V(absent) takes the guest away from HA; it runs on. V(present) leaves its state to those who start and stop
            it; a new one is started. The others are states that HA brings it into.
        type: str
        choices: [absent, disabled, ignored, present, started, stopped]
      group:
        description: Its group. An empty text means none.
        type: str
      failback:
        description: It goes back to a better node when that is there again. On Proxmox VE 9.
        type: bool
      max_restart:
        description: How often it is started again on its node.
        type: int
      max_relocate:
        description: How often it is then tried on other nodes.
        type: int
      comment:
        description: What people see beside it.
        type: str
  groups:
    description: Which nodes resources prefer. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      group:
        description: Its name.
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      nodes:
        description: Its nodes, each with its priority, where more is better.
        type: dict
      restricted:
        description: Its resources run nowhere else.
        type: bool
      nofailback:
        description: Its resources stay where they are when a better node comes back.
        type: bool
      comment:
        description: What people see beside it.
        type: str
  rules:
    description: Rules of Proxmox VE 9. One that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: Its name.
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      type:
        description: Whether it ties resources to nodes, or to each other. Needed for a new one.
        type: str
        choices: [node-affinity, resource-affinity]
      resources:
        description: All its resources.
        type: list
        elements: str
      nodes:
        description: Its nodes, each with its priority. For V(node-affinity).
        type: dict
      strict:
        description: Its resources run nowhere else. For V(node-affinity).
        type: bool
      affinity:
        description: V(positive) keeps its resources together, V(negative) apart. For V(resource-affinity).
        type: str
        choices: [negative, positive]
      disable:
        description: It is kept, and has no effect.
        type: bool
      comment:
        description: What people see beside it.
        type: str
  shutdown_policy:
    description: What becomes of resources when their node shuts down.
    type: str
    choices: [conditional, failover, freeze, migrate]
  exclusive:
    description:
      - Kinds of which those that are not listed are removed. A rule that the HA manager has made of a group is not, nor
        a guest.
    type: list
    elements: str
    default: []
    choices: [groups, resources, rules]
  watchdogs:
    description: What M(baremetal.virt.ha_watchdog) returned on each node. Needed where a guest is given to HA.
    type: list
    elements: dict
    default: []
seealso:
  - module: baremetal.virt.ha_info
  - module: baremetal.virt.ha_watchdog
"""

EXAMPLES = r"""
- name: Look for the watchdog of each node
  baremetal.virt.ha_watchdog:
  register: watchdog

- name: Two guests that run on different nodes, and a third one that is better on pve1
  baremetal.virt.ha:
    resources:
      - sid: vm:100
      - sid: vm:101
        max_relocate: 2
      - sid: vm:102
    rules:
      - rule: front
        type: node-affinity
        resources: [vm:102]
        nodes: {pve1: 2, pve2: 1}
      - rule: apart
        type: resource-affinity
        affinity: negative
        resources: [vm:100, vm:101]
    watchdogs: "{{ ansible_play_hosts | map('extract', hostvars, 'watchdog') }}"
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ['add the HA resource vm:100', 'add the HA rule front']
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

from ..module_utils.decide.datacenter.ha import decide, until_migrated
from ..module_utils.decide.datacenter.ha_desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.datacenter.ha_parameters import HA
from ..module_utils.observe.datacenter.ha import observe, unmigrated
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ha",
    argument_spec=HA,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    premise=Premise(unmigrated, until_migrated),
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
