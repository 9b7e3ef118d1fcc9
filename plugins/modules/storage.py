#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: storage
short_description: Define storages for the whole cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Adds, changes and removes entries of C(/etc/pve/storage.cfg) with C(pvesm). Run it on one node of the cluster.
  - Whether a change worked is read from C(storage.cfg), not concluded from exit codes. Whether a storage can be used by
    a node is proved by M(baremetal.virt.storage_access).
  - Secrets are handed to C(pvesm) on its standard input and appear in no list of processes. They are compared with
    what is stored by digest.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.storages
options:
  nodes:
    description:
      - Nodes that O(storages[].nodes) may name besides the members of the cluster, because they join in this run.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Disks of virtual machines in Ceph, ISO images on an NFS server
  baremetal.virt.storage:
    storages:
      - id: vms
        type: rbd
        pool: vms
        content: [images, rootdir]
      - id: share
        type: nfs
        server: 10.10.2.11
        export: /srv/share
        options: vers=4.2
        content: [iso, vztmpl]

- name: Backups, encrypted with a key that Proxmox VE makes once
  baremetal.virt.storage:
    storages:
      - id: backup
        type: pbs
        server: 192.0.2.5
        datastore: main
        username: backup@pbs
        password: "{{ backup_password }}"
        fingerprint: "{{ backup_fingerprint }}"
        encryption_key: autogen
        content: [backup]
        prune_backups:
          keep_daily: 7
          keep_weekly: 4

- name: Remove an entry; its data stay
  baremetal.virt.storage:
    storages:
      - id: old
        type: dir
        state: absent
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["add the storage vms (rbd for images,rootdir)"]
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

from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.decide.storage.desired import desired_from
from ..module_utils.decide.storage.storage import decide
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.storage.parameters import STORAGES
from ..module_utils.observe.cluster import arrival
from ..module_utils.observe.storage.storage import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="storage",
    argument_spec={"storages": STORAGES, "nodes": {"type": "list", "elements": "str", "default": []}},
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=10,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
