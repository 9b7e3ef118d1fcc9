#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sdn_info
short_description: Tell which software-defined networks there are, and whether each node has them
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads zones, vnets, subnets, controllers, fabrics and where addresses are kept over the HTTPS API, as they are
    staged, and tells them in the form that M(baremetal.virt.sdn) takes. It runs on the controller.
  - No secret is told.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  may_be_off:
    description:
      - That the API is not reached from the controller is an answer, too, and no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look which networks there are
  baremetal.virt.sdn_info:
  run_once: true
  register: sdn_there

- name: Show what does not run, and where
  ansible.builtin.debug:
    var: sdn_there.problems
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
release:
  description: The release of Proxmox VE; nothing where it is not installed.
  returned: always
  type: str
  sample: "9.2"
zones:
  description: Zones.
  returned: when there are any
  type: list
  elements: dict
  sample: [{zone: lab, type: vlan, bridge: vmbr0}]
vnets:
  description: Vnets.
  returned: when there are any
  type: list
  elements: dict
  sample: [{vnet: lab100, zone: lab, tag: 100}]
subnets:
  description: Subnets.
  returned: when there are any
  type: list
  elements: dict
  sample: [{vnet: course1, subnet: 10.50.0.0/24, gateway: 10.50.0.1}]
controllers:
  description: Controllers.
  returned: when there are any
  type: list
  elements: dict
  sample: [{controller: evpn, type: evpn, asn: 65000, peers: [10.20.1.11, 10.20.1.12]}]
fabrics:
  description: Fabrics.
  returned: when there are any
  type: list
  elements: dict
  sample: [{fabric: spine, type: openfabric, ip_prefix: 10.30.0.0/24}]
fabric_nodes:
  description: Nodes of fabrics.
  returned: when there are any
  type: list
  elements: dict
  sample: [{fabric: spine, node: pve1, ip: 10.30.0.1, interfaces: [{name: eno3}]}]
ipams:
  description: Where addresses are kept, besides V(pve).
  returned: when there are any
  type: list
  elements: dict
  sample: [{ipam: box, type: netbox, url: "https://netbox.example.org/api"}]
pending:
  description: What is staged and does not run yet, with V(new), V(changed) or V(deleted).
  returned: always
  type: dict
  sample: {zone zz: new}
problems:
  description: What a node does not show as it runs.
  returned: always
  type: list
  elements: str
  sample: ["pve2 shows the zone lab as pending: local sdn network configuration is too old, please reload"]
staged_networks:
  description: Nodes whose own network has a change that waits; applying these networks would activate it.
  returned: always
  type: list
  elements: str
  sample: []
nodes_off:
  description: Nodes that could not be asked, as they are off.
  returned: always
  type: list
  elements: str
  sample: []
variables:
  description: The same as variables of the role P(baremetal.virt.sdn#role).
  returned: always
  type: dict
  sample: {sdn_zones: [{zone: lab, type: vlan, bridge: vmbr0}]}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.caller import caller_from
from ..module_utils.decide.sdn.info import describe, everything
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.sdn.sdn import observe
from ..module_utils.site.inventory.sdn import sdn_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, everything(caller_from(params)))
    return {"answered": True, **describe(observed), "variables": sdn_variables(observed)}


INQUIRY = Inquiry(
    name="sdn_info",
    argument_spec={"api": {"type": "dict", "options": API}, "may_be_off": {"type": "bool", "default": False}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
