#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_pool
short_description: Make Ceph pools, and keep their settings
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Creates the listed pools, replicated or erasure coded, and changes the settings of existing ones.
  - The plan gives the reason for every pg_num, and says how much of a pool's data a change moves.
  - Every pool's pg_num follows one rule (O(pools[].pg_mode)) and never puts more placement group replicas on an OSD
    than the monitors allow (C(mon_max_pg_per_osd), 250 by default). If that decides, the plan says so.
  - pg_num is never lowered, and never changed where Ceph's autoscaler is on.
  - No pool is ever removed, and nothing is changed that makes existing data less safe.
  - The result is the same from every node of the cluster, so run this on one (C(run_once)).
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  pools:
    description: The pools. Those that are not listed are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the pool. A pool is never renamed. Another name is another, empty pool; there is a warning when one
            like it exists that is not listed.
        type: str
        required: true
      size:
        description:
          - Number of replicas, 1 to 7, V(3) when not given. Refused when there are fewer hosts with OSDs.
          - Of an erasure coded pool it is k+m.
        type: int
      min_size:
        description:
          - Number of replicas below which the pool stops to serve. V(2) when not given; of an erasure coded pool k+1.
        type: int
      erasure_coding:
        description:
          - Makes an erasure coded pool. Every object is cut into k parts, and m more are computed; any k of them
            suffice to read it. Such a pool can be the C(data-pool) of a storage, whose C(pool) is a replicated one.
          - A pool never changes its kind or its code.
        type: dict
        suboptions:
          k:
            description: Number of parts with data.
            type: int
            required: true
          m:
            description: Number of computed parts, that is how many may be lost.
            type: int
            required: true
          failure_domain:
            description: What no two parts of an object may share.
            type: str
            default: host
          device_class:
            description: Only OSDs of this device class. All when not given.
            type: str
      application:
        description: What the pool is used for.
        type: str
        choices: [rbd, cephfs, rgw]
        default: rbd
      pg_mode:
        description:
          - V(autoscale) leaves pg_num to Ceph's autoscaler. It starts from 32 (or O(pools[].pg_num_min)).
          - V(calculated) takes the power of two that is nearest to OSDs * 100 * O(pools[].share) / size.
          - V(table) takes the preselection that Ceph documented up to release Mimic. Less than 5 OSDs 128, 5 to 10
            OSDs 512, 11 to 50 OSDs 4096; with more OSDs it is calculated.
        type: str
        choices: [autoscale, calculated, table]
        default: autoscale
      share:
        description:
          - The part of all data that is expected in this pool, above 0 and up to 1. For the mode V(calculated), and for
            V(table) with more than 50 OSDs.
          - The listed pools share equally when not given.
        type: float
      target_size_ratio:
        description:
          - How much this pool is expected to hold in relation to the other pools with such a ratio; a hint for the
            autoscaler. V(1.0) when not given.
        type: float
      pg_num_min:
        description: The least pg_num that the autoscaler may choose, a power of two.
        type: int
      bulk:
        description: Whether the autoscaler gives this pool its full number of placement groups from the beginning.
        type: bool
      quota_bytes:
        description:
          - How much the pool may hold, such as V(500G) or V(2Ti); V(0) for any amount. Left as it is when not given.
        type: str
      quota_objects:
        description: How many objects it may hold, V(0) for any number. Left as it is when not given.
        type: int
      crush_rule:
        description:
          - Name of the CRUSH rule (M(baremetal.virt.ceph_crush_rule)).
          - Without it a new pool gets Ceph's default, and an existing one keeps what it has.
        type: str
  planned_osd_hosts:
    description: Names of hosts that will get OSDs, for a plan that is made before these exist.
    type: list
    elements: str
    default: []
  planned_osds:
    description: Number of OSDs there will be, for a plan that is made before the first one exists.
    type: int
    default: 0
  planned_crush_rules:
    description: Names of CRUSH rules there will be, for a plan that is made before these exist.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: A pool for virtual machines, and a small one
  baremetal.virt.ceph_pool:
    pools:
      - name: vms
        target_size_ratio: 0.9
      - name: test
        target_size_ratio: 0.1
  run_once: true

- name: An erasure coded pool, whose content takes one and a half times its size, and the replicated pool beside it
  baremetal.virt.ceph_pool:
    pools:
      - name: archive-data
        erasure_coding: {k: 4, m: 2}
        quota_bytes: 20T
      - name: archive-metadata
        target_size_ratio: 0.01
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["set pool vms: pg_autoscale_mode warn → on"]
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

from ..module_utils.decide.ceph.pool import decide
from ..module_utils.decide.ceph.pool_desired import desired_from
from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.model.ceph.pg import AUTOSCALE, MODES
from ..module_utils.model.ceph.pool import APPLICATIONS
from ..module_utils.observe.ceph.state import observe
from ..module_utils.observe.cluster import arrival
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_pool",
    argument_spec={
        "pools": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "size": {"type": "int"},
                "min_size": {"type": "int"},
                "erasure_coding": {
                    "type": "dict",
                    "options": {
                        "k": {"type": "int", "required": True},
                        "m": {"type": "int", "required": True},
                        "failure_domain": {"type": "str", "default": "host"},
                        "device_class": {"type": "str"},
                    },
                },
                "quota_bytes": {"type": "str"},
                "quota_objects": {"type": "int"},
                "application": {"type": "str", "choices": list(APPLICATIONS), "default": "rbd"},
                "pg_mode": {"type": "str", "choices": list(MODES), "default": AUTOSCALE},
                "share": {"type": "float"},
                "target_size_ratio": {"type": "float"},
                "pg_num_min": {"type": "int"},
                "bulk": {"type": "bool"},
                "crush_rule": {"type": "str"},
            },
        },
        "planned_osd_hosts": {"type": "list", "elements": "str", "default": []},
        "planned_osds": {"type": "int", "default": 0},
        "planned_crush_rules": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=30,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
