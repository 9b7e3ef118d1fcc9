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
  sample: [{name: node1, address: 172.20.1.11, asn: 64512, asn_inherited: false, announces: [10.233.64.0/26]}]
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
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.kube.fabric import Fabric
from ..module_utils.model.kube.parameters import KUBERNETES
from ..module_utils.observe.kube.calico import observe
from ..module_utils.site.kube.export import describe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(observe(reader, Fabric("full_mesh", ())))


INQUIRY = Inquiry(name="calico_bgp_info", argument_spec=KUBERNETES, answer=answer, controller=True)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
