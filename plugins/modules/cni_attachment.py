#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_attachment
short_description: Attach a network namespace to a network of CNI plugins, or detach it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Calls the plugins of a list as a container runtime does. The result of each is handed to the next. What comes out in
    the end is stored in libcni's form and place, and DEL goes in reverse, along the list and result that are stored.
  - An attachment that is stored and passes CHECK is left alone. One that does not pass is made anew, and the plan tells
    what CHECK said. Failures of CHECK that are known to be the plugin's own, by its version, are told and no reason.
  - An ADD that failed is followed by DEL; the error that is told is the first one. One that was cut short is known by a
    note, and the next run ends it before it begins anew.
  - Before an ADD it looks for what containers that are no more have left. Rules for one of its ports and addresses of
    the network are taken away by DEL along the list that was stored for them. As long as no runtime answers and
    O(containers) is not given, nothing counts as left over.
  - For tests of networks, and for what is no pod. What a Kubernetes runs is attached by its runtime.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  network:
    description: Name of the network, as its list in O(conf_dir) has it.
    type: str
    required: true
  container_id:
    description: Id of the container.
    type: str
    required: true
  ifname:
    description: Name of its interface.
    type: str
    default: eth0
  state:
    description: Whether it is to be attached.
    type: str
    choices: [present, absent]
    default: present
  netns:
    description: Path of the network namespace, such as V(/run/netns/a). Needed for O(state=present).
    type: str
    default: ""
  args:
    description: Arguments for all plugins. C(IgnoreUnknown=1) is among them unless said otherwise.
    type: dict
    default: {}
  capability_args:
    description:
      - Arguments by the name of their capability, such as C(portMappings). One that no plugin of the list declares is
        refused.
    type: dict
    default: {}
  containers:
    description:
      - Ids of all containers that live on the node. By default the runtime at O(runtime_socket) is asked. One whose
        namespace is there lives in any case.
    type: list
    elements: str
  conf_dir:
    description: Directory of the lists.
    type: str
    default: /etc/cni/net.d
  bin_dirs:
    description: Where the plugins are looked for.
    type: list
    elements: str
    default: [/opt/cni/bin, /usr/lib/cni]
  cache_dir:
    description: Where libcni keeps results.
    type: str
    default: /var/lib/cni
  runtime_socket:
    description: Socket of the runtime's CRI.
    type: str
    default: /run/containerd/containerd.sock
seealso:
  - module: baremetal.virt.cni_network
  - module: baremetal.virt.cni_attachment_info
"""

EXAMPLES = r"""
- name: A namespace in the network of the pods, with a port of the host
  baremetal.virt.cni_attachment:
    network: pods
    container_id: probe
    netns: /run/netns/probe
    capability_args:
      portMappings: [{hostPort: 8080, containerPort: 80, protocol: tcp}]

- name: It is taken out again
  baremetal.virt.cni_attachment:
    network: pods
    container_id: probe
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

from ..module_utils.decide.cni.attachment import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.model.cni.attachment import ABSENT, CACHE_DIR, PRESENT
from ..module_utils.model.cni.node import BIN_DIRS, CONF_DIR, SOCKET
from ..module_utils.observe.cni.attachment import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import cni_runtime, cri_ask

SUBJECT = Subject(
    name="cni_attachment",
    argument_spec={
        "network": {"type": "str", "required": True},
        "container_id": {"type": "str", "required": True},
        "ifname": {"type": "str", "default": "eth0"},
        "state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT},
        "netns": {"type": "str", "default": ""},
        "args": {"type": "dict", "default": {}},
        "capability_args": {"type": "dict", "default": {}},
        "containers": {"type": "list", "elements": "str"},
        "conf_dir": {"type": "str", "default": CONF_DIR},
        "bin_dirs": {"type": "list", "elements": "str", "default": list(BIN_DIRS)},
        "cache_dir": {"type": "str", "default": CACHE_DIR},
        "runtime_socket": {"type": "str", "default": SOCKET},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    programs=(cni_runtime, cri_ask),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
