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
  - A new file is tried first by the node's own C(exportfs), in a mount namespace and with a table of its own. What
    C(exportfs) refuses does not replace the file in use, and the running exports stay.
  - A running server is never restarted; changes are handed over with C(exportfs -a). What is then served is compared
    with what is wanted, option by option.
  - What this module exported before and is not wanted any more is withdrawn. An export that no file declares, because
    a cluster manager or somebody made it at run time, stays.
  - An export that is removed from the list is no longer exported; its directory and data stay.
  - Exports that lie in one another, mount points and file systems inside of an export are allowed; warnings say what
    that means for clients.
  - Without any export, nothing is installed.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  exports:
    description: All exports of this node. The order of exports, clients and options does not matter.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - Absolute path of the directory. Spaces and other special characters are allowed.
          - Directories of the operating system are refused, because owner and mode are set.
        type: str
        required: true
      owner:
        description:
          - Owner of the directory; a number for an account without a name.
          - By default V(root); V(nobody) if the export has a O(exports[].storage) and the clients' root is squashed, so
            that Proxmox VE, which is root, can write there as what it is mapped to.
        type: str
      group:
        description: Group of the directory; a number for a group without a name. By default that of the owner.
        type: str
      mode:
        description:
          - Mode of the directory, as a quoted octal string with a leading zero.
          - Writable for everybody (such as V("0777")) is refused unless O(allow_world_writable=true).
        type: str
        default: "0755"
      clients:
        description: Who may mount the directory; by default all O(networks).
        type: list
        elements: dict
        suboptions:
          host:
            description:
              - An IPv4 or IPv6 address, a network in CIDR form, a host name, a name with wildcards, or C(@netgroup).
              - A name must be resolvable on the server; C(exportfs) would leave it out silently otherwise.
            type: str
            required: true
          options:
            description:
              - Export options of exports(5), one per item. What is not given has the default of exports(5).
              - When the list is not given, V([rw, sync, no_subtree_check]), and with them V(no_root_squash) if the
                O(exports[].storage) holds V(backup), V(images) or V(rootdir), which Proxmox VE writes as root. A store
                of ISO images does not need it.
            type: list
            elements: str
      storage:
        description:
          - The storage of Proxmox VE that uses this export.
          - The role P(baremetal.virt.storage#role) defines it for the whole cluster; this module only checks its form.
        type: dict
        suboptions:
          id:
            description: Name of the storage.
            type: str
            required: true
          content:
            description: What the storage may hold.
            type: list
            elements: str
            required: true
            choices: [backup, images, import, iso, rootdir, snippets, vztmpl]
          server:
            description:
              - Address or name under which the nodes reach this server.
              - By default the address that this node has in one of the clients' networks.
            type: str
          options:
            description: Mount options, see nfs(5).
            type: str
            default: vers=4.2
          nodes:
            description: Nodes that use the storage; all when not given.
            type: list
            elements: str
  networks:
    description: Clients of the exports that name none themselves; the storage network of the cluster.
    type: list
    elements: str
    default: []
  threads:
    description:
      - How many threads the server has, in C(/etc/nfs.conf.d/baremetal_virt.conf). A running server takes a new number.
      - Not managed when not given. Debian 11 has no such file; the option is refused there.
    type: int
  versions:
    description:
      - The versions of NFS that the server speaks, in the same file. A running server takes them only when it next
        starts. A warning says so; the server is not restarted.
      - V(3) has to be among them while an export has a O(exports[].storage), because Proxmox VE lists exports with
        its mount protocol.
    type: list
    elements: str
    choices: ["3", "4.0", "4.1", "4.2"]
  allow_any_client:
    description: Allow an export to everybody (V(*), V(0.0.0.0/0), V(::/0)). Refused otherwise.
    type: bool
    default: false
  allow_insecure_ports:
    description:
      - Allow the export option V(insecure). With it, any user of a client can send requests in the name of any other.
        Refused otherwise.
    type: bool
    default: false
  allow_world_writable:
    description: Allow a directory with a mode that lets every user write. Refused otherwise.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Share ISO images with the nodes of the storage network, with 16 threads
  baremetal.virt.nfs_server:
    networks: [10.10.2.0/24]
    threads: 16
    exports:
      - path: /srv/iso

- name: Share a directory for disk images and backups, which Proxmox VE writes as root
  baremetal.virt.nfs_server:
    exports:
      - path: /srv/share
        mode: "0770"
        clients:
          - host: 10.10.2.0/24
            options: [rw, sync, no_subtree_check, no_root_squash]
          - host: fd00:10:2::/64
            options: [rw, sync, no_subtree_check, no_root_squash]

- name: Export nothing any more (directories and data stay)
  baremetal.virt.nfs_server:
    exports: []
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample:
    - make the directory /srv/share (root:root, 0755)
    - write /etc/exports.d/baremetal_virt.exports (tried by exportfs first)
    - hand the exports to the running server (exportfs -a)
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
warnings:
  description: What is allowed, but worth knowing, such as what V(no_root_squash) means.
  returned: when an export changes and there is something to say
  type: list
  elements: str
"""

from ..module_utils.decide.nfs.desired import desired_from
from ..module_utils.decide.nfs.server import decide
from ..module_utils.engine.subject import Subject
from ..module_utils.model.nfs.conf import VERSIONS
from ..module_utils.observe.nfs.server import observe
from ..module_utils.transport.module import run_module

CONTENT = ["backup", "images", "import", "iso", "rootdir", "snippets", "vztmpl"]

SUBJECT = Subject(
    name="nfs_server",
    argument_spec={
        "exports": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "path": {"type": "str", "required": True},
                "owner": {"type": "str"},
                "group": {"type": "str"},
                "mode": {"type": "str", "default": "0755"},
                "clients": {
                    "type": "list",
                    "elements": "dict",
                    "options": {
                        "host": {"type": "str", "required": True},
                        "options": {"type": "list", "elements": "str"},
                    },
                },
                "storage": {
                    "type": "dict",
                    "options": {
                        "id": {"type": "str", "required": True},
                        "content": {"type": "list", "elements": "str", "required": True, "choices": CONTENT},
                        "server": {"type": "str"},
                        "options": {"type": "str", "default": "vers=4.2"},
                        "nodes": {"type": "list", "elements": "str"},
                    },
                },
            },
        },
        "networks": {"type": "list", "elements": "str", "default": []},
        "threads": {"type": "int"},
        "versions": {"type": "list", "elements": "str", "choices": list(VERSIONS)},
        "allow_any_client": {"type": "bool", "default": False},
        "allow_insecure_ports": {"type": "bool", "default": False},
        "allow_world_writable": {"type": "bool", "default": False},
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
