#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: chrony_info
short_description: Tell where a node has its time from, and how far the clocks of others are from its own
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Each node by itself may say that all is well while the clocks are a minute apart. So the clocks of others are read
    by their web servers, which tell whole seconds.
  - Fails when something is missing after O(timeout) seconds.
options:
  peers:
    description: Name to address of nodes whose clocks are compared.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for the clocks to come together.
    type: int
    default: 90
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.chrony
"""

EXAMPLES = r"""
- name: See that the clocks of the nodes agree
  baremetal.virt.chrony_info:
    peers:
      pve2: 192.0.2.12
      pve3: 192.0.2.13
"""

RETURN = r"""
reference:
  description: V(source), V(local) for nothing but its own clock, or V(none).
  returned: always
  type: str
source:
  description: The address of the source.
  returned: always
  type: str
offset:
  description: Seconds between the clock and its source.
  returned: always
  type: float
clocks:
  description: Name to the seconds by which its clock is ahead; nothing where that is not known.
  returned: always
  type: dict
missing:
  description: Clocks that are apart, or unknown, in sentences.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.datacenter.chrony import not_together
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.datacenter.chrony import DesiredChrony
from ..module_utils.observe.datacenter.chrony import observe, observe_clocks
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    seen, clocks = observe(reader, DesiredChrony()), observe_clocks(reader, params["peers"])
    tracking = seen.tracking
    return {
        "reference": tracking.reference if tracking else "none",
        "source": tracking.source if tracking else "",
        "offset": tracking.offset if tracking else 0.0,
        "clocks": clocks,
        "missing": list(not_together(seen.node, clocks)),
    }


INQUIRY = Inquiry(
    name="chrony_info",
    argument_spec={"peers": {"type": "dict", "default": {}}, "timeout": {"type": "int", "default": 90}},
    answer=answer,
    settles="missing",
    insists=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
