#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_identity_info
short_description: Read what tells a machine and its cluster from others of the same name
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads what stays with a machine when its name or address changes. A saved plan is bound to it; see
    M(baremetal.virt.run_plan).
options: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Know every machine
  baremetal.virt.node_identity_info:
  register: machine
"""

RETURN = r"""
machine_id:
  description: The machine-id, as in machine-id(5); V(none) when there is none.
  returned: always
  type: str
  sample: 5c0b9f0d2a8e4a4f9a52a4a9c5a1d0e3
host_key:
  description: The public half of the SSH server's ed25519 key; V(none) when there is none.
  returned: always
  type: str
product_uuid:
  description: The UUID of the product in the firmware (SMBIOS); V(none) when it does not tell one.
  returned: always
  type: str
authority:
  description: SHA-256 of the file with the cluster's certificate authority; V(none) when there is none.
  returned: always
  type: str
fsid:
  description: The id of the Ceph cluster in C(/etc/pve/ceph.conf); V(none) when it names none.
  returned: always
  type: str
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.node.identity import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return asdict(observe(reader))


INQUIRY = Inquiry(name="node_identity_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
