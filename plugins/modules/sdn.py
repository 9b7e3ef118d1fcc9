#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sdn
short_description: Declare software-defined networks
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Zones, vnets, subnets, controllers, fabrics and where addresses are kept, set against what is staged and what runs.
    Only what differs is staged. Then all of it is applied at once, and proved by what each node shows.
  - It runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
  - Meanings are compared, not spellings, such as the order of peers and nodes, addresses, ranges and defaults.
  - What somebody else has staged is never applied along, nor a change of a node's own network that waits to be applied.
  - On Proxmox VE 9 it holds the lock of these networks meanwhile.
  - A vnet, a zone or a subnet that somebody uses does not go.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.sdn
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
seealso:
  - module: baremetal.virt.sdn_info
"""

EXAMPLES = r"""
- name: A network for a course, and a VLAN for the laboratory
  baremetal.virt.sdn:
    zones:
      - zone: course
        type: simple
        ipam: pve
        dhcp: dnsmasq
      - zone: lab
        type: vlan
        bridge: vmbr0
    vnets:
      - vnet: course1
        zone: course
      - vnet: lab100
        zone: lab
        tag: 100
    subnets:
      - vnet: course1
        subnet: 10.50.0.0/24
        gateway: 10.50.0.1
        snat: true
        dhcp_range: [10.50.0.100-10.50.0.200]
  run_once: true

- name: EVPN between all nodes, and nothing else in its zone
  baremetal.virt.sdn:
    controllers:
      - controller: evpn
        type: evpn
        asn: 65000
        peers: [10.20.1.11, 10.20.1.12, 10.20.1.13]
    zones:
      - zone: tenants
        type: evpn
        controller: evpn
        vrf_vxlan: 10000
        exitnodes: [pve1]
    vnets:
      - vnet: tenant1
        zone: tenants
        tag: 10001
    exclusive: ["vnets:tenants"]
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [create the zone lab (simple), create the vnet vn1, 'apply the networks on pve1, pve2']
foreign:
  description: What somebody else has staged. It is never applied along.
  returned: always
  type: list
  elements: str
  sample: [zone zz]
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

from ..module_utils.decide.sdn.desired import desired_from
from ..module_utils.decide.sdn.lock import undo
from ..module_utils.decide.sdn.sdn import decide
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.sdn.parameters import SDN
from ..module_utils.observe.sdn.sdn import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="sdn",
    argument_spec=SDN,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    undo=undo,
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
