#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: proxmox_ve
short_description: Make a Debian host a node of Proxmox VE
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Installs Proxmox VE on Debian as documented upstream (kernel first, then C(proxmox-ve), C(postfix), C(open-iscsi)
    and C(chrony)), without any question, and waits until the API answers on port 8006.
  - Refuses before any change when the host cannot become a node, for example when its own name resolves to C(127.0.1.1)
    or is about to change, or when there is too little room.
  - A node that was installed from the ISO is left as it is. Installed packages are not upgraded unless asked.
  - Completes an installation that was interrupted.
  - Never reboots. Debian's kernel is removed only while a kernel of Proxmox VE runs. In a container, kernels are left
    alone.
  - The repositories must be known to apt; see M(baremetal.virt.repositories).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  hosts:
    description:
      - Entries that are kept in C(/etc/hosts), one by one. Everything else in the file stays as it is.
      - The name also loses other addresses of the same family there, and loopback ones.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the host, with its domain if it has one; the short name becomes an alias.
        type: str
        required: true
      address:
        description: Its address.
        type: str
        required: true
  require_virtualization:
    description: Refuse to install on a processor without VT-x or AMD-V.
    type: bool
    default: true
  require_time_sync:
    description:
      - Refuse to install while no time server keeps the host's clock. Not asked in a container, whose clock is its
        host's, and not of a node that is installed.
    type: bool
    default: true
  upgrade:
    description: Bring all packages of the node up to date (C(apt-get dist-upgrade)).
    type: bool
    default: false
  remove_debian_kernel:
    description: Remove Debian's kernel packages and C(os-prober), as documented upstream, once they are of no use.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Install Proxmox VE, and let the node's name resolve to its address
  baremetal.virt.proxmox_ve:
    hosts:
      - name: pve1.example.org
        address: 192.168.10.11

- name: A test machine without hardware virtualization
  baremetal.virt.proxmox_ve:
    require_virtualization: false
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["install proxmox-ve, postfix, open-iscsi, chrony", "wait until the API answers on port 8006"]
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

from ..module_utils.decide.node.proxmox_ve import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.node.proxmox_ve import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="proxmox_ve",
    argument_spec={
        "hosts": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "address": {"type": "str", "required": True},
            },
        },
        "require_virtualization": {"type": "bool", "default": True},
        "require_time_sync": {"type": "bool", "default": True},
        "upgrade": {"type": "bool", "default": False},
        "remove_debian_kernel": {"type": "bool", "default": True},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=30,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
