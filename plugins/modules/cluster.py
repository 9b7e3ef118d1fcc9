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
  - Makes the node it runs on right. Without O(lead) the node creates the cluster; with it, it joins through that
    member. A node that is a member already is compared with what is wanted.
  - The lead is the one node that acts for all. It creates the cluster, lets the others join, one after the other,
    writes what changes of the running cluster (M(baremetal.virt.cluster_config)) and asks for the certificate of a
    quorum device (M(baremetal.virt.qdevice)). A joiner is a node that joins through it.
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
    description: Votes of the node. One when not given, V(0) for one that shall not count.
    type: int
  lead:
    description:
      - Where the API (port 8006) of the lead is reached, the member to join through. Absent, this node creates the
        cluster.
    type: str
  context:
    description:
      - What the filter P(baremetal.virt.cluster_view#filter) says of this node in the light of all others. It names the
        lead, so there is no O(lead) with it.
      - With it, wrong links, addresses and names that two nodes have, keys that would be lost, and half-finished joins
        are seen before anything is changed; links and votes of a node that is a member already are not refused, as
        M(baremetal.virt.cluster_config) changes them.
      - C(lead) is the member to join through (C(address), and C(version), C(nodes), C(authorized_keys) and C(qdevice)
        as M(baremetal.virt.cluster_info) says there). C(nodes) are all nodes that are to form the cluster (C(name),
        C(state), C(links), C(mtus), C(debian)).
      - C(silent) are hosts that may be members, and did not answer; a cluster is not created while there are any.
        C(third_vote) says whether a vote from outside of two nodes is planned, or knowingly done without. C(odd_device)
        is the number of nodes, if it is odd and a quorum device is planned for them, which is refused.
      - C(paths) is what was found with O(try_links), as RV(context) has it. A node that is not reached, or not at full
        size, or too slowly, is refused; so is a clock that is off.
    type: dict
  try_links:
    description:
      - This node's own address on each link, in order, as RV(baremetal.virt.cluster_info#module:links) says, if the
        links are to be tried. It is meant for a node that is about to create a cluster or to join one, and takes a
        second.
      - Some packets of the interface's full size are sent from each to the same link of all C(nodes) of O(context), and
        of the C(nodes) of its C(lead) that are C(online). The API of the lead is asked for the time.
      - It is asked on the wire (ARP and ND) whether another machine has one of these addresses, too. That is all on a
        node without a lead.
    type: list
    elements: str
    default: []
  coming:
    description:
      - RV(baremetal.virt.network#module:coming), where a plan is made before the network of the node is changed.
    type: list
    elements: dict
    default: []
  fingerprint:
    description: SHA-256 of the certificate of the lead's API, from M(baremetal.virt.cluster_join_info).
    type: str
  join_method:
    description:
      - What proves to the lead that this node may join. It reaches C(pvecm) on standard input, never on a command line.
      - V(ticket) is a short-lived one, from M(baremetal.virt.cluster_join_info).
      - V(password) is root's password on the lead.
      - V(ssh) has C(pvecm) log in to the lead; M(baremetal.virt.cluster_trust) makes that possible for one join.
    type: str
    choices: [ticket, password, ssh]
    default: ticket
  ticket:
    description: For O(join_method=ticket). Not needed to see the plan in check mode.
    type: str
  password:
    description: For O(join_method=password). Not needed to see the plan in check mode.
    type: str
  latency_limit:
    description: How many milliseconds a packet and its answer may take on a link, on average.
    type: float
    default: 5.0
  allow_public_networks:
    description: Do not warn of a link in a network that is neither of RFC 1918 nor of RFC 4193.
    type: bool
    default: false
  complete:
    description:
      - Prove a join also by what this node sees of the others. Every node is online, corosync expects the votes of all,
        and the certificate of this node is of the cluster's authority.
    type: bool
    default: false
  authority:
    description:
      - With O(complete), the C(authority) that M(baremetal.virt.cluster_join_info) told on the lead before the join.
      - Another one after it is refused, as the certificates of before are no longer good.
    type: str
  join_drops_keys:
    description:
      - Join although keys in root's C(authorized_keys) on this node are not authorised on the lead.
      - They can no longer log in on this node after the join.
    type: bool
    default: false
seealso:
  - module: baremetal.virt.cluster_config
  - module: baremetal.virt.cluster_info
  - module: baremetal.virt.cluster_join_info
"""

EXAMPLES = r"""
- name: Create the cluster on the lead
  baremetal.virt.cluster:
    name: campus
    links: [10.10.2.0/24, 192.168.10.0/24]

- name: Ask the lead for a ticket
  baremetal.virt.cluster_join_info:
    ticket: true
  delegate_to: pve1
  register: pve1_join
  no_log: true

- name: Join through the lead
  baremetal.virt.cluster:
    name: campus
    links: [10.10.2.0/24, 192.168.10.0/24]
    lead: 192.168.10.11
    fingerprint: "{{ pve1_join.fingerprint }}"
    ticket: "{{ pve1_join.ticket }}"
    complete: true
    authority: "{{ pve1_join.authority }}"
"""

RETURN = r"""
context:
  description:
    - O(context) with C(paths), what was found on the links.
    - C(paths.ways) has an entry for each link of each other node, with the latency in milliseconds. C(paths.skew) is
      the number of seconds that the clock of the lead is ahead; null when its API does not answer.
    - C(paths.strangers) has an entry for each of this node's addresses that another machine has, too, and
      C(paths.unknown) says where nobody could be asked for that.
  returned: with O(try_links)
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
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
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

from ..module_utils.decide.cluster.cluster import desired_from
from ..module_utils.decide.cluster.joiner import decide_joiner
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.cluster.join import observe_joiner
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import find_strangers

SUBJECT = Subject(
    name="cluster",
    argument_spec={
        "name": {"type": "str", "required": True},
        "links": {"type": "list", "elements": "str", "default": []},
        "link_priorities": {"type": "list", "elements": "int", "default": []},
        "nodeid": {"type": "int"},
        "votes": {"type": "int"},
        "lead": {"type": "str"},
        "context": {"type": "dict"},
        "try_links": {"type": "list", "elements": "str", "default": []},
        "coming": {"type": "list", "elements": "dict", "default": []},
        "fingerprint": {"type": "str"},
        "join_method": {"type": "str", "choices": ["ticket", "password", "ssh"], "default": "ticket"},
        "ticket": {"type": "str", "no_log": True},
        "password": {"type": "str", "no_log": True},
        "latency_limit": {"type": "float", "default": 5.0},
        "allow_public_networks": {"type": "bool", "default": False},
        "complete": {"type": "bool", "default": False},
        "authority": {"type": "str"},
        "join_drops_keys": {"type": "bool", "default": False, "no_log": False},
    },
    desired=desired_from,
    observe=observe_joiner,
    decide=decide_joiner,
    scope=CLUSTER,
    settle=90,
    programs=(find_strangers,),
    constraints={"mutually_exclusive": [("lead", "context")]},
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
