#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_container
short_description: Make containers and keep them as they are declared
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Containers of a Proxmox VE cluster, made from a template of an operating system, or as clones. It runs on the
    controller, over the HTTPS API of one node. Run it once, for all of them.
  - It compares, keeps and refuses as M(baremetal.virt.guest_vm) does. A container is ours by its number, its host name
    and a mark in its description.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.guest_container
  - baremetal.virt.guest_common
  - baremetal.virt.guest_api
requirements:
  - proxmoxer and requests, on the controller
"""

EXAMPLES = r"""
- name: A container that serves DNS
  baremetal.virt.guest_container:
    containers:
      - vmid: 1401
        name: dns1
        os_template: "local:vztmpl/debian-13-standard_13.1-1_amd64.tar.zst"
        rootfs: {storage: vms, size: 8G}
        memory: 512
        nets:
          - {slot: net0, bridge: vmbr0, ip: 192.0.2.53/24, gw: 192.0.2.1}
        running: true
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [create container 1401 (dns1) on pve1, start container 1401 (dns1)]
not_seen:
  description: Declared guests that nobody can tell of now, and why. Nothing is done about them.
  returned: when anything is declared
  type: list
  elements: dict
  sample: [{vmid: 1203, reason: "pve2 is off, or does not tell"}]
placed:
  description: Number of a guest that is made to the node it is made on.
  returned: when anything is declared
  type: dict
  sample: {"1203": pve1}
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
      description: What the step is about.
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

from ..module_utils.decide.guest.desired_container import desired_from
from ..module_utils.decide.guest.guests import decide
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.guest.parameters import CONTAINERS
from ..module_utils.observe.guest import machines
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="guest_container",
    argument_spec=CONTAINERS,
    desired=desired_from,
    observe=machines.observe,
    decide=decide,
    scope=CLUSTER,
    settle=20,
    controller=True,
    idle=lambda desired: not desired.guests,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
