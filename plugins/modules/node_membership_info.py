#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_membership_info
short_description: Tell what lives on a node of a Proxmox VE cluster, and what refers to it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on any member and asks the cluster; the node in question need not answer.
  - Together with the plan of M(baremetal.virt.node_membership) in check mode this is all there is to know before a node
    is drained or removed.
options:
  node:
    description: Name of the node, as the cluster knows it.
    type: str
    required: true
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.node_membership
"""

EXAMPLES = r"""
- name: What is on pve3?
  baremetal.virt.node_membership_info:
    node: pve3
  run_once: true
  register: pve3
"""

RETURN = r"""
report:
  description: Everything found.
  returned: always
  type: dict
  contains:
    node: {description: Name of the node., type: str, returned: always}
    cluster: {description: Name of the cluster., type: str, returned: always}
    authority: {description: Fingerprint of the cluster's certificate authority., type: str, returned: always}
    others: {description: Names of all other nodes., type: list, elements: str, returned: always}
    member: {description: Whether it is in the cluster's list of nodes., type: bool, returned: always}
    online: {description: Whether the cluster sees it. Can be believed only with quorum., type: bool, returned: always}
    addresses: {description: Its address on each link., type: list, elements: str, returned: always}
    quorate: {description: Whether the cluster has quorum., type: bool, returned: always}
    drained: {description: Whether neither guests nor Ceph live on it., type: bool, returned: always}
    guests:
      description: Its guests, with their volumes and devices that no other node has, and what the HA manager wants.
      type: list
      elements: dict
      returned: always
    tasks: {description: What runs on it now., type: list, elements: str, returned: always}
    replication: {description: Replication jobs from it or to it., type: list, elements: str, returned: always}
    ha_rules: {description: HA rules (or groups) that name it., type: list, elements: str, returned: always}
    maintenance: {description: Whether the HA manager keeps it free., type: bool, returned: always}
    storages: {description: Storages whose list of nodes names it., type: list, elements: str, returned: always}
    serves: {description: Storages whose data it serves to all., type: list, elements: str, returned: always}
    backup_jobs: {description: Backup jobs that run on it only., type: list, elements: str, returned: always}
    mappings: {description: Device mappings that name it., type: list, elements: str, returned: always}
    sdn: {description: Files of the software-defined network that name it., type: list, elements: str, returned: always}
    directory: {description: Whether it has a directory in C(/etc/pve/nodes)., type: bool, returned: always}
    ceph: {description: Its daemons in Ceph., type: list, elements: str, returned: always}
    ceph_known:
      description: Which OSDs and daemons the cluster's Ceph has, for M(baremetal.virt.node_separation).
      type: dict
      returned: always
    moving: {description: Ceph's objects that are on their way; null without Ceph., type: dict, returned: always}
    placement_groups: {description: How many are on each OSD of the node., type: dict, returned: always}
    monitors: {description: Ceph's monitors and which are in quorum; null without Ceph., type: dict, returned: always}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.leaving.report import report
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.leaving.membership import RETIRE, DesiredMembership
from ..module_utils.observe.leaving.membership import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    wanted = DesiredMembership(params["node"], RETIRE)
    return {"report": report(params["node"], observe(reader, wanted))}


INQUIRY = Inquiry(
    name="node_membership_info",
    argument_spec={"node": {"type": "str", "required": True}},
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
