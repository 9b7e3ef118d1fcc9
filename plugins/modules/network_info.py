#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: network_info
short_description: Tell how the network of a node is set up, and who needs it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads C(/etc/network/interfaces) and every file that it includes as the program reads them that is installed,
    ifupdown or ifupdown2, which differ in what they read and in what it means.
  - Reads links, routes and VLAN filters of the kernel, and who needs which interface - disks and file systems of the
    network, links of the cluster, networks of Ceph, and the guests of this node.
  - Names what is doubtful, such as lines that no program understands, lines that ifupdown2 would read otherwise than
    ifupdown does, ports that are not there, and gateways of which only one would be set.
options: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at the network of this node
  baremetal.virt.network_info:
  register: network_here

- name: Show what is doubtful about it
  ansible.builtin.debug:
    var: network_here.doubts
"""

RETURN = r"""
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
program:
  description: >-
    Whose reading RV(interfaces) is - V(ifupdown), V(ifupdown2), or V(ifupdown2-3.0), which does not know
    C(source-directory) yet; null where none of them is installed.
  returned: always
  type: str
  sample: ifupdown2
files:
  description: The files that it reads, in its order.
  returned: always
  type: list
  elements: str
  sample: [/etc/network/interfaces, /etc/network/interfaces.d/sdn]
staged:
  description: Whether the web interface has a change in C(/etc/network/interfaces.new) that nobody has applied yet.
  returned: always
  type: bool
interfaces:
  description: >-
    What is written about each interface - name, type (as O(baremetal.virt.network#module:interfaces[].type)),
    addresses, gateway, gateway6, metric, mtu, routes, comment, whether it comes up at boot where it does not (auto),
    and what its type has.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: eno1, type: physical}
    - {name: vmbr0, type: bridge, ports: [eno1], addresses: [192.0.2.11/24], gateway: 192.0.2.1}
others:
  description: >-
    Names of others that are written there, as the loopback, and bonds and devices of Open vSwitch.
  returned: always
  type: list
  elements: str
  sample: [lo]
links:
  description: >-
    The interfaces that there are, with other names, permanent hardware address, PCI path, carrier, MTU, the bridge or
    bond above, addresses, those of them that expire, the VLANs that are let through, and who manages it (V(ifupdown),
    V(systemd-networkd), V(dhclient), V(NetworkManager)), as the running system shows.
  returned: always
  type: list
  elements: dict
routes:
  description: The routes of the main tables of both families.
  returned: always
  type: list
  elements: dict
  sample: [{to: 0.0.0.0/0, via: 192.0.2.1, interface: vmbr0}]
uses:
  description: Who needs which interface, and a guest with which tag of a VLAN; also named for the interfaces below it.
  returned: always
  type: list
  elements: dict
  sample: [{interface: vmbr0, by: VM 101, tag: 20}]
cloud_init:
  description: Whether cloud-init may write the network anew at the next boot.
  returned: always
  type: bool
doubts:
  description: What is doubtful, a sentence each.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.network.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.network.network import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(observe(reader))


INQUIRY = Inquiry(name="network_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
