#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Inquiry ``network_vlans_info``; the work is in transport/programs/vlan_echo.py and site/network/vlans.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_vlans_info
short_description: Try whether the VLANs of bridges get from node to node and back
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Sends frames with the tags of VLANs out by the ports of bridges, as those of guests go out, and waits until the
    other nodes have sent them back. No address is needed in a VLAN.
  - A node answers only for a minute after a task with O(answer).
  - Fails when an answer is still missing after O(timeout) seconds.
options:
  trips:
    description: What is to be tried, as the filter P(baremetal.virt.network_vlans#filter) returns it.
    type: list
    elements: dict
    required: true
    suboptions:
      bridge:
        description: A bridge of this node.
        type: str
        required: true
      port:
        description: Its port.
        type: str
        required: true
      tag:
        description: The tag of the VLAN.
        type: int
        required: true
      peers:
        description: The nodes that are to answer, as they call themselves.
        type: list
        elements: str
        required: true
  answer:
    description: Whether this node is to answer others for a minute, and nothing is asked.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for all answers.
    type: int
    default: 20
  interval:
    description: Seconds between two looks.
    type: int
    default: 1
attributes:
  check_mode:
    description: Asks once. With O(answer), the node answers for a minute all the same.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Every node answers
  baremetal.virt.network_vlans_info:
    trips: "{{ all_here | baremetal.virt.network_vlans(inventory_hostname) }}"
    answer: true

- name: Every VLAN is let through
  baremetal.virt.network_vlans_info:
    trips: "{{ all_here | baremetal.virt.network_vlans(inventory_hostname) }}"
"""

RETURN = r"""
missing:
  description: What does not get through; a sentence each.
  returned: always
  type: list
  elements: str
  sample: [VLAN 20 does not get from vmbr1 of pve1 to vmbr1 of pve2 and back.]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.model.network.vlans import Trip
from ..module_utils.observe.network import vlans
from ..module_utils.observe.node import host
from ..module_utils.site.network.vlans import not_answered
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import vlan_echo


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    trips = [Trip(**{**one, "peers": tuple(one["peers"])}) for one in params["trips"]]
    if params["answer"]:
        vlans.answer(reader, trips)
        return {"missing": []}
    return {"missing": not_answered(host.observe(reader).name, trips, vlans.observe(reader, trips))}


STR = {"type": "str", "required": True}
TRIP = {
    "bridge": STR,
    "port": STR,
    "tag": {"type": "int", "required": True},
    "peers": {"type": "list", "elements": "str", "required": True},
}
INQUIRY = Inquiry(
    name="network_vlans_info",
    argument_spec={
        "trips": {"type": "list", "elements": "dict", "options": TRIP, "required": True},
        "answer": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 20},
        "interval": {"type": "int", "default": 1},
    },
    answer=answer,
    waiting=Waiting("the VLANs of the nodes", "missing", ("missing",), "Look at the ports of the switch between them."),
    programs=(vlan_echo,),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
