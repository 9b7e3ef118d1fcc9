#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_info
short_description: Tell the firewall of a node and its cluster, and the ways to the node
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Tells the firewall in the form in which M(baremetal.virt.firewall) takes it, and what the filter
    P(baremetal.virt.firewall_ways#filter) needs to know of every node.
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.firewall
"""

EXAMPLES = r"""
- name: Look at the firewall
  baremetal.virt.firewall_info:
  register: firewall_there
"""

RETURN = r"""
node:
  description: The name of the node.
  returned: always
  type: str
enabled:
  description: Whether the cluster's firewall is on.
  returned: always
  type: bool
loaded:
  description: Whether the kernel has the node's chains; nothing where the firewall is off.
  returned: always
  type: bool
cluster:
  description: Options, aliases, ipsets, groups and rules of the cluster, without what is at its default.
  returned: always
  type: dict
  sample: {options: {enable: true}}
host:
  description: The node's own options and rules (C(host_options), C(host_rules)).
  returned: always
  type: dict
strange:
  description: Lines that Proxmox VE skips, as they are no rules.
  returned: always
  type: list
  elements: str
main:
  description: The address of the node under its own name.
  returned: always
  type: str
addresses:
  description: All its addresses, with the length of their networks.
  returned: always
  type: list
  elements: str
links:
  description: Its addresses on the links of the cluster.
  returned: always
  type: dict
connection:
  description: The connection over which it was asked, as it sees it (client, server, port).
  returned: always
  type: dict
ssh_ports:
  description: The ports on which sshd listens.
  returned: always
  type: list
  elements: int
ceph:
  description: The networks of Ceph.
  returned: always
  type: list
  elements: str
migration:
  description: The network of migrations, if there is one.
  returned: always
  type: str
nfs:
  description: To whom the node exports.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.firewall.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.firewall.firewall import DesiredFirewall
from ..module_utils.observe.firewall.firewall import observe, observe_ways
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(observe(reader, DesiredFirewall()), observe_ways(reader))


INQUIRY = Inquiry(name="firewall_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
