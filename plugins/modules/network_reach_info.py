#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Inquiry ``network_reach_info``; the work is in observe/network/view.py and site/network/confirmation.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_reach_info
short_description: Wait until a node reaches all others on all links of the cluster and of its networks
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Sends packets of full size to the addresses in O(targets), and asks corosync for its links to all other nodes.
  - Fails when something is still missing after O(timeout) seconds.
options:
  targets:
    description: Whom the node has to reach, as the filter P(baremetal.virt.network_targets#filter) returns it.
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
        default: ""
  before:
    description: >-
      RV(view) of an earlier task. What was not reached or not connected then is not waited for.
    type: dict
  timeout:
    description: Seconds to wait for all of them.
    type: int
    default: 30
  interval:
    description: Seconds between two looks.
    type: int
    default: 1
attributes:
  check_mode:
    description: Reads only, once.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Every other node is reached
  baremetal.virt.network_reach_info:
    targets: "{{ all_here | baremetal.virt.network_targets(inventory_hostname) }}"
"""

RETURN = r"""
missing:
  description: What is not reached, or not connected; a sentence each.
  returned: always
  type: list
  elements: str
  sample: ["On pve1, link 1 to node 2 is not connected."]
view:
  description: What the node sees, for O(before) of a later task.
  returned: always
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.model.network.target import Target
from ..module_utils.model.network.view import view_from
from ..module_utils.observe.network.view import observe
from ..module_utils.observe.node import host
from ..module_utils.site.network.confirmation import not_whole
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    targets, node = [Target(**one) for one in params["targets"]], host.observe(reader).name
    view, before = observe(reader, targets), params["before"]
    missing = not_whole(node, view, targets, view_from(before) if before else None)
    return {"missing": missing, "view": view.document}


TARGET = {
    "address": {"type": "str", "required": True},
    "what": {"type": "str", "required": True},
    "mtu": {"type": "int", "default": 1500},
    "source": {"type": "str", "default": ""},
}
INQUIRY = Inquiry(
    name="network_reach_info",
    argument_spec={
        "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
        "before": {"type": "dict"},
        "timeout": {"type": "int", "default": 30},
        "interval": {"type": "int", "default": 1},
    },
    answer=answer,
    waiting=Waiting("the networks of the nodes", "missing", ("missing",), "No network of another node is changed."),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
