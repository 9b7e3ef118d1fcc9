#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Set up interfaces of a node, and take a change back that nobody confirms
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Writes physical interfaces, bonds, VLANs and bridges into C(/etc/network/interfaces), and into the files that it
    includes where an interface stands there. What is not declared stays, byte for byte.
  - The node takes a change back by itself after O(timeout) seconds, or at a boot, unless the controller confirms it
    over a new connection. It does so when the node has the declared addresses and reaches all O(targets) with packets
    of full size.
  - ifupdown2 is installed first where it is missing. What ifupdown reads otherwise than ifupdown2 is written so that
    both read it alike; where that cannot be done, nothing is changed.
  - With O(interfaces[].take_over) a bridge or bond gets address, gateway, routes, commands and hardware address of the
    interface that it stands on.
  - Refuses what would leave the node without a network, or take it from somebody who needs it.
options:
  interfaces:
    description: The interfaces that are declared. Nothing is done when there are none.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name; at most 15 characters.
        type: str
        required: true
      type:
        description: >-
          What it is; V(ovs_port) an internal port of Open vSwitch, which has to be installed.
        type: str
        choices: [bond, bridge, ovs_bridge, ovs_port, physical, vlan]
        required: true
      state:
        description: Whether it is to be there. An interface that somebody uses is not removed.
        type: str
        choices: [absent, present]
        default: present
      auto:
        description: Whether it comes up at boot.
        type: bool
        default: true
      mac:
        description: Hardware address; of a physical interface, the one by which it is known.
        type: str
      pci:
        description: Where a physical interface is on the bus, as C(0000:41:00.0).
        type: str
      addresses:
        description: Addresses of both families with the length of their networks. If not given, those there stay.
        type: list
        elements: str
      gateway:
        description: Gateway for IPv4.
        type: str
      gateway6:
        description: Gateway for IPv6.
        type: str
      metric:
        description: Metric of its gateways. Two gateways of one family need different ones.
        type: int
      mtu:
        description: Largest packet in bytes.
        type: int
      routes:
        description: Networks that are reached over it.
        type: list
        elements: dict
        suboptions:
          to:
            description: The network.
            type: str
            required: true
          via:
            description: The address to send to.
            type: str
          metric:
            description: Metric of the route.
            type: int
      comment:
        description: One line that Proxmox VE shows.
        type: str
      take_over:
        description: The port or member whose address it gets.
        type: str
      members:
        description: Ports of a bond.
        type: list
        elements: str
      mode:
        description: Mode of a bond; V(active-backup) if it is not given.
        type: str
        choices: [balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb]
      miimon:
        description: Milliseconds between two looks at the links of a bond.
        type: int
      hash_policy:
        description: How a bond chooses a port.
        type: str
        choices: [layer2, layer2+3, layer3+4, encap2+3, encap3+4, vlan+srcmac]
      lacp_rate:
        description: How often a bond of mode V(802.3ad) asks its partner. Corosync needs V(fast) on both sides.
        type: str
        choices: [fast, slow]
      primary:
        description: The member that a bond of mode V(active-backup) prefers.
        type: str
      below:
        description: What a VLAN or a port of Open vSwitch stands on; not needed for a VLAN with a name as C(bond0.40).
        type: str
      tag:
        description: Tag of a VLAN or of a port of Open vSwitch; not needed for a name as C(bond0.40).
        type: int
      ports:
        description: Ports of a bridge; one of Open vSwitch also has the internal ones that are declared.
        type: list
        elements: str
      vlan_aware:
        description: Whether a bridge knows of VLANs.
        type: bool
      vids:
        description: The VLANs that such a bridge lets through, as V(2-100 200); V(2-4094) if it is not given.
        type: str
  allow_dhcp:
    description: Whether a declared interface may have its address by DHCP. A cluster and Ceph need addresses that stay.
    type: bool
    default: false
  timeout:
    description: Seconds after which a change that is not confirmed is taken back.
    type: int
    default: 60
  confirm:
    description: >-
      V(now) - this task makes the change and confirms it. V(later) - it makes the change and looks at it over a new
      connection, but another task confirms it, once other nodes have been asked. V(pending) - this task confirms such a
      change.
    type: str
    choices: [now, later, pending]
    default: now
  targets:
    description: >-
      Whom the node has to reach before a change is confirmed, such as its gateway and every link of other nodes.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      what:
        description: What it is, for people.
        type: str
        required: true
      mtu:
        description: Size of the packets that have to arrive whole.
        type: int
        default: 1500
      source:
        description: The own address from which it is tried.
        type: str
