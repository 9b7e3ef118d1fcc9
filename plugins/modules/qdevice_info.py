#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: qdevice_info
short_description: Tell how far the set-up of a quorum device is, on a node or on the host of the device
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - On a node it tells what M(baremetal.virt.qnetd) needs, and on the host of the device what M(baremetal.virt.qdevice)
    needs. None of it is secret; keys are not read.
options:
  cluster:
    description: On the host of the device, the cluster whose certificate is asked for.
    type: str
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: See whether the quorum device votes
  baremetal.virt.qdevice_info:
  register: device
"""

RETURN = r"""
voting:
  description: Whether corosync on this node counts the vote of the device.
  returned: always
  type: bool
request:
  description: On the node that leads, its request for the certificate of the cluster, in base64; else null.
  returned: always
  type: str
ca:
  description: On the host of the device, the certificate of its authority; else null.
  returned: always
  type: str
certificate:
  description: On the host of the device, the certificate of O(cluster), in base64; else null.
  returned: always
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cluster.qdevice import DesiredQDeviceNode, DesiredQnetd
from ..module_utils.observe.cluster.qdevice import observe_node, observe_server
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    node = observe_node(reader, DesiredQDeviceNode())
    server = observe_server(reader, DesiredQnetd(params["cluster"]))
    return {"voting": node.voting, "request": node.request, "ca": server.ca, "certificate": server.certificate}


INQUIRY = Inquiry(name="qdevice_info", argument_spec={"cluster": {"type": "str"}}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
