#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_attachment_info
short_description: Tell how a container is attached to a network, and what CHECK says of it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads what libcni has stored, whoever attached the container, and has each plugin CHECK it along that.
options:
  network:
    description: Name of the network.
    type: str
    required: true
  container_id:
    description: Id of the container.
    type: str
    required: true
  ifname:
    description: Name of its interface.
    type: str
    default: eth0
  bin_dirs:
    description: Where the plugins are looked for.
    type: list
    elements: str
    default: [/opt/cni/bin, /usr/lib/cni]
  cache_dir:
    description: Where libcni keeps results.
    type: str
    default: /var/lib/cni
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Which address it has
  baremetal.virt.cni_attachment_info:
    network: pods
    container_id: probe
  register: probe
"""

RETURN = r"""
attached:
  description: Whether an attachment is stored.
  returned: always
  type: bool
addresses:
  description: Addresses that it was given.
  returned: always
  type: list
  elements: str
  sample: [10.244.1.2/24]
netns:
  description: Its namespace; empty where an older runtime has not stored it.
  returned: always
  type: str
result:
  description: The result of the ADD, as it is stored.
  returned: always
  type: dict
checkable:
  description: Whether its list can be checked.
  returned: always
  type: bool
failures:
  description: What the plugins say is not as it was made.
  returned: always
  type: list
  elements: dict
  sample: [{plugin: bridge, code: 999, msg: Failed to match addr 10.244.1.2/24 on interface eth0}]
begun:
  description: Whether an ADD was begun that nobody has seen the end of.
  returned: always
  type: bool
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cni.attachment import key_from
from ..module_utils.engine.errors import Unreadable
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cni.attachment import ABSENT, CACHE_DIR, DesiredAttachment
from ..module_utils.model.cni.node import BIN_DIRS
from ..module_utils.observe.cni.attachment import observe
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import cni_runtime


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = DesiredAttachment(
        key_from(params), ABSENT, bin_dirs=tuple(params["bin_dirs"]), cache_dir=params["cache_dir"]
    )
    found = observe(reader, asked)
    if found.unreadable:
        raise Unreadable(f"{found.unreadable}.")
    cached = found.cached
    return {
        "attached": cached is not None,
        "addresses": cached.addresses if cached else [],
        "netns": cached.netns if cached else "",
        "result": dict(cached.result or {}) if cached else {},
        "checkable": found.checkable,
        "failures": [vars(one) for one in found.failures],
        "begun": found.noted is not None,
    }


INQUIRY = Inquiry(
    name="cni_attachment_info",
    argument_spec={
        "network": {"type": "str", "required": True},
        "container_id": {"type": "str", "required": True},
        "ifname": {"type": "str", "default": "eth0"},
        "bin_dirs": {"type": "list", "elements": "str", "default": list(BIN_DIRS)},
        "cache_dir": {"type": "str", "default": CACHE_DIR},
    },
    answer=answer,
    programs=(cni_runtime,),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
