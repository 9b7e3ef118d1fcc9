#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_image
short_description: Download images for guests to storages, once, and prove that nodes find them
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - ISO images, templates of containers and disk images are downloaded by Proxmox VE, which compares the checksum.
  - To a storage that all nodes share, only the first of O(nodes) that uses it downloads.
  - Each node reads the file once and compares the checksum itself. It notes size and time of the file in
    C(/var/lib/baremetal.virt/images); while these are the same, the file is not read again.
  - A file of that name with another content is never replaced; the run fails and says so.
  - Images that are taken off the list stay.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  images:
    description: The images.
    type: list
    elements: dict
    required: true
    suboptions:
      url:
        description: Where the file is, for the node that downloads it.
        type: str
        required: true
      checksum:
        description: What it must contain, as V(sha256:DIGITS) or V(sha512:DIGITS).
        type: str
        required: true
      storage:
        description: The storage that is to hold it.
        type: str
        required: true
      content:
        description: What it is - an ISO image, a template of containers, or a disk to import.
        type: str
        default: iso
        choices: [import, iso, vztmpl]
      filename:
        description: Its name on the storage; by default the last part of the URL.
        type: str
      verify_certificates:
        description: Whether the server's certificate is checked. The checksum is in any case.
        type: bool
        default: true
  nodes:
    description: The nodes of the cluster. The first that uses a shared storage downloads; without any, this node does.
    type: list
    elements: str
    default: []
  download:
    description: V(false) only waits until this node finds the images.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Keep an installation image on the share
  baremetal.virt.storage_image:
    images:
      - url: https://images.example.org/debian-13-netinst.iso
        checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        storage: share
    nodes: "{{ ansible_play_hosts_all }}"
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample:
    - download https://images.example.org/debian-13-netinst.iso to share:iso/debian-13-netinst.iso
    - read /mnt/pve/share/template/iso/debian-13-netinst.iso on this node and compare its checksum
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

from ..module_utils.decide.storage.image import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.storage.image import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="storage_image",
    argument_spec={
        "images": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "url": {"type": "str", "required": True},
                "checksum": {"type": "str", "required": True},
                "storage": {"type": "str", "required": True},
                "content": {"type": "str", "default": "iso", "choices": ["import", "iso", "vztmpl"]},
                "filename": {"type": "str"},
                "verify_certificates": {"type": "bool", "default": True},
            },
        },
        "nodes": {"type": "list", "elements": "str", "default": []},
        "download": {"type": "bool", "default": True},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=15,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
