#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: qnetd
short_description: Give Proxmox VE clusters a vote from outside (corosync-qnetd)
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on a Debian host outside of the cluster. Installs and starts C(corosync-qnetd), which listens on TCP port 5403,
    and signs the certificate of a cluster. One host serves any number of clusters.
  - A request that was signed already is not signed again.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  cluster:
    description: Name of the cluster whose request is to be signed. A node of that very cluster is refused as the host.
    type: str
  request:
    description: The request in base64, as RV(baremetal.virt.qdevice_info#module:request) says on a node of the cluster.
    type: str
seealso:
  - module: baremetal.virt.qdevice
  - module: baremetal.virt.qdevice_info
"""

EXAMPLES = r"""
- name: Prepare the host of the quorum device
  baremetal.virt.qnetd:
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

from ..module_utils.decide.cluster.qdevice import decide_server, desired_server
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.cluster.qdevice import observe_server
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="qnetd",
    argument_spec={"cluster": {"type": "str"}, "request": {"type": "str"}},
    desired=desired_server,
    observe=observe_server,
    decide=decide_server,
    settle=15,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
