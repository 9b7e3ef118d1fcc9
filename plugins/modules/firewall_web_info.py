#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_web_info
short_description: Try the web interface of a node from the controller, over a new connection
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Asks the HTTPS API of the node for its release. It runs on the controller.
extends_documentation_fragment:
  - baremetal.virt.access_api
options:
  may_be_off:
    description: That it is not reached is an answer, too, and no failure.
    type: bool
    default: false
requirements:
  - proxmoxer and requests, on the controller
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: See whether the web interface of every node is reached from here
  baremetal.virt.firewall_web_info:
    may_be_off: true
  register: web
"""

RETURN = r"""
answered:
  description: Whether it was reached. If not, C(msg) says why.
  returned: always
  type: bool
release:
  description: The release of Proxmox VE; nothing where it is not installed.
  returned: when it was reached
  type: str
  sample: 9.2.11
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import NODE, Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.access.release import VERSION
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    told = reader.get(VERSION, NODE)
    return {"answered": True, "release": told["version"] if told else None}


INQUIRY = Inquiry(
    name="firewall_web_info",
    argument_spec={
        "api": {"type": "dict", "options": API},
        "may_be_off": {"type": "bool", "default": False},
    },
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
