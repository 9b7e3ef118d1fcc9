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
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
names:
  description: The names by which others know it.
  returned: always
  type: list
  elements: str
  sample: [pve1, pve1.example.org]
addresses:
  description: Its addresses with the length of their prefix.
  returned: always
  type: list
  elements: str
  sample: [10.10.2.11/24]
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
from ..module_utils.model.firewall.firewall import DesiredFirewall
from ..module_utils.model.node.host import Host
from ..module_utils.observe.ceph import osd as ceph_osd
from ..module_utils.observe.cluster import cluster
from ..module_utils.observe.debian import repositories
from ..module_utils.observe.firewall import firewall
from ..module_utils.observe.network import network
from ..module_utils.observe.nfs import server as nfs_server
from ..module_utils.observe.node import proxmox_ve
from ..module_utils.observe.sdn import frr
from ..module_utils.observe.storage import storage
from ..module_utils.site.inventory import node as told
from ..module_utils.site.inventory.ceph import ceph_notes, ceph_variables
from ..module_utils.site.inventory.firewall import firewall_notes, firewall_variables
from ..module_utils.site.inventory.network import network_notes, network_variables
from ..module_utils.site.inventory.nfs import nfs_server_notes, nfs_server_variables
from ..module_utils.site.inventory.sdn import frr_notes, frr_variables
from ..module_utils.site.inventory.storage import storage_notes, storage_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    exports, storages = nfs_server.observe(reader), storage.observe(reader)
    here, ceph = cluster.observe(reader), ceph_osd.observe(reader)
    networks, routes = network.observe(reader), frr.observe(reader)
    walls = firewall.observe(reader, DesiredFirewall())
    variables = {
        **params["connection"],
        **told.repositories_variables(repositories.observe(reader)),
        **told.proxmox_ve_variables(proxmox_ve.observe(reader)),
        **network_variables(networks),
        **told.cluster_variables(here),
        **nfs_server_variables(exports),
        **ceph_variables(ceph, [member.name for member in here.members] or [here.host.name]),
        **storage_variables(storages),
        **firewall_variables(walls),
        **frr_variables(routes),
    }
    notes = [*network_notes(networks), *told.cluster_notes(here), *nfs_server_notes(exports), *frr_notes(routes)]
    notes += [*ceph_notes(ceph), *storage_notes(storages), *firewall_notes(walls)]
    return {**_reached(here.host), "variables": variables, "notes": notes}


def _reached(host: Host) -> dict[str, Any]:
    addresses = [f"{found.ip}/{found.prefix}" for found in host.usable]
    return {"node": host.name, "names": sorted({host.name, host.fqdn}), "addresses": addresses}


INQUIRY = Inquiry(
    name="node_variables_info", argument_spec={"connection": {"type": "dict", "default": {}}}, answer=answer
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
