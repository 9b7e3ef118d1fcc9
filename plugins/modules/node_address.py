#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_address
short_description: Find a node's address in a network
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns the address by which others reach this node in the first of the given networks in which it has one.
options:
  networks:
    description: Networks in CIDR form, in order of preference. Whatever is not a network is passed over.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Find the address in the storage network
  baremetal.virt.node_address:
    networks: [10.10.2.0/24]
  register: storage_address
"""

RETURN = r"""
address:
  description: The address.
  returned: success
  type: str
  sample: 10.10.2.11
interface:
  description: The interface that has it.
  returned: success
  type: str
  sample: vmbr1
"""

from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.node.address import answer
from ..module_utils.transport.module import run_inquiry

INQUIRY = Inquiry(
    name="node_address",
    argument_spec={"networks": {"type": "list", "elements": "str", "required": True}},
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
