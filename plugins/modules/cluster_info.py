#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Tell which Proxmox VE cluster a node is a member of
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads the node's own files of pmxcfs and corosync. C(pvecm) and the API are not used.
  - What it returns has the form that M(baremetal.virt.cluster) takes.
options:
  links:
    description:
      - The links the node is to have, as in O(baremetal.virt.cluster#module:links).
      - A node that is in no cluster yet answers with the addresses these are.
    type: list
    elements: str
    default: []
  votes:
    description: The votes the node is to have.
    type: int
  coming:
    description:
      - RV(baremetal.virt.network#module:coming), where a plan is made before the network of the node is changed.
    type: list
    elements: dict
    default: []
  may_be_off:
    description: Do not fail when the host cannot be reached, but return only RV(answered).
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at the cluster of this node
  baremetal.virt.cluster_info:
  register: cluster_here
"""

RETURN = r"""
answered:
  description: Whether the host was reached. It always was, without O(may_be_off).
  returned: always
  type: bool
host:
  description: How the inventory calls the host that was asked.
  returned: always
  type: str
  sample: pve1
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
address:
  description: The address that the node's name resolves to there; without one, its first link.
  returned: always
  type: str
  sample: 192.168.10.11
addresses:
  description: All addresses of the node that others can reach, with the lengths of their networks' prefixes.
  returned: always
  type: list
  elements: str
  sample: [192.168.10.11/24, 10.10.2.11/24]
state:
  description:
    - V(standalone), V(member), or how far a creation or join got that was cut short (V(creating), V(joining)).
  returned: always
  type: str
  sample: member
member:
  description: Whether the node is a member of a cluster.
  returned: always
  type: bool
name:
  description: Name of the cluster; null without one.
  returned: always
  type: str
  sample: campus
version:
  description: Version of the cluster's configuration, counted up by every change; null without a cluster.
  returned: always
  type: int
  sample: 3
quorate:
  description: Whether the node sees quorum.
  returned: always
  type: bool
links:
  description: The node's address on each link, in order; an empty string where O(links) does not lead to a single one.
  returned: always
  type: list
  elements: str
  sample: [10.10.2.11, 192.168.10.11]
mtus:
  description: MTU of each link's interface; 0 where there is none.
  returned: always
  type: list
  elements: int
  sample: [1500, 9000]
debian:
  description: Release of Debian the node runs on.
  returned: always
  type: str
  sample: "13"
wanted:
  description:
    - What O(links) and O(votes) amount to on this node, as M(baremetal.virt.cluster_config) takes it.
    - An empty string stands for a link to which the node has no single address. Without O(links) there are none.
  returned: always
  type: dict
  sample: {name: pve1, links: [10.10.2.11, 192.168.10.11], votes: 1}
nodeid:
  description: The node's number in the cluster; null without one.
  returned: always
  type: int
  sample: 1
votes:
  description: The node's votes; null without a cluster.
  returned: always
  type: int
  sample: 1
link_priorities:
  description: The priority of each link; 0 where none is set. The link with the higher number is preferred.
  returned: always
  type: list
  elements: int
  sample: [0, 0]
token_coefficient:
  description: As in O(baremetal.virt.cluster_config#module:token_coefficient); null where none is set.
  returned: always
  type: int
  sample: 125
qdevice:
  description: The host of the cluster's quorum device; null without one.
  returned: always
  type: str
nodes:
  description:
    - The nodes of the cluster. C(online) can be believed only with quorum.
    - C(left) are the guests of a node that is not online and was a whole member once; null for any other.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: pve1, nodeid: 1, votes: 1, online: true, left: null, links: {link0: 10.10.2.11, link1: 192.168.10.11}}
dry_run:
  description: Whether the task ran in check mode, by C(--check) or because its play does.
  returned: always
  type: bool
authorized_keys:
  description: Public keys that may log in as root on the node, without the node's own.
  returned: always
  type: list
  elements: dict
  sample:
    - {key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKg4, comment: operator}
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..module_utils.decide.cluster.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.node.host import addresses_from
from ..module_utils.observe.cluster.cluster import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader)
    observed = replace(observed, host=observed.host.after(addresses_from(params.get("coming", ()))))
    seen = describe(observed, params["links"], params.get("votes"))
    return {"answered": True, **seen.document()}


INQUIRY = Inquiry(
    name="cluster_info",
    argument_spec={
        "links": {"type": "list", "elements": "str", "default": []},
        "votes": {"type": "int"},
        "coming": {"type": "list", "elements": "dict", "default": []},
        "may_be_off": {"type": "bool", "default": False},
    },
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
