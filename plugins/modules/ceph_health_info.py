#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_health_info
short_description: Wait until Ceph is healthy
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Waits until Ceph reports nothing but what is tolerated, and tells while it waits what it is waiting for.
  - Fails when that does not happen in time, with every code that stays and what it means.
  - In check mode it only reports. Checks that were muted in Ceph are tolerated.
options:
  tolerated:
    description: Codes of health checks that may stay, such as V(MON_DISK_LOW).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait.
    type: int
    default: 300
  interval:
    description: Seconds between two looks.
    type: int
    default: 5
attributes:
  check_mode:
    description: Reads only, and does not wait.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Wait for Ceph, whose monitors are known to be short of disk space
  baremetal.virt.ceph_health_info:
    tolerated: [MON_DISK_LOW]
  run_once: true
"""

RETURN = r"""
status:
  description: Ceph's word for its health; V(null) when no monitor answers.
  returned: always
  type: str
  sample: HEALTH_OK
checks:
  description: All checks that are not fulfilled, tolerated ones included. Codes with Ceph's messages.
  returned: always
  type: dict
  sample: {"MON_DISK_LOW": "mons pve1,pve2 are low on available space"}
intolerable:
  description: What is not tolerated, each with what it means; empty on success.
  returned: always
  type: list
  elements: str
lasting:
  description: What of that no waiting ends, as somebody has to do something about it.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.model.ceph.health import explain, judge
from ..module_utils.observe.ceph.state import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    health = judge(observe(reader), params["tolerated"])
    return {
        "status": health.status,
        "checks": {check.code: check.message for check in health.checks},
        "intolerable": [explain(check) for check in health.intolerable],
        "lasting": [explain(check) for check in health.lasting],
    }


INQUIRY = Inquiry(
    name="ceph_health_info",
    argument_spec={
        "tolerated": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "int", "default": 300},
        "interval": {"type": "int", "default": 5},
    },
    answer=answer,
    waiting=Waiting(
        "Ceph", "intolerable", ("intolerable",), "Mend it, or name the code in tolerated if it may stay.", "lasting"
    ),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
