#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall
short_description: Change the firewall of nodes and cluster, and take back what nobody confirms
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Declares options, rules, aliases, sets of addresses and security groups in the files of Proxmox VE's firewall. Rules
    are compared by what they mean, and keep their order.
  - Ways in use stay open. What is missing for them is added; what would shut one all the same is refused.
  - A change is made in phases, each on all nodes. The role of the same name takes them in their order, and looks at
    every node over new connections before it confirms. A node that is not confirmed puts the old files back.
  - What Proxmox VE or the kernel would take no notice of is refused, as is a set that holds one network twice.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.firewall
seealso:
  - module: baremetal.virt.firewall_info
  - module: baremetal.virt.firewall_proof_info
"""

EXAMPLES = r"""
- name: Show what would have to be done for the administrators to be let in, and nobody else
  baremetal.virt.firewall:
    options:
      enable: true
      policy_in: DROP
    ipsets:
      - name: management
        entries:
          - cidr: 10.1.0.0/24
    rules:
      - type: in
        action: ACCEPT
        macro: SSH
        source: +management
    ways: "{{ ways.ways }}"
    local_networks: "{{ ways.local_networks }}"
  check_mode: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ['Write /etc/pve/firewall/cluster.fw (enable not set to 1)']
steps:
  description: The same steps with their identity (id, topic, why, destructive, possible).
  returned: always
  type: list
  elements: dict
destructive:
  description: The ids of steps that destroy something.
  returned: always
  type: list
  elements: str
enabled:
  description: Whether the node filters when all is as it is declared. Not told by the phases V(write) and V(confirm).
  returned: always
  type: bool
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.firewall.desired import desired_from
from ..module_utils.decide.firewall.firewall import decide
from ..module_utils.engine.subject import Subject
from ..module_utils.model.firewall.parameters import FIREWALL
from ..module_utils.observe.firewall.firewall import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import firewall_guard

SUBJECT = Subject(
    name="firewall",
    argument_spec=FIREWALL,
    desired=desired_from,
    observe=observe,
    decide=decide,
    programs=(firewall_guard,),
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
