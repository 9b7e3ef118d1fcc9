#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: qdevice
short_description: Let a node of a Proxmox VE cluster use a quorum device
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Brings the node it runs on as far as O(state) says. C(corosync-qdevice) is installed, trusts the authority of the
    host on which C(corosync-qnetd) runs, has the certificate of the cluster, and casts its vote.
  - Does on one node what C(pvecm qdevice setup) does on all, without SSH logins between the nodes. The role
    P(baremetal.virt.cluster#role) puts the parts together. M(baremetal.virt.cluster_config) names the device in the
    configuration of the cluster.
  - One node leads. It asks for the certificate, and shows it with its key to the others in C(/etc/pve/priv), where only
    root can read, until all of them have it.
  - That it votes is proved by corosync on this node.
  - Upstream's rules are in C(corosync-qdevice(8)) and C(pvecm(1)), "Corosync External Vote Support".
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  state:
    description:
      - V(prepared) has the program, and trusts the authority (O(ca)).
      - V(requested) has a request for the certificate of the cluster, too, if it leads.
      - V(certified) has that certificate. The node that leads needs O(certificate) for it.
      - V(voting) is reached when corosync counts the vote of the device. The node that leads then hides the key again.
      - V(absent) has stopped the program. Its keys stay, so that the device can come back.
    type: str
    choices: [prepared, requested, certified, voting, absent]
    default: voting
  host:
    description: Address of the host of the device. A node that votes through another one has not reached the state.
    type: str
  lead:
    description: Whether this is the node that asks for the certificate.
    type: bool
    default: false
  ca:
    description: Certificate of the authority, RV(baremetal.virt.qdevice_info#module:ca) of the host of the device.
    type: str
  certificate:
    description:
      - Certificate of the cluster in base64, as RV(baremetal.virt.qdevice_info#module:certificate) says on that host.
    type: str
seealso:
  - module: baremetal.virt.qnetd
  - module: baremetal.virt.qdevice_info
  - module: baremetal.virt.cluster_config
"""

EXAMPLES = r"""
- name: Let this node vote with the quorum device that the configuration of the cluster names
  baremetal.virt.qdevice:

- name: Stop using the quorum device
  baremetal.virt.qdevice:
    state: absent
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
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

from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.decide.cluster.qdevice import decide_node, desired_node
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.observe.cluster import arrival
from ..module_utils.observe.cluster.qdevice import observe_node
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="qdevice",
    argument_spec={
        "state": {
            "type": "str",
            "choices": ["prepared", "requested", "certified", "voting", "absent"],
            "default": "voting",
        },
        "host": {"type": "str"},
        "lead": {"type": "bool", "default": False},
        "ca": {"type": "str"},
        "certificate": {"type": "str"},
    },
    desired=desired_node,
    observe=observe_node,
    decide=decide_node,
    scope=CLUSTER,
    settle=30,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
