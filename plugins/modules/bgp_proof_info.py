#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: bgp_proof_info
short_description: Tell what is missing of the sessions and routes of a BGP speaker
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Asks BIRD, that of Calico, too, or FRR on a host, and its kernel, and holds what they show against what is expected
    there. What a switch has printed can be given as text. It changes nothing.
  - That a session is up proves no route, and that a route is chosen proves no packet. So each kind of fault is told in
    words of its own.
options:
  speaker:
    description: What speaks BGP there.
    type: str
    choices: [bird, frr, h3c, huawei]
    default: bird
  family:
    description: Whose sessions and routes are looked at. Calico has a BIRD for each.
    type: str
    choices: [ipv4, ipv6]
    default: ipv4
  socket:
    description:
      - The socket of BIRD. By default that of Calico, C(/var/run/calico/bird.ctl), or C(bird6.ctl) for V(ipv6).
    type: path
  text:
    description: What C(display bgp peer ipv4) has printed on a switch of H3C, or C(display bgp peer) on one of Huawei.
    type: str
    default: ""
  peers:
    description: Addresses, or interfaces, with which there is to be a session.
    type: list
    elements: str
    default: []
  prefixes:
    description: 'Prefix that is to be there: its right next hops, an empty list where any is right.'
    type: dict
    default: {}
  reach:
    description: Addresses to which there has to be a way, such as those that packets come from.
    type: list
    elements: str
    default: []
  pools:
    description: The IPPools. Where an overlay carries one, others than BIRD write the kernel's table.
    type: list
    elements: dict
    default: []
    suboptions:
      cidr: {description: The prefix., type: str, required: true}
      ipip: {description: Its ipipMode., type: str, default: Never}
      vxlan: {description: Its vxlanMode., type: str, default: Never}
  services:
    description: Prefixes of services. They are announced, and not in the kernel's table.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at a client of two reflectors
  baremetal.virt.bgp_proof_info:
    peers: [172.20.1.11, 172.20.1.12]
    prefixes:
      10.233.64.0/26: [172.20.1.11]
    reach: [172.20.2.13]
  register: proof

- name: Look at a leaf with FRR, which is to send to the owners of blocks
  baremetal.virt.bgp_proof_info:
    speaker: frr
    peers: [100.64.0.1, 172.20.1.11, 172.20.1.12]
    prefixes:
      10.233.64.128/26: [172.20.1.13]
"""

RETURN = r"""
verdict:
  description: V(proved), V(failed), or V(recovering) while BIRD waits for its neighbours after a start.
  returned: always
  type: str
  sample: failed
faults:
  description: What is not as expected.
  returned: always
  type: list
  elements: dict
  sample: [{topic: down, thing: 172.20.1.11, told: "the session with 172.20.1.11 is Active"}]
neighbours:
  description: The sessions.
  returned: always
  type: list
  elements: dict
  sample: [{name: 172.20.1.11, state: Established, asn: 64512, imported: 4, exported: 1}]
prefixes:
  description: What is chosen, and has a way to its next hop.
  returned: always
  type: list
  elements: str
  sample: [10.233.64.0/26]
recovering:
  description: For how many seconds more it waits at most after a start.
  returned: always
  type: float
  sample: 215.0
waiting_for:
  description: For whom.
  returned: always
  type: list
  elements: str
  sample: [172.20.1.13]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.kube.parameters import BGP_PROOF
from ..module_utils.observe.kube.speaker import observe
from ..module_utils.site.kube.speaker_info import describe, expectation_from
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import bird_socket

_SOCKETS = {"ipv4": "/var/run/calico/bird.ctl", "ipv6": "/var/run/calico/bird6.ctl"}


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    expected = expectation_from(params)
    socket = params["socket"] or _SOCKETS[params["family"]]
    return describe(observe(reader, params["speaker"], socket, params["text"], params["family"]), expected)


INQUIRY = Inquiry(name="bgp_proof_info", argument_spec=BGP_PROOF, answer=answer, programs=(bird_socket,))


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
