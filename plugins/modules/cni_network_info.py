#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_network_info
short_description: Tell which networks a node has for pods, and what a Kubernetes on it will meet
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads the lists in the runtime's directory, asks each plugin for its versions, and the runtime for what it has
    loaded. RV(lists) has the form that M(baremetal.virt.cni_network) takes.
  - Looks at what pods on this machine depend on, also where there is no Kubernetes yet, as on a node of Proxmox VE or
    in a guest.
options:
  conf_dir:
    description: Directory of the runtime.
    type: str
    default: /etc/cni/net.d
  bin_dirs:
    description: Where the runtime looks for plugins.
    type: list
    elements: str
    default: [/opt/cni/bin, /usr/lib/cni]
  pod_prefixes:
    description: Prefixes of all pods of the cluster.
    type: list
    elements: str
    default: []
  service_prefixes:
    description: Prefixes of its services.
    type: list
    elements: str
    default: []
  mtu:
    description: MTU of the network between the nodes; V(0) for that of the interface with the node's default route.
    type: int
    default: 0
  overhead:
    description: What an overlay takes of each packet.
    type: int
    default: 0
  max_conf_num:
    description: How many files containerd takes. V(0) for all.
    type: int
    default: 1
  runtime_socket:
    description: Socket of the runtime's CRI. Where there is none, nobody is asked.
    type: str
    default: /run/containerd/containerd.sock
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: What stands in the way of pods on this node
  baremetal.virt.cni_network_info:
    pod_prefixes: [10.244.0.0/16]
  register: pods_here
"""

RETURN = r"""
lists:
  description: The lists that load, with their files.
  returned: always
  type: list
  elements: dict
not_loaded:
  description: Files that do not load, and why.
  returned: always
  type: dict
  sample: {99-x.conflist: it has no plugins}
wins:
  description:
    - For containerd and CRI-O the files that they take, and the one that keeps them from having any network; for
      cnitool the same by the name of the network that it is asked for.
  returned: always
  type: dict
faults:
  description: What is wrong with the lists.
  returned: always
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      type: str
    topic:
      description: What it is about, such as V(bridge_has_other_address).
      type: str
    text:
      description: The same for people.
      type: str
    hint:
      description: What can be done about it.
      type: str
    told:
      description: Whether it is only worth knowing.
      type: bool
silent:
  description: For each file the plugins with the capabilities that they have and do not declare.
  returned: always
  type: dict
  sample: {10-pods.conflist: {bridge: [ipRanges, ips, mac]}}
plugins:
  description: The programs of the plugins that are used, with the versions that they know.
  returned: always
  type: dict
  sample: {bridge: {path: /usr/lib/cni/bridge, versions: ["0.4.0", "1.0.0"], release: "1.1.1"}}
runtime:
  description: What the runtime has loaded, and the ids of what runs there; null where none answers.
  returned: always
  type: dict
mtu:
  description: MTU of the interface with the default route; 0 if there is none.
  returned: always
  type: int
pod_mtu:
  description: For each kind of overlay the largest MTU that pods may have.
  returned: always
  type: dict
  sample: {none: 1500, ipip: 1480, vxlan: 1450, wireguard: 1440}
preflight:
  description: What pods on this machine will meet.
  returned: always
  type: list
  elements: dict
  contains:
    topic:
      description: V(forwarding), V(bridge_filters), V(connections) or V(vxlan_in_vxlan).
      type: str
    text:
      description: The same for people.
      type: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cni.desired import around_from
from ..module_utils.decide.cni.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cni.node import BIN_DIRS, CONF_DIR, SOCKET
from ..module_utils.observe.cni.node import look, settings
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import cni_runtime, cri_ask


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    node = look(reader, (), params["conf_dir"], params["bin_dirs"], params["runtime_socket"])
    return describe(node, around_from(params), params["max_conf_num"], settings(reader))


INQUIRY = Inquiry(
    name="cni_network_info",
    argument_spec={
        "conf_dir": {"type": "str", "default": CONF_DIR},
        "bin_dirs": {"type": "list", "elements": "str", "default": list(BIN_DIRS)},
        "pod_prefixes": {"type": "list", "elements": "str", "default": []},
        "service_prefixes": {"type": "list", "elements": "str", "default": []},
        "mtu": {"type": "int", "default": 0},
        "overhead": {"type": "int", "default": 0},
        "max_conf_num": {"type": "int", "default": 1},
        "runtime_socket": {"type": "str", "default": SOCKET},
    },
    answer=answer,
    programs=(cni_runtime, cri_ask),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
