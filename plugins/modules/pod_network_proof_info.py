#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_network_proof_info
short_description: Prove that pods reach each other, whole and as themselves
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Sends packets from the namespace of every pod of this node to all other pods, on this node and elsewhere, from the
    node to all pods, and from pods to services and servers of names.
  - That it is connected is not enough. The other end tells which address it has seen, and that has to be the sender's
    own, as the Kubernetes network model knows no NAT between pods.
  - It needs nothing but namespaces. So it can be run before there is a cluster, on namespaces that
    M(baremetal.virt.cni_attachment) has attached, and later on those of real pods.
  - All nodes answer first, with O(answer=true), and then ask.
options:
  node:
    description: Name of this node in O(pods).
    type: str
    required: true
  pods:
    description: Pods of all nodes.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name, for people.
        type: str
        required: true
      node:
        description: The node that it is on.
        type: str
        required: true
      netns:
        description: Path of its namespace there.
        type: str
        required: true
      addresses:
        description: Its addresses, of IPv4 and IPv6, without a prefix.
        type: list
        elements: str
        required: true
  answer:
    description: Answer in the namespaces of this node's pods for O(seconds), and ask nothing.
    type: bool
    default: false
  seconds:
    description: How long to answer.
    type: int
    default: 120
  mtu:
    description: Size of packets that have to arrive whole, without being cut; V(0) to try none.
    type: int
    default: 0
  targets:
    description: Services that pods have to reach.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: Its address.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        required: true
      name:
        description: It is a server of names, and has to know an address for this one.
        type: str
        default: ""
attributes:
  check_mode:
    description: Reads only, but for the answers that it gives for a while.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Every node answers for its pods
  baremetal.virt.pod_network_proof_info:
    node: "{{ inventory_hostname }}"
    pods: "{{ probes }}"
    answer: true

- name: Every pod is reached as itself
  baremetal.virt.pod_network_proof_info:
    node: "{{ inventory_hostname }}"
    pods: "{{ probes }}"
    mtu: 1450
    targets:
      - {address: 10.96.0.10, port: 53, name: kubernetes.default.svc.cluster.local}
  register: proof
  failed_when: proof.faults | length > 0
"""

RETURN = r"""
faults:
  description: What is not as it should be, a sentence each.
  returned: always
  type: list
  elements: str
  sample: ["From a to b on node2 (10.244.2.2, port 48211): the other end sees 172.20.0.11 instead of 10.244.1.2."]
trials:
  description: All that was tried.
  returned: always
  type: list
  elements: dict
  contains:
    what:
      description: From where to where.
      type: str
    address:
      description: The address that was asked.
      type: str
    connected:
      description: Whether there was an answer.
      type: bool
    ok:
      description: Whether all is as it should be.
      type: bool
    topic:
      description: V(not_reached), V(nat_between_pods), V(packets_too_large) or V(name_unknown) if not.
      type: str
    text:
      description: The same for people.
      type: str
    source_seen:
      description: The address that the other end has seen, where it tells.
      type: str
    source_expected:
      description: Those that it should see.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cni.proof import pods_from, targets_from
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cni.proof import judged, trials_of
from ..module_utils.observe.cni import proof
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import pod_echo


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    pods, node = pods_from(params), params["node"]
    if params["answer"]:
        proof.answer(reader, [pod.netns for pod in pods if pod.node == node], params["seconds"])
        return {"faults": [], "trials": []}
    trials = list(trials_of(node, pods, targets_from(params), params["mtu"]))
    verdicts = [judged(trial, seen) for trial, seen in proof.observe(reader, trials)]
    return {"faults": [one.text for one in verdicts if not one.ok], "trials": [vars(one) for one in verdicts]}


STR = {"type": "str", "required": True}
INQUIRY = Inquiry(
    name="pod_network_proof_info",
    argument_spec={
        "node": STR,
        "pods": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": STR,
                "node": STR,
                "netns": STR,
                "addresses": {"type": "list", "elements": "str", "required": True},
            },
        },
        "answer": {"type": "bool", "default": False},
        "seconds": {"type": "int", "default": 120},
        "mtu": {"type": "int", "default": 0},
        "targets": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "address": STR,
                "port": {"type": "int", "required": True},
                "name": {"type": "str", "default": ""},
            },
        },
    },
    answer=answer,
    programs=(pod_echo,),
    patience=120,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
