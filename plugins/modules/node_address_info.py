#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_address_info
short_description: Tell the addresses by which a node is reached
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns the addresses that other hosts can reach, without loopback and link-local ones.
  - M(baremetal.virt.node_info) returns them with all else that is to be known of a node.
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
- name: Look at the node's addresses
  baremetal.virt.node_address_info:
  register: storage_node
"""

RETURN = r"""
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
addresses:
  description: Its addresses with the length of their prefix, in the order of its interfaces.
  returned: always
  type: list
  elements: str
  sample: [192.168.10.11/24, 10.10.2.11/24]
"""

from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.node.address import answer
from ..module_utils.transport.module import run_inquiry

INQUIRY = Inquiry(name="node_address_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
