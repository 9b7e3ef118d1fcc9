#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_access
short_description: Wait until a node can use storages, and prove it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Storages are defined once for a cluster (M(baremetal.virt.storage)), but each node has to reach them. This module
    waits until the node does, and fails when it does not.
  - Nothing is configured. Asking C(pvesm) for the status of a storage makes Proxmox VE mount it, as its own status
    daemon does every ten seconds.
  - LVM is made to look at all disks before a V(lvm) or V(lvmthin) that is not active is waited for, as it does not
    notice by itself what another node has made on a shared disk.
  - Disabled storages and those of other nodes are passed over.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.storages
options:
  expect:
    description:
      - V(offered) is for storages that are not defined yet. For a V(nfs) it waits until this node sees the directory
        among the exports of the server. A V(lvm) or V(lvmthin) is refused when this node has no such volume group or
        thin pool; unless the storage has a base, as then Proxmox VE makes the group, or unless an V(iscsi) of the same
        list is not defined yet, whose disks may bring it.
      - V(active) is for storages that are defined, and waits until they are active.
    type: str
    default: active
    choices: [active, offered]
  ask_pvesm:
    description:
      - Ask C(pvesm status), which takes seconds, about all these storages. Otherwise it is asked only when the table of
        mounts lacks a V(nfs), V(cifs) or V(cephfs), or when one of the storages was not active when the status daemon
        last looked.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Every node can use the share
  baremetal.virt.storage_access:
    storages:
      - id: share
        type: nfs
        server: 10.10.2.11
        export: /srv/share
"""

RETURN = r"""
plan:
  description: What was waited for (or, in check mode, would be), one sentence per storage.
  returned: always
  type: list
  elements: str
  sample: ["wait until the storage share is active on this node"]
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
  description: Always empty.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.storage.access import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.model.storage.access import ACTIVE, OFFERED
from ..module_utils.model.storage.parameters import STORAGES
from ..module_utils.observe.storage.access import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="storage_access",
    argument_spec={
        "storages": STORAGES,
        "expect": {"type": "str", "default": ACTIVE, "choices": [ACTIVE, OFFERED]},
        "ask_pvesm": {"type": "bool", "default": False},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=10,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
