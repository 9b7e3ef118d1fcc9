#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_server
short_description: Export directories over NFS to the cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Installs C(nfs-kernel-server), makes the exported directories, and declares all exports in one managed file,
    C(/etc/exports.d/baremetal_virt.exports). C(/etc/exports) is never touched.
  - A running server is never restarted; changes are handed over with C(exportfs -ra).
  - An export that is removed from the list is no longer exported; its directory and data stay.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  exports:
    description: All exports of this node.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path of the directory.
        type: str
        required: true
      owner:
        description: Owner of the directory.
        type: str
        default: root
      group:
        description: Group of the directory.
        type: str
        default: root
      mode:
        description: Mode of the directory, as an octal string.
        type: str
        default: "0755"
      clients:
        description: Who may mount the directory.
        type: list
        elements: dict
        required: true
        suboptions:
          host:
            description: An address, a network in CIDR form, a host name, or C(@netgroup).
            type: str
            required: true
          options:
            description:
              - Export options of exports(5).
              - V([rw, sync, no_subtree_check]) when not given.
              - Proxmox VE writes disk images and backups as root and needs V(no_root_squash) for these.
            type: list
            elements: str
  allow_any_client:
    description: Allow an export to everybody (V(*)). Refused otherwise.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Share ISO images with the nodes of the storage network
  baremetal.virt.nfs_server:
    exports:
      - path: /srv/share
        clients:
          - host: 10.10.2.0/24
            options: [rw, sync, no_subtree_check, no_root_squash]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["write /etc/exports.d/baremetal_virt.exports", "hand the exports to the running server (exportfs -ra)"]
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.nfs_server import decide, desired_from
from ..module_utils.module import Subject, run_module
from ..module_utils.observe.nfs_server import observe

SUBJECT = Subject(
    name="nfs_server",
    argument_spec={
        "exports": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "path": {"type": "str", "required": True},
                "owner": {"type": "str", "default": "root"},
                "group": {"type": "str", "default": "root"},
                "mode": {"type": "str", "default": "0755"},
                "clients": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {
                        "host": {"type": "str", "required": True},
                        "options": {"type": "list", "elements": "str"},
                    },
                },
            },
        },
        "allow_any_client": {"type": "bool", "default": False},
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
