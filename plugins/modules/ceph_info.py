#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_info
short_description: What Ceph is on a node and in its cluster
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns configuration, daemons, OSDs, disks, CRUSH rules, pools and file systems.
  - Rules, pools and file systems have the form in which M(baremetal.virt.ceph_crush_rule),
    M(baremetal.virt.ceph_pool) and M(baremetal.virt.ceph_fs) take them.
options: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at Ceph
  baremetal.virt.ceph_info:
  register: ceph

- name: Show which OSDs are down
  ansible.builtin.debug:
    msg: "{{ ceph.osds | rejectattr('up') | map(attribute='id') }}"
"""

RETURN = r"""
host:
  description: How the inventory calls the host that was asked.
  returned: always
  type: str
node:
  description: Name of this node.
  returned: always
  type: str
  sample: pve1
release:
  description: Ceph's release; V(null) when its server packages are not installed here.
  returned: always
  type: str
  sample: squid
fsid:
  description: Identity of the cluster; V(null) before C(pveceph init).
  returned: always
  type: str
  sample: 016d18af-7947-4265-a0b6-476a0253f419
public_network:
  description: Network of clients, monitors and OSDs.
  returned: always
  type: str
  sample: 10.10.2.0/24
cluster_network:
  description: Network in which OSDs replicate.
  returned: always
  type: str
  sample: 10.10.3.0/24
silence:
  description: Why nothing is known of the cluster though it has monitors; V(null) when they answer.
  returned: always
  type: str
  sample: "[errno 110] RADOS timed out (error connecting to the cluster)"
health:
  description: Ceph's word for its health; V(null) when nobody can be asked.
  returned: always
  type: str
  sample: HEALTH_OK
checks:
  description: Codes of health checks that are not fulfilled, with Ceph's messages.
  returned: always
  type: dict
  sample: {"MON_DISK_LOW": "mons pve1,pve2 are low on available space"}
mons:
  description: Monitors in the quorum.
  returned: always
  type: list
  elements: str
  sample: [pve1, pve2, pve3]
mgrs:
  description: Managers, active or standby.
  returned: always
  type: list
  elements: str
  sample: [pve1, pve2]
mdss:
  description: Metadata servers, active or standby.
  returned: always
  type: list
  elements: str
  sample: [pve1, pve2]
osds:
  description: All OSDs of the cluster.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its number.
      type: int
    uuid:
      description: Its identity, which is also on its disk.
      type: str
    host:
      description: The node that it runs on, or ran on last. Of one that never ran, its bucket in the CRUSH map.
      type: str
    up:
      description: Whether it runs.
      type: bool
    in:
      description: Whether it holds data.
      type: bool
    device_class:
      description: Its device class.
      type: str
    destroyed:
      description: Whether only its number and its place are kept, for another disk.
      type: bool
    noout:
      description: Whether it may be down without its data being moved.
      type: bool
disks:
  description: The disks of this node that carry OSDs.
  returned: always
  type: list
  elements: dict
  contains:
    device:
      description: A name that does not change.
      type: str
      sample: /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9_S64GNE0R
    names:
      description: All names, serial number and world wide name included.
      type: list
      elements: str
    size:
      description: Size in bytes.
      type: int
    osd_ids:
      description: Numbers of the OSDs.
      type: list
      elements: int
    device_class:
      description: Their device class.
      type: str
crush_rules:
  description: CRUSH rules for replicated pools.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "replicated_rule", "root": "default", "failure_domain": "host", "device_class": null}]
pools:
  description: Pools, without those of file systems and those of Ceph itself.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "vms", "size": 3, "min_size": 2, "pg_mode": "autoscale", "application": "rbd"}]
filesystems:
  description: CephFS file systems.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "cephfs"}]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.ceph.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.ceph.osd import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(observe(reader))


INQUIRY = Inquiry(name="ceph_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
