#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_cluster
short_description: Install Ceph on a node and initialize the Ceph cluster once
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Installs the wanted release of Ceph with C(pveceph install). If the node's APT sources already name a repository of
    that release (a mirror, for example), they are left as they are.
  - Makes the cluster's configuration with C(pveceph init) when there is none. An existing configuration is never
    initialized again, because that would silently rewrite its networks.
  - Refuses a release that the node's Proxmox VE does not offer, and one that differs from the installed release.
    An upgrade is a procedure of its own.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  release:
    description:
      - Name of the Ceph release, in small letters, such as V(squid).
      - V(default) is squid on Proxmox VE 9 and 8, quincy on 7.
    type: str
    default: default
  repository:
    description:
      - Which repository C(pveceph install) configures when APT knows none of the wanted release.
      - The default of pveceph itself is V(enterprise), which needs a subscription.
    type: str
    choices: [enterprise, no-subscription, test]
    default: no-subscription
  public_network:
    description: Network in CIDR form in which clients reach Ceph. Every Ceph node has an address in it.
    type: str
    required: true
  cluster_network:
    description: Network in CIDR form in which OSDs replicate. The public network when not given.
    type: str
  initialize:
    description: Make the configuration on this node when the cluster has none. Set it on one node.
    type: bool
    default: true
  coming:
    description:
      - RV(baremetal.virt.network#module:coming), where a plan is made before the network of the node is changed.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Install Ceph on every node, and initialize it on the first
  baremetal.virt.ceph_cluster:
    release: squid
    public_network: 10.10.2.0/24
    initialize: "{{ inventory_hostname == ansible_play_hosts | first }}"
"""

RETURN = r"""
host:
  description: Name of this host in the inventory.
  returned: always
  type: str
node:
  description: Name of this node.
  returned: always
  type: str
  sample: pve1
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["install Ceph Squid", "write /etc/pve/ceph.conf (public network 10.10.2.0/24, cluster network 10.10.2.0/24)"]
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

from ..module_utils.decide.ceph.cluster import decide, desired_from
from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.debian.release import CEPH_DEFAULT
from ..module_utils.observe.ceph.cluster import observe
from ..module_utils.observe.cluster import arrival
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_cluster",
    argument_spec={
        "release": {"type": "str", "default": CEPH_DEFAULT},
        "repository": {
            "type": "str",
            "choices": ["enterprise", "no-subscription", "test"],
            "default": "no-subscription",
        },
        "public_network": {"type": "str", "required": True},
        "cluster_network": {"type": "str"},
        "initialize": {"type": "bool", "default": True},
        "coming": {"type": "list", "elements": "dict", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
