#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_paths_info
short_description: Try the links of a node before it joins a cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Sends some packets of the interface's full size from each link address of this node to the same link of every other
    node, and asks the API of the member it is to join through for the time.
  - Takes a second for each link of each other node. It is meant for a node that is about to join, and for no other.
  - What it returns is what O(baremetal.virt.cluster#module:paths) takes, which refuses links that are not fit.
options:
  links:
    description: This node's own address on each link, in order, as RV(baremetal.virt.cluster_info#module:links) says.
    type: list
    elements: str
    required: true
  others:
    description: The other nodes.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the node., type: str, required: true}
      links: {description: Its addresses in order., type: list, elements: str, required: true}
  peer:
    description: The member to join through. Its API (port 8006) is asked for the time.
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
- name: Try the links to the first node
  baremetal.virt.cluster_paths_info:
    links: [10.10.2.12]
    others:
      - {name: pve1, links: [10.10.2.11]}
    peer: 10.10.2.11
  register: tried
"""

RETURN = r"""
paths:
  description:
    - What O(baremetal.virt.cluster#module:paths) takes. C(ways) has an entry for each link of each other node, with
      the latency in milliseconds.
    - C(skew) is the number of seconds that the clock of C(peer) is ahead; null when its API does not answer.
  returned: always
  type: dict
  sample:
    peer: 10.10.2.11
    skew: 0.2
    ways:
      - node: pve1
        link: 0
        source: 10.10.2.12
        address: 10.10.2.11
        mtu: 1500
        tried: true
        reached: true
        whole: true
        latency: 0.21
"""

from dataclasses import asdict
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.cluster.paths import observe
from ..module_utils.transport.module import run_inquiry

_OTHER = {
    "name": {"type": "str", "required": True},
    "links": {"type": "list", "elements": "str", "required": True},
}


def answer(reader: Reader, params: Any) -> dict[str, Any]:
    return {"paths": asdict(observe(reader, params["links"], params["others"], params["peer"]))}


INQUIRY = Inquiry(
    name="cluster_paths_info",
    argument_spec={
        "links": {"type": "list", "elements": "str", "required": True},
        "others": {"type": "list", "elements": "dict", "required": True, "options": _OTHER},
        "peer": {"type": "str"},
    },
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
