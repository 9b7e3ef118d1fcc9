#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_vm
short_description: Make virtual machines and keep them as they are declared
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Virtual machines of a Proxmox VE cluster, made from a cloud image, for an installation from a CD, or as clones of a
    template or another machine. It runs on the controller, over the HTTPS API of one node. Run it once for all.
  - Each field is compared by what it means, and only what differs is written. What is not said stays as it is, MAC
    addresses too. Disks grow, and are neither shrunk nor moved. One that is not declared is kept, and told.
  - A machine is ours by its number, its name and a mark in its description, which this module writes when it makes the
    machine. One of somebody else is refused, and never changed or removed. To hand one over, write the mark by hand.
  - What a running machine takes only when it is stopped and started is told in every run until then. It is never
    stopped for that.
  - Of a machine on a node that is off nothing is known, so nothing is done, and it is not made a second time.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.guest_vm
  - baremetal.virt.guest_common
  - baremetal.virt.guest_api
requirements:
  - proxmoxer and requests, on the controller
"""

EXAMPLES = r"""
- name: A machine from a cloud image, and a template with two linked clones
  baremetal.virt.guest_vm:
    vms:
      - vmid: 1201
        name: web1
        running: true
        cores: 2
        memory: 2048
        ostype: l26
        scsihw: virtio-scsi-single
        agent: true
        boot: [scsi0]
        disks:
          - {slot: scsi0, storage: vms, size: 32G, import_from: "share:import/debian-13.qcow2"}
        nets:
          - {slot: net0, bridge: vmbr0}
        cloud_init:
          storage: vms
          user: admin
          ssh_keys: ["{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"]
          addresses:
            - {ip: 192.0.2.31/24, gw: 192.0.2.1}
          nameservers: [192.0.2.1]
          search_domain: example.org
          upgrade: false
      - vmid: 9001
        name: course-os
        template: "3"
        memory: 2048
        disks:
          - {slot: scsi0, storage: vms, import_from: "share:import/debian-13.qcow2"}
      - vmid: 1211
        name: stu01
        clone: {template: course-os, version: "3"}
        mark: {owner: stu01}
        pool: course/stu01
      - vmid: 1212
        name: stu02
        clone: {template: course-os, version: "3"}
        mark: {owner: stu02}
        pool: course/stu02
  run_once: true

- name: Windows, from its installation CD
  baremetal.virt.guest_vm:
    vms:
      - vmid: 1301
        name: win1
        ostype: win11
        machine: q35
        bios: ovmf
        efidisk: {storage: vms, pre_enrolled_keys: true}
        tpm: {storage: vms}
        cores: 4
        memory: 8192
        scsihw: virtio-scsi-single
        disks:
          - {slot: scsi0, storage: vms, size: 64G, discard: true}
        cdroms:
          - {slot: ide0, iso: "share:iso/win11.iso"}
          - {slot: ide3, iso: "share:iso/virtio-win.iso"}
        nets:
          - {slot: net0, bridge: vmbr0, tag: 20}
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [create VM 1201 (web1) on pve1, grow scsi0 of VM 1201 (web1) to 32G, start VM 1201 (web1)]
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

from ..module_utils.decide.guest.desired_vm import desired_from
from ..module_utils.decide.guest.guests import decide
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.guest.parameters import VMS
from ..module_utils.observe.guest import machines
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="guest_vm",
    argument_spec=VMS,
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
