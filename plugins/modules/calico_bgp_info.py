#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: calico_bgp_info
short_description: Tell how Calico's nodes tell each other their routes
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads nodes, peers, sessions and blocks over Kubernetes' API, and tells them also in the form that
    M(baremetal.virt.calico_bgp) takes. It runs on the controller, and changes nothing.
  - With a fabric it also tells which sessions that means, and what is missing of them and of the routes.
options:
  fabric:
    description: A fabric, as O(baremetal.virt.calico_bgp#module:fabric), against which the nodes are held.
    type: dict
extends_documentation_fragment:
  - baremetal.virt.kube_api
requirements:
  - kubernetes, on the controller
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at a cluster that somebody has configured by hand
  baremetal.virt.calico_bgp_info:
    kubeconfig: ~/.kube/config
  register: there

- name: Show it as it would be declared
  ansible.builtin.debug:
    var: there.fabric
"""

RETURN = r"""
fabric:
  description: What is there, as O(baremetal.virt.calico_bgp#module:fabric) takes it; without what only switches know.
  returned: always
  type: dict
  sample: {topology: route_reflector, groups: [{name: rr1, asn: "64512", members: [node1, node2]}]}
mesh:
  description: Whether the mesh is on.
  returned: always
  type: bool
nodes:
  description: The nodes, with what each announces.
  returned: always
  type: list
  elements: dict
  sample: [{name: node1, addresses: [172.20.1.11], asn: 64512, asn_inherited: false, announces: [10.233.64.0/26]}]
peers:
  description: The BGPPeers.
  returned: always
  type: list
  elements: dict
  sample: [{name: rr1-to-leaf1-peer, nodeSelector: "rr-id == 'rr1'", peerIP: 172.20.1.254, asNumber: 65009}]
sessions:
  description: What nodes tell of their sessions, those with a CalicoNodeStatus.
  returned: always
  type: list
  elements: dict
  sample: [{node: node1, peer: 172.20.1.254, state: Established, mesh: false}]
expected:
  description: The sessions that the declaration means, each end with C(name), C(address) and C(asn).
  returned: with a fabric
  type: list
  elements: dict
  sample: [{kind: reflector, one: {name: node1, address: 172.20.1.11, asn: 64512}, other: {name: node3}}]
missing:
  description: What the nodes do not tell of these sessions and of the routes, in sentences.
  returned: with a fabric
  type: list
  elements: str
  sample: [node3 has no session with node1 (Active)]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.kube.fabric import fabric_from
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.kube.fabric import Fabric
from ..module_utils.model.kube.parameters import CALICO_BGP_INFO
from ..module_utils.observe.kube.calico import observe
from ..module_utils.site.kube.export import describe, held_against
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    if not params["fabric"]:
        return describe(observe(reader, Fabric("full_mesh", ())))
    fabric = fabric_from(params["fabric"])
    observed = observe(reader, fabric)
    return {**describe(observed), **held_against(fabric, observed)}


INQUIRY = Inquiry(name="calico_bgp_info", argument_spec=CALICO_BGP_INFO, answer=answer, controller=True)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
