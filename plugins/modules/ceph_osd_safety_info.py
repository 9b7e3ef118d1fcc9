#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_osd_safety_info
short_description: Wait until Ceph OSDs may be stopped or destroyed
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Asks Ceph whether OSDs are safe to destroy or may be stopped, or whether all data is where it belongs, and waits for
    it. While it waits it tells how far the movement of data has come.
  - Changes nothing. In check mode it does not wait.
options:
  osds:
    description: Numbers of the OSDs.
    type: list
    elements: int
    default: []
  until:
    description:
      - V(destroy) waits until Ceph calls the OSDs safe to destroy, and no object lacks a copy elsewhere. The first
        alone does not suffice, as what was written lately may still be copied from an OSD that Ceph calls safe.
      - V(stop) waits until all data stays available while they are stopped together.
      - V(clean) waits until all placement groups are active and clean; O(osds) may be empty then.
    type: str
    choices: [destroy, stop, clean]
    required: true
  give_up:
    description:
      - Numbers of OSDs that may be destroyed although that costs redundancy, such as one whose disk has died.
      - Refused all the same while any data cannot be read.
    type: list
    elements: int
    default: []
  timeout:
    description: Seconds to wait. Moving the data of a large disk takes hours.
    type: int
    default: 86400
  interval:
    description: Seconds between two looks.
    type: int
    default: 5
  settled:
    description:
      - Seconds for which it has to stay so. Ceph answers from what its OSDs last reported, every five seconds, so right
        after a change its answer may be that of the time before.
    type: int
    default: 0
attributes:
  check_mode:
    description: Reads only, and does not wait.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Wait until the data of osd.4 is elsewhere
  baremetal.virt.ceph_osd_safety_info:
    osds: [4]
    until: destroy
"""

RETURN = r"""
pending:
  description: What is still in the way, one sentence each; empty when the OSDs are as O(until) asks.
  returned: always
  type: list
  elements: str
progress:
  description: How far the movement of data has come.
  returned: always
  type: str
  sample: 120 of 129 placement groups active and clean, 2.1% of all copies not yet where they belong, 88.0 MB/s
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.ceph.safety import progress, refuse_until
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.observe.ceph.safety import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, params["osds"])
    return {
        "pending": [refusal.reason for refusal in refuse_until(params["until"], observed, params["give_up"])],
        "progress": progress(observed.data),
    }


INQUIRY = Inquiry(
    name="ceph_osd_safety_info",
    argument_spec={
        "osds": {"type": "list", "elements": "int", "default": []},
        "until": {"type": "str", "choices": ["destroy", "stop", "clean"], "required": True},
        "give_up": {"type": "list", "elements": "int", "default": []},
        "timeout": {"type": "int", "default": 86400},
        "interval": {"type": "int", "default": 5},
        "settled": {"type": "int", "default": 0},
    },
    answer=answer,
    waiting=Waiting(
        "Ceph",
        "pending",
        ("progress", "pending"),
        "See `ceph status` and `ceph health detail`; raise timeout if the data only needs longer to move.",
    ),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
