#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_osd
short_description: Turn disks of a node into Ceph OSDs
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Creates one OSD on each listed disk with C(pveceph osd create). A disk that already carries an OSD is left alone;
    if that OSD does not run it is started.
  - An OSD whose disk is here but which has no directory, as on a system that was installed anew, is adopted.
  - A disk that is too small is refused. A disk that carries partitions, volumes, a file system or any other signature
    is refused unless it is named in O(wipe).
  - A disk that anything lives on is never wiped, named or not. That is what is mounted, a device that the kernel has
    built on it (RAID, LUKS, bcache, multipath), ZFS, open volumes and those of guests, a volume group that a storage
    uses or that has further disks, and any part of an OSD that Ceph knows, its database or journal included. So is a
    disk that cannot be read.
  - A disk that is seen on two paths is one disk. It becomes one OSD, and what lives on one path lives on the other.
  - No OSD is ever removed.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  osds:
    description: The disks of this node that shall be OSDs.
    type: list
    elements: dict
    required: true
    suboptions:
      device:
        description:
          - A name of the disk, best a path in C(/dev/disk/by-id) or its WWN, which stay the same after a reboot.
          - Give a name (this or O(osds[].serial)), or say what the disks are (O(osds[].model), O(osds[].size),
            O(osds[].rotational), O(osds[].count)).
        type: str
      serial:
        description: The serial number of the disk.
        type: str
      model:
        description: Disks of this model; C(*) and C(?) stand for any characters, and case does not matter.
        type: str
      size:
        description:
          - Disks of this size, such as V(>3.5T) or V(>=500Gi,<2T). C(T) is 10^12 bytes as on a disk's label, C(Ti) is
            2^40.
        type: str
      rotational:
        description: V(true) for spinning disks only, V(false) for others only.
        type: bool
      count:
        description:
          - How many of the disks that fit. Those that already carry an OSD count first, then empty ones in the order of
            their stable names. Refused when there are fewer.
          - All that carry an OSD or are empty, when not given.
        type: int
      db_device:
        description:
          - A faster disk (by any of its names) for the OSD's database. pveceph takes a tenth of the OSD's size from it.
        type: str
      db_size:
        description: Size of the database in GiB.
        type: float
      wal_device:
        description: A faster disk (by any of its names) for the OSD's journal alone. Rarely of use beside a database.
        type: str
      wal_size:
        description: Size of the journal in GiB.
        type: float
      osds_per_device:
        description: Number of OSDs on the disk, for very fast ones. Only looked at when they are created.
        type: int
        default: 1
      osd_id:
        description:
          - Number of a destroyed OSD (M(baremetal.virt.ceph_osd_removal)) whose place this disk takes.
          - Refused as long as that OSD has data.
        type: int
      device_class:
        description: The device class in the CRUSH map. Ceph chooses V(hdd), V(ssd) or V(nvme) when not given.
        type: str
      encrypted:
        description: Encrypt the OSD's data. The key is kept by the monitors.
        type: bool
        default: false
  wipe:
    description:
      - Names of disks whose content may be destroyed to make OSDs on them. Serial numbers or paths in
        C(/dev/disk/by-id).
      - A name that several disks have, such as the serial number of NVMe namespaces, permits nothing.
      - Only disks that are also listed in O(osds) are wiped, and only if they are not in use.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Two OSDs, one of them on a disk that was used before
  baremetal.virt.ceph_osd:
    osds:
      - device: /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9_S64GNE0R
      - serial: ZC1A0F3P
        device_class: hdd
    wipe: [ZC1A0F3P]

- name: Four of the large spinning disks, whatever the kernel calls them
  baremetal.virt.ceph_osd:
    osds:
      - size: ">3.5T"
        rotational: true
        count: 4
"""

RETURN = r"""
host:
  description: Name of this host in the inventory.
  returned: always
  type: str
node:
  description: Name of this node.
  returned: always
  type: str
  sample: pve1
planned_osds:
  description: How many OSDs this node has when the plan is carried out, those included that it has already.
  returned: always
  type: int
  sample: 2
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["create an OSD on /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9_S64GNE0R (1920 GB, serial S64GNE0R)"]
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

from ..module_utils.decide.ceph.osd import decide, desired_from
from ..module_utils.decide.cluster.arrival import await_data
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Premise, Subject
from ..module_utils.observe.ceph.osd import observe
from ..module_utils.observe.cluster import arrival
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ceph_osd",
    argument_spec={
        "osds": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "device": {"type": "str"},
                "serial": {"type": "str"},
                "model": {"type": "str"},
                "size": {"type": "str"},
                "rotational": {"type": "bool"},
                "count": {"type": "int"},
                "db_device": {"type": "str"},
                "db_size": {"type": "float"},
                "wal_device": {"type": "str"},
                "wal_size": {"type": "float"},
                "osds_per_device": {"type": "int", "default": 1},
                "osd_id": {"type": "int"},
                "device_class": {"type": "str"},
                "encrypted": {"type": "bool", "default": False},
            },
        },
        "wipe": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=90,
    premise=Premise(arrival.observe, await_data),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
