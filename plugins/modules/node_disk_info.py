#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_disk_info
short_description: Wait until a node has an empty disk
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Waits until the disk that is meant is there, such as one that somebody is just putting in.
  - Changes nothing. In check mode it does not wait.
options:
  name:
    description:
      - Any name of the disk, such as its serial number.
      - The only empty disk of the node when not given.
    type: str
  but:
    description: Names of disks that are not meant in any case, such as the one that is being replaced.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait.
    type: int
    default: 3600
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
- name: Wait for the new disk
  baremetal.virt.node_disk_info:
    name: ZC1A0F3P
  register: new
"""

RETURN = r"""
device:
  description: A name of the disk that does not change; V(null) when it is not there.
  returned: always
  type: str
  sample: /dev/disk/by-id/ata-ST4000NM002A_ZC1A0F3P
missing:
  description: Why no disk is chosen; empty when one is.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.node.disk import choose
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry, Waiting
from ..module_utils.observe.node.disk import observe_disks
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return choose(observe_disks(reader), params["name"], params["but"])


INQUIRY = Inquiry(
    name="node_disk_info",
    argument_spec={
        "name": {"type": "str"},
        "but": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "int", "default": 3600},
        "interval": {"type": "int", "default": 5},
    },
    answer=answer,
    waiting=Waiting("the disk", "missing", ("missing",), "Put the disk in, or say which one is meant."),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
