#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: calico_bgp
short_description: How Calico's nodes tell each other their routes
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Leads a Kubernetes cluster with Calico from the topology that it has to the one that is declared, full mesh, route
    reflectors or top of rack, in an order in which no route is missing at any moment.
  - Peers come first. Nodes whose sessions end for a moment are drained, one at a time. The mesh goes off last. After
    each of these all sessions and routes are looked for, as the nodes themselves tell them in CalicoNodeStatus; if they
    do not come, the mesh comes on again.
  - It runs on the controller, over Kubernetes' API; calicoctl is not needed. All objects are put away first. A run that
    was cut short is finished by the next one.
  - What is as declared is left as it is, whatever its name; so a cluster that was configured by hand is taken over.
    Peers that are not declared stay, and are told.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.kube_api
  - baremetal.virt.bgp_fabric
requirements:
  - kubernetes, on the controller
  - Calico 3.21 or later
options:
  backup_folder:
    description: Folder on the controller for what was there before a change.
    type: path
    required: true
  exclusive:
    description: Peers that are not declared are removed, last.
    type: bool
    default: false
  allow_restart:
    description:
      - A peer that is there and is another one than declared may be changed, although its sessions all end at the same
        moment.
    type: bool
    default: false
  timeout:
    description:
      - Seconds until what is waited for has to be seen; more than the 240 for which BIRD waits after a start.
    type: int
    default: 420
"""

EXAMPLES = r"""
- name: Two racks with two reflectors each
  baremetal.virt.calico_bgp:
    kubeconfig: ~/.kube/config
    backup_folder: ~/calico-backups
    fabric:
      topology: route_reflector
      leaves:
        - {name: leaf1, asn: 65009, address: 172.20.1.254}
        - {name: leaf2, asn: 65010, address: 172.20.2.254}
      groups:
        - name: rr1
          asn: 64512
          leaf: leaf1
          members: [node1, node2, node3]
          reflectors: [node1, node2]
          addresses: {node1: 172.20.1.11, node2: 172.20.1.12, node3: 172.20.1.13}
        - name: rr2
          asn: 64513
          leaf: leaf2
          members: [node4, node5, node6]
          reflectors: [node4, node5]
          addresses: {node4: 172.20.2.11, node5: 172.20.2.12, node6: 172.20.2.13}
      service_prefixes: [10.233.0.0/18]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [switch the mesh off, wait until all routes are there without the mesh]
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
      description: What the step is about.
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back.
      type: bool
"""

from ..module_utils.decide.kube.desired import DesiredCalico, desired_from
from ..module_utils.engine.reader import CLUSTER, Reader
from ..module_utils.engine.subject import Subject
from ..module_utils.model.kube.calico import ObservedCalico
from ..module_utils.model.kube.parameters import CALICO_BGP
from ..module_utils.observe.kube import calico
from ..module_utils.site.kube.calico import decide, undo
from ..module_utils.transport.module import run_module


def observe(reader: Reader, desired: DesiredCalico) -> ObservedCalico:
    return calico.observe(reader, desired.fabric)


SUBJECT = Subject(
    name="calico_bgp",
    argument_spec=CALICO_BGP,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=30,
    undo=undo,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
