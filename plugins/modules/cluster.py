#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster
short_description: Make a node a member of a Proxmox VE cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Makes the node it runs on right. Without O(peer) the node creates the cluster; with O(peer) it joins through that
    member. A node that is a member already is compared with what is wanted.
  - The result is proved from the node's own view. The configuration is the cluster's, the node is online, there is
    quorum, and the web interface serves the certificate of the cluster.
  - A creation or join that was cut short is recognised, and finished where that is safe.
  - Links, votes and identifiers of a running cluster are not changed; a difference is refused with both sides shown.
    M(baremetal.virt.cluster_config) changes links and votes.
  - Joining nodes one at a time is up to the caller; the role P(baremetal.virt.cluster#role) does it.
  - Upstream's rules are in C(pvecm(1)).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  name:
    description:
      - Name of the cluster. At most 15 letters, digits and hyphens.
      - It can never be changed.
    type: str
    required: true
  links:
    description:
      - The node's links in order, link0 first. At most eight.
      - Each is a network in CIDR form, in which the node has exactly one address; or that address; or the name of an
        interface that has exactly one.
      - Without links, link0 is the address that the node's name resolves to.
    type: list
    elements: str
    default: []
  link_priorities:
    description:
      - One number (0 to 255) for each link. The link with the B(higher) number is preferred.
      - Heeded only when the cluster is created.
    type: list
    elements: int
    default: []
  nodeid:
    description: Number of the node in the cluster, from 1. The lowest free one when not given.
    type: int
  votes:
    description: Votes of the node, from 1. One when not given.
    type: int
  peer:
    description: The member to join through. Without it, this node creates the cluster.
    type: dict
    suboptions:
      address:
        description: Where the member's API (port 8006) is reached.
        type: str
        required: true
      version:
        description: Version of the configuration in which O(peer.nodes) were found.
        type: int
      nodes:
        description:
          - The nodes of the running cluster, as RV(baremetal.virt.cluster_info#module:nodes) of the member says.
          - A wrong set of links, an address in use and a half-finished join are then found before anything is changed.
        type: list
        elements: dict
        suboptions:
          name: {description: Name of the node., type: str, required: true}
          nodeid: {description: Its number., type: int, required: true}
          votes: {description: Its votes., type: int, required: true}
          online: {description: Whether it is online., type: bool}
          links: {description: Its addresses; C(link0) and so on., type: dict, required: true}
          left:
            description:
              - Its guests, if it is not online and was a whole member once. Then no other machine joins in its place.
            type: list
            elements: str
      authorized_keys:
        description:
          - Who may log in as root on the member, as RV(baremetal.virt.cluster_info#module:authorized_keys) says.
          - After a join these are the only ones who may log in on this node.
        type: list
        elements: dict
        suboptions:
          key: {description: Type and key., type: str, required: true}
          comment: {description: The key's comment., type: str}
      qdevice:
        description: Host of the quorum device that the cluster has. While it has one, no node can join.
        type: str
  fingerprint:
    description: SHA-256 of the certificate of the peer's API, from M(baremetal.virt.cluster_join_info).
    type: str
  join_method:
    description:
      - What proves to the peer that this node may join. It reaches C(pvecm) on standard input, never on a command line.
      - V(ticket) is a short-lived one, from M(baremetal.virt.cluster_join_info).
      - V(password) is root's password on the peer.
      - V(ssh) has C(pvecm) log in to the peer; M(baremetal.virt.cluster_trust) makes that possible for one join.
    type: str
    choices: [ticket, password, ssh]
    default: ticket
  ticket:
    description: For O(join_method=ticket). Not needed to see the plan in check mode.
    type: str
  password:
    description: For O(join_method=password). Not needed to see the plan in check mode.
    type: str
  nodes:
    description:
      - All nodes that are to form the cluster, with what M(baremetal.virt.cluster_info) says of each.
      - An address or a name that two of them have is then refused before anything is changed.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: How the node calls itself., type: str, required: true}
      state:
        description: See RV(baremetal.virt.cluster_info#module:state).
        type: str
        choices: [standalone, creating, joining, member]
        default: standalone
      links: {description: Its addresses in order., type: list, elements: str, default: []}
      mtus: {description: MTU of each link's interface., type: list, elements: int, default: []}
      debian: {description: Release of Debian it runs on., type: str, default: ""}
  paths:
    description:
      - What a node that is to join found when it tried its links, from M(baremetal.virt.cluster_paths_info).
      - A node that is not reached, or not at full size, or too slowly, is refused; so is a clock that is off.
    type: dict
    suboptions:
      ways:
        description: Each link to each other node.
        type: list
        elements: dict
        required: true
        suboptions:
          node: {description: Name of the other node., type: str, required: true}
          link: {description: Number of the link., type: int, required: true}
          source: {description: This node's address., type: str, required: true}
          address: {description: The other node's address., type: str, required: true}
          mtu: {description: MTU of this node's interface., type: int, required: true}
          tried: {description: Whether it could be tried., type: bool, required: true}
          reached: {description: Whether the other node answered., type: bool, required: true}
          whole: {description: Whether it answered to packets of full size., type: bool, required: true}
          latency: {description: In milliseconds., type: float}
      peer: {description: The member whose API was asked., type: str}
      skew: {description: Seconds that its clock is ahead., type: float}
  latency_limit:
    description: How many milliseconds a packet and its answer may take on a link, on average.
    type: float
    default: 5.0
  allow_public_networks:
    description: Do not warn of a link in a network that is neither of RFC 1918 nor of RFC 4193.
    type: bool
    default: false
  join_drops_keys:
    description:
      - Join although keys in root's C(authorized_keys) on this node are not authorised on the peer.
      - They can no longer log in on this node after the join.
    type: bool
    default: false
  reconfigured:
    description:
      - Do not refuse other links or votes of a node that is a member already.
        M(baremetal.virt.cluster_config) changes them.
    type: bool
    default: false
  silent:
    description: Hosts that may be members, and did not answer. A cluster is not created while there are any.
    type: list
    elements: str
    default: []
  third_vote:
    description:
      - Whether two nodes are to have a vote from outside, or somebody has decided against it. If neither is said, there
        is a warning when two nodes create a cluster.
    type: bool
    default: false
seealso:
  - module: baremetal.virt.cluster_config
  - module: baremetal.virt.cluster_info
  - module: baremetal.virt.cluster_join_info
"""

EXAMPLES = r"""
- name: Create the cluster on the first node
  baremetal.virt.cluster:
    name: campus
    links: [10.10.2.0/24, 192.168.10.0/24]

- name: Ask the first node for a ticket
  baremetal.virt.cluster_join_info:
    ticket: true
  delegate_to: pve1
  register: pve1_join
  no_log: true

- name: Join through the first node
  baremetal.virt.cluster:
    name: campus
    links: [10.10.2.0/24, 192.168.10.0/24]
    peer:
      address: 192.168.10.11
    fingerprint: "{{ pve1_join.fingerprint }}"
    ticket: "{{ pve1_join.ticket }}"
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create the cluster campus with link0 10.10.2.11, link1 192.168.10.11"]
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.cluster.cluster import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.cluster.cluster import observe
from ..module_utils.transport.module import run_module

_MEMBER = {
    "name": {"type": "str", "required": True},
    "nodeid": {"type": "int", "required": True},
    "votes": {"type": "int", "required": True},
    "online": {"type": "bool"},
    "links": {"type": "dict", "required": True},
    "left": {"type": "list", "elements": "str"},
}
_KEY = {"key": {"type": "str", "required": True, "no_log": False}, "comment": {"type": "str"}}
_PEER = {
    "address": {"type": "str", "required": True},
    "version": {"type": "int"},
    "nodes": {"type": "list", "elements": "dict", "options": _MEMBER},
    "authorized_keys": {"type": "list", "elements": "dict", "options": _KEY, "no_log": False},
    "qdevice": {"type": "str"},
}
_NODE = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["standalone", "creating", "joining", "member"], "default": "standalone"},
    "links": {"type": "list", "elements": "str", "default": []},
    "mtus": {"type": "list", "elements": "int", "default": []},
    "debian": {"type": "str", "default": ""},
}
_WAY = {
    "node": {"type": "str", "required": True},
    "link": {"type": "int", "required": True},
    "source": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "mtu": {"type": "int", "required": True},
    "tried": {"type": "bool", "required": True},
    "reached": {"type": "bool", "required": True},
    "whole": {"type": "bool", "required": True},
    "latency": {"type": "float"},
}
_PATHS = {
    "ways": {"type": "list", "elements": "dict", "required": True, "options": _WAY},
    "peer": {"type": "str"},
    "skew": {"type": "float"},
}

SUBJECT = Subject(
    name="cluster",
    argument_spec={
        "name": {"type": "str", "required": True},
        "links": {"type": "list", "elements": "str", "default": []},
        "link_priorities": {"type": "list", "elements": "int", "default": []},
        "nodeid": {"type": "int"},
        "votes": {"type": "int"},
        "peer": {"type": "dict", "options": _PEER},
        "fingerprint": {"type": "str"},
        "join_method": {"type": "str", "choices": ["ticket", "password", "ssh"], "default": "ticket"},
        "ticket": {"type": "str", "no_log": True},
        "password": {"type": "str", "no_log": True},
        "nodes": {"type": "list", "elements": "dict", "default": [], "options": _NODE},
        "paths": {"type": "dict", "options": _PATHS},
        "latency_limit": {"type": "float", "default": 5.0},
        "allow_public_networks": {"type": "bool", "default": False},
        "join_drops_keys": {"type": "bool", "default": False, "no_log": False},
        "reconfigured": {"type": "bool", "default": False},
        "silent": {"type": "list", "elements": "str", "default": []},
        "third_vote": {"type": "bool", "default": False},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=90,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
