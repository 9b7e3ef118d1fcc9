#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_daemon
short_description: Run a Ceph monitor, manager or metadata server on a node
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Creates the wanted daemons of this node with C(pveceph), each named after the node, and waits until the cluster
    counts on them. The monitor is in the quorum, the manager and the metadata server are active or standby.
  - The first monitor of a cluster brings a manager with it.
  - A daemon that exists but does not run is started. No daemon is ever removed.
  - Creating monitors and metadata servers changes one file of the cluster, and for metadata servers upstream does so
    without a lock. Run these kinds on one node after the other (C(throttle 1)); managers may be made in parallel.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  kinds:
    description: What this node shall run.
    type: list
    elements: str
    choices: [mon, mgr, mds]
    required: true
  mons:
    description:
      - Names of all nodes that run a monitor, in the order in which they are made. Says which monitor is the first one
        of a new cluster, and warns when their number is even.
      - Without it, a node that finds no monitor takes its own for the first one.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Monitors on three nodes, one after the other
  baremetal.virt.ceph_daemon:
    kinds: [mon]
    mons: [pve1, pve2, pve3]
  throttle: 1

- name: Managers beside them
  baremetal.virt.ceph_daemon:
    kinds: [mgr]
    mons: [pve1, pve2, pve3]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create mon.pve2", "wait until mon.pve2 is in the quorum"]
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

from ..module_utils.decide.ceph.daemon import decide, desired_from
from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.ceph.daemon import DAEMON_KINDS
from ..module_utils.observe.ceph.state import observe
from ..module_utils.observe.cluster import arrival
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_daemon",
    argument_spec={
        "kinds": {"type": "list", "elements": "str", "choices": list(DAEMON_KINDS), "required": True},
        "mons": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=60,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
