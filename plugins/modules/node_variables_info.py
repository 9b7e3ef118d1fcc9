#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_variables_info
short_description: Tell the variables with which the roles would leave a running node as it is
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Describes repositories, cluster, NFS exports, Ceph and storages of the node it runs on in the variables of the roles
    of this collection. C(playbooks/export_inventory.yml) makes an inventory of it.
  - Whatever has its default is left out. Secrets are not read.
options:
  connection:
    description: Variables that say how Ansible reaches the node; returned with the others, at their head.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - plugin: baremetal.virt.inventory_document
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Describe this node
  baremetal.virt.node_variables_info:
  register: as_it_is
"""

RETURN = r"""
variables:
  description: Variables of the roles, by name.
  returned: always
  type: dict
  sample: {cluster_name: campus, cluster_links: [10.10.2.0/24]}
notes:
  description: What the node has that no variable can say.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.ceph import osd as ceph_osd
from ..module_utils.observe.cluster import cluster
from ..module_utils.observe.debian import repositories
from ..module_utils.observe.nfs import server as nfs_server
from ..module_utils.observe.node import proxmox_ve
from ..module_utils.observe.storage import storage
from ..module_utils.site.inventory import node as told
from ..module_utils.site.inventory.ceph import ceph_notes, ceph_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    exports, storages = nfs_server.observe(reader), storage.observe(reader)
    here, ceph = cluster.observe(reader), ceph_osd.observe(reader)
    variables = {
        **params["connection"],
        **told.repositories_variables(repositories.observe(reader)),
        **told.proxmox_ve_variables(proxmox_ve.observe(reader)),
        **told.cluster_variables(here),
        **told.nfs_server_variables(exports),
        **ceph_variables(ceph, [member.name for member in here.members] or [here.host.name]),
        **told.storage_variables(storages),
    }
    notes = [*told.nfs_server_notes(exports), *ceph_notes(ceph), *told.storage_notes(storages)]
    return {"variables": variables, "notes": notes}


INQUIRY = Inquiry(
    name="node_variables_info", argument_spec={"connection": {"type": "dict", "default": {}}}, answer=answer
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