attributes:
  check_mode:
    description: Plans, and changes nothing.
    support: full
  diff_mode:
    description: Shows the interfaces that change, in the form in which they are declared.
    support: full
seealso:
  - module: baremetal.virt.network_info
"""

EXAMPLES = r"""
- name: Give guests a bridge on the management port, with its address
  baremetal.virt.network:
    interfaces:
      - {name: vmbr0, type: bridge, ports: [eno1], take_over: eno1, vlan_aware: true}
    targets:
      - {address: 192.0.2.1, what: the gateway}
      - {address: 192.0.2.12, what: link 0 of pve2}

- name: Put the storage network on a bond
  baremetal.virt.network:
    interfaces:
      - name: bond0
        type: bond
        members: [eno3, eno4]
        mode: 802.3ad
        hash_policy: layer3+4
        lacp_rate: fast
        mtu: 9000
      - {name: bond0.40, type: vlan, addresses: [10.10.40.11/24], mtu: 9000}
"""

RETURN = r"""
plan:
  description: The steps, as sentences. In check mode, what would be done.
  returned: always
  type: list
  elements: str
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
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
coming:
  description: >-
    The addresses that the node has when the plan is carried out (interface, address, mtu), for the plans of others.
    Empty where nothing is to be done.
  returned: always
  type: list
  elements: dict
  sample: [{interface: vmbr0, address: 192.0.2.11/24, mtu: 1500}]
pending:
  description: Whether a change waits for its confirmation.
  returned: with O(confirm=later), when something was changed
  type: bool
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.network.desired import desired_from
from ..module_utils.decide.network.guarded_change import await_guard
from ..module_utils.decide.network.network import decide, expected_of
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.network.values import BOND_MODES, HASH_POLICIES
from ..module_utils.observe.network import guard
from ..module_utils.observe.network.network import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import find_strangers, network_files, network_guard, network_kernel

STR = {"type": "str"}
INT = {"type": "int"}
STRS = {"type": "list", "elements": "str"}
ROUTE = {"to": {**STR, "required": True}, "via": STR, "metric": INT}
INTERFACE = {
    "name": {**STR, "required": True},
    "type": {**STR, "required": True, "choices": ["bond", "bridge", "ovs_bridge", "ovs_port", "physical", "vlan"]},
    "state": {**STR, "choices": ["absent", "present"], "default": "present"},
    "auto": {"type": "bool", "default": True},
    **dict.fromkeys(("mac", "pci", "gateway", "gateway6", "comment", "take_over", "primary", "below", "vids"), STR),
    **dict.fromkeys(("metric", "mtu", "miimon", "tag"), INT),
    **dict.fromkeys(("addresses", "members", "ports"), STRS),
    "routes": {"type": "list", "elements": "dict", "options": ROUTE},
    "mode": {**STR, "choices": list(BOND_MODES)},
    "hash_policy": {**STR, "choices": list(HASH_POLICIES)},
    "lacp_rate": {**STR, "choices": ["fast", "slow"]},
    "vlan_aware": {"type": "bool"},
}
TARGET = {
    "address": {**STR, "required": True},
    "what": {**STR, "required": True},
    "mtu": {"type": "int", "default": 1500},
    "source": STR,
}

SUBJECT = Subject(
    name="network",
    argument_spec={
        "interfaces": {"type": "list", "elements": "dict", "default": [], "options": INTERFACE},
        "allow_dhcp": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 60},
        "confirm": {"type": "str", "choices": ["now", "later", "pending"], "default": "now"},
        "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=15,
    patience=3600,
    premise=Premise(guard.observe, await_guard),
    programs=(find_strangers, network_files, network_guard, network_kernel),
    confirms=expected_of,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
