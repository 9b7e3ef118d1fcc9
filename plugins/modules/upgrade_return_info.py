#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_return_info
short_description: Wait until a node is wholly back from its upgrade
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Asks the host of the task how it sees O(node), which may be itself, and waits until nothing is missing. Ask both
    sides, the node and another member, as each of them may take itself for the cluster.
  - Back is a node with quorum on both sides, with every link of corosync connected, its monitor in quorum, its OSDs up,
    and all placement groups active and clean.
  - In check mode it looks once.
options:
  node:
    description: Name of the node, as the cluster knows it.
    type: str
    required: true
  timeout:
    description: Seconds to wait.
    type: int
    default: 3600
  interval:
    description: Seconds between two looks.
    type: int
    default: 5
  settled:
    description: Seconds for which nothing may be missing.
    type: int
    default: 0
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.upgrade_hold
"""

EXAMPLES = r"""
- name: Wait until pve3 is back, as pve1 sees it
  baremetal.virt.upgrade_return_info:
    node: pve3
  delegate_to: pve1
"""

RETURN = r"""
pending:
  description: What is still missing; empty when the node is back.
  returned: always
  type: list
  elements: str
progress:
  description: How far Ceph's data is; empty without Ceph.
  returned: always
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.upgrade.back import how_far, missing
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.observe.upgrade.back import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, params["node"])
    return {"pending": missing(observed), "progress": how_far(observed)}


INQUIRY = Inquiry(
    name="upgrade_return_info",
    argument_spec={
        "node": {"type": "str", "required": True},
        "timeout": {"type": "int", "default": 3600},
        "interval": {"type": "int", "default": 5},
        "settled": {"type": "int", "default": 0},
    },
    answer=answer,
    waiting=Waiting(
        "the node to be back",
        "pending",
        ("pending", "progress"),
        "What was set for its upgrade stays: look at the node, then run the same command again.",
    ),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
