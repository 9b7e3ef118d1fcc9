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
    node, and asks the API of the lead, the member to join through, for the time.
  - Asks on the wire (ARP and ND) whether another machine has one of these link addresses, too. That is all it does on
    a node without a lead, which is to create the cluster.
  - Takes a second for each link of each other node. It is meant for a node that is about to create a cluster or to join
    one, and for no other.
  - What it returns is what O(baremetal.virt.cluster#module:context) takes. That module refuses links that are not fit.
options:
  links:
    description: This node's own address on each link, in order, as RV(baremetal.virt.cluster_info#module:links) says.
    type: list
    elements: str
    required: true
  context:
    description:
      - What the filter P(baremetal.virt.cluster_view#filter) says of this node in the light of all others.
      - Tried are the links to all its C(nodes), and to the C(nodes) of its C(lead) that are C(online).
    type: dict
    required: true
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Try the links to the lead
  baremetal.virt.cluster_paths_info:
    links: [10.10.2.12]
    context:
      lead: { address: 10.10.2.11 }
      nodes:
        - { name: pve1, links: [10.10.2.11] }
  register: tried
"""

RETURN = r"""
context:
  description:
    - O(context) with C(paths), what was found.
    - C(paths.ways) has an entry for each link of each other node, with the latency in milliseconds. C(paths.skew) is
      the number of seconds that the clock of the lead is ahead; null when its API does not answer.
    - C(paths.strangers) has an entry for each of this node's addresses that another machine has, too, and
      C(paths.unknown) says where nobody could be asked for that.
  returned: always
  type: dict
  sample:
    lead: {address: 10.10.2.11, version: null, nodes: null, authorized_keys: null, qdevice: null}
    nodes:
      - {name: pve1, state: standalone, links: [10.10.2.11], mtus: [], debian: ""}
    silent: []
    third_vote: false
    paths:
      lead: 10.10.2.11
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
      strangers: []
      unknown: []
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..module_utils.decide.cluster.context import context_from
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cluster.links import Links
from ..module_utils.observe.cluster.paths import observe
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import find_strangers


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    context = context_from(params["context"])
    return {"context": replace(context, paths=observe(reader, Links.in_order(params["links"]), context)).document()}


INQUIRY = Inquiry(
    name="cluster_paths_info",
    argument_spec={
        "links": {"type": "list", "elements": "str", "required": True},
        "context": {"type": "dict", "required": True},
    },
    answer=answer,
    programs=(find_strangers,),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
