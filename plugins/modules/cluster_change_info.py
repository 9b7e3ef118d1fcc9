#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_change_info
short_description: Tell whether a node confirms the last change of its cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Waits until the node has quorum, its corosync has loaded the cluster's configuration, and every link to every other
    node is connected; or until the time is over.
  - It does not fail. What is still wrong then is returned, for M(baremetal.virt.cluster_config) to judge.
  - Links are looked at only while a change is not proved, or after a removal (O(without)).
options:
  without:
    description:
      - Name of a node that was deleted. It has to be gone from the configuration, and from the votes that corosync
        expects; every link to every node that is online has to be connected.
    type: str
  timeout:
    description: How many seconds to wait.
    type: int
    default: 30
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.cluster_config
"""

EXAMPLES = r"""
- name: Ask this node whether the change works
  baremetal.virt.cluster_change_info:
  register: confirmation

- name: Ask this node whether the cluster is whole now that pve3 was deleted
  baremetal.virt.cluster_change_info:
    without: pve3
  register: confirmation
"""

RETURN = r"""
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
problems:
  description: Why this node cannot confirm the change; empty when it does.
  returned: always
  type: list
  elements: str
  sample: ["link1 to pve3 is not connected"]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cluster.config import problems, problems_without
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.cluster.cluster import observe
from ..module_utils.observe.cluster.running import observe_member
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    if params["without"] is None:
        seen = observe(reader)
        return {"node": seen.host.name, "problems": list(problems(seen))}
    seen = observe_member(reader)
    return {"node": seen.host.name, "problems": list(problems_without(params["without"], seen))}


INQUIRY = Inquiry(
    name="cluster_change_info",
    argument_spec={"timeout": {"type": "int", "default": 30}, "without": {"type": "str"}},
    answer=answer,
    settles="problems",
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
