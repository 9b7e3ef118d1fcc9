#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_network
short_description: Give a node the networks of its pods, as lists of CNI plugins
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Writes network configuration lists into the directory of the container runtime, in the way that makes containerd
    notice them. Files of others stay as they are.
  - A list is read as libcni reads it, and each of its plugins is asked which versions of the specification it knows.
    What could not work is refused before anything is written. That is a list without a version, one that a plugin does
    not know, a plugin that is missing, addresses that the node, the services or another list have already, a bridge
    that still has the address of a former cluster, and masquerading that hides pods from each other.
  - RV(wins) tells for each runtime which file it takes, as each has its own order, and its own way at a file that does
    not load.
  - Where a runtime answers at O(runtime_socket), the task has succeeded when that has loaded the list.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  lists:
    description: The files. A file that is not listed is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      file:
        description: Name of the file. It ends in C(.conflist); containerd and CRI-O go by its alphabetical order.
        type: str
        required: true
      config:
        description:
          - The network configuration list, as the specification has it, with C(cniVersion), C(name) and C(plugins).
          - C(cniVersion) has to be quoted, as it is a text.
        type: dict
      state:
        description: Whether the file is to be there.
        type: str
        choices: [present, absent]
        default: present
  conf_dir:
    description: Directory of the runtime. Each handler of a runtime may have one of its own.
    type: str
    default: /etc/cni/net.d
  bin_dirs:
    description: Where the runtime looks for plugins, in this order. Debian has them in C(/usr/lib/cni).
    type: list
    elements: str
    default: [/opt/cni/bin, /usr/lib/cni]
  package:
    description: Install Debian's package C(containernetworking-plugins).
    type: bool
    default: false
  archive:
    description: Unpack the archive that the makers of plugins publish, into the first of O(bin_dirs).
    type: dict
    suboptions:
      url:
        description: Where it is.
        type: str
        required: true
      sha256:
        description: Its SHA-256.
        type: str
        required: true
      proxy:
        description: URL of a proxy.
        type: str
        default: ""
  pod_prefixes:
    description: Prefixes of all pods of the cluster, such as V(10.244.0.0/16).
    type: list
    elements: str
    default: []
  service_prefixes:
    description: Prefixes of its services, such as V(10.96.0.0/12).
    type: list
    elements: str
    default: []
  mtu:
    description: MTU of the network between the nodes; V(0) for that of the interface with the node's default route.
    type: int
    default: 0
  overhead:
    description: What an overlay takes of each packet, such as V(50) for VXLAN over IPv4.
    type: int
    default: 0
  runtime:
    description: Whose order decides whether a warning is given that another file wins.
    type: str
    choices: [containerd, cri-o, cnitool]
    default: containerd
  max_conf_num:
    description: How many files containerd takes, as its option C(max_conf_num) has it. V(0) for all.
    type: int
    default: 1
  runtime_socket:
    description: Socket of the runtime's CRI. Where there is none, nobody is asked.
    type: str
    default: /run/containerd/containerd.sock
  bridges_removed:
    description:
      - Bridges that may be removed when they have an address of a former cluster. One that something is attached to
        stays, and the list is refused.
    type: list
    elements: str
    default: []
seealso:
  - module: baremetal.virt.cni_network_info
"""

EXAMPLES = r"""
- name: A bridge for the pods of this node, with ports of the host
  baremetal.virt.cni_network:
    package: true
    pod_prefixes: [10.244.0.0/16]
    service_prefixes: [10.96.0.0/12]
    lists:
      - file: 10-pods.conflist
        config:
          cniVersion: "1.0.0"
          name: pods
          plugins:
            - type: bridge
              bridge: cni0
              isGateway: true
              ipam:
                type: host-local
                ranges: [[{subnet: 10.244.1.0/24}]]
                routes: [{dst: 0.0.0.0/0}]
            - type: portmap
              capabilities: {portMappings: true}

- name: Another list is not wanted any more
  baremetal.virt.cni_network:
    lists:
      - {file: 87-old.conflist, state: absent}
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
wins:
  description: For each runtime the files that it takes, and the one that keeps it from having any network.
  returned: always
  type: dict
  sample:
    containerd: {files: [10-pods.conflist], stopped_by: ""}
    cri-o: {files: [10-pods.conflist], stopped_by: ""}
    cnitool: {files: [10-pods.conflist], stopped_by: ""}
"""

from ..module_utils.decide.cni.desired import desired_from
from ..module_utils.decide.cni.network import decide
from ..module_utils.engine.subject import Subject
from ..module_utils.model.cni.node import BIN_DIRS, CONF_DIR, SOCKET
from ..module_utils.model.cni.winner import RUNTIMES
from ..module_utils.observe.cni.node import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import cni_runtime, cri_ask

_NAMES = {"type": "list", "elements": "str", "default": []}
SUBJECT = Subject(
    name="cni_network",
    argument_spec={
        "lists": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "file": {"type": "str", "required": True},
                "config": {"type": "dict"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            },
        },
        "conf_dir": {"type": "str", "default": CONF_DIR},
        "bin_dirs": {"type": "list", "elements": "str", "default": list(BIN_DIRS)},
        "package": {"type": "bool", "default": False},
        "archive": {
            "type": "dict",
            "options": {
                "url": {"type": "str", "required": True},
                "sha256": {"type": "str", "required": True},
                "proxy": {"type": "str", "default": ""},
            },
        },
        "pod_prefixes": _NAMES,
        "service_prefixes": _NAMES,
        "mtu": {"type": "int", "default": 0},
        "overhead": {"type": "int", "default": 0},
        "runtime": {"type": "str", "choices": list(RUNTIMES), "default": "containerd"},
        "max_conf_num": {"type": "int", "default": 1},
        "runtime_socket": {"type": "str", "default": SOCKET},
        "bridges_removed": _NAMES,
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=20,
    programs=(cni_runtime, cri_ask),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
