#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_info
short_description: What a node is - name, addresses, releases, repositories, kernel, packages, disks
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Returns what one needs to know of a host before (and after) it is a node of Proxmox VE.
  - For a look from the command line, C(ansible -i inventory proxmox -m baremetal.virt.node_info).
  - C(disks) is made for selections with JMESPath, such as C([?used==null && !rotational && size > `500000000000`]).
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
- name: Look at the node
  baremetal.virt.node_info:
  register: node

- name: Show its empty disks by a name that lasts
  ansible.builtin.debug:
    msg: "{{ node.disks | selectattr('used', 'none') | map(attribute='by_id') }}"
"""

RETURN = r"""
hostname:
  description: Name of the node, without a domain.
  returned: always
  type: str
  sample: pve1
fqdn:
  description: Canonical name of the node.
  returned: always
  type: str
  sample: pve1.example.org
addresses:
  description: Interface → its addresses with the length of their prefix; without loopback and link-local ones.
  returned: always
  type: dict
  sample: {"eno1": ["192.168.10.11/24"], "eno2": ["10.10.2.11/24"]}
release:
  description: What is installed, and what the release for this Debian offers.
  returned: always
  type: dict
  contains:
    debian:
      description: Codename of Debian.
      type: str
      sample: trixie
    pve:
      description: Version of Proxmox VE; V(null) when it is not installed.
      type: str
      sample: "9.1.5"
    offers:
      description: Facts about the release of Proxmox VE for this Debian; absent when this collection knows of none.
      type: dict
      sample:
        pve: 9
        end_of_life: null
        sources: deb822
        components: {"enterprise": "pve-enterprise", "no-subscription": "pve-no-subscription", "test": "pve-test"}
        ceph: {"squid": "19.2", "tentacle": "20.2"}
        ceph_components: {"enterprise": "enterprise", "no-subscription": "no-subscription", "test": "test"}
        keyring_sha256: 136673be77aba35dcce385b28737689ad64fd785a797e57897589aed08db6e45
repositories:
  description: All entries in apt's sources files, switched on or not.
  returned: always
  type: list
  elements: dict
  contains:
    file:
      description: The file the entry is in.
      type: str
      sample: /etc/apt/sources.list.d/proxmox.sources
    line:
      description: Number of its first line.
      type: int
      sample: 1
    enabled:
      description: Whether apt uses it.
      type: bool
      sample: true
    of:
      description: Whose packages it has - V(pve), V(ceph), V(debian) or V(other).
      type: str
      sample: pve
    enterprise:
      description: Whether it needs a subscription.
      type: bool
      sample: false
    types:
      description: V(deb), V(deb-src) or both.
      type: list
      elements: str
      sample: [deb]
    uris:
      description: Where it is.
      type: list
      elements: str
      sample: [http://download.proxmox.com/debian/pve]
    suites:
      description: Suites.
      type: list
      elements: str
      sample: [trixie]
    components:
      description: Components.
      type: list
      elements: str
      sample: [pve-no-subscription]
    signed_by:
      description: The key the entry names; V(null) when every key that apt trusts will do.
      type: str
      sample: /usr/share/keyrings/proxmox-archive-keyring.gpg
kernel:
  description:
    - The running kernel, the newest installed one of Proxmox VE (V(null) for none), and whether a reboot is needed to
      run one of Proxmox VE at all. It never is in a container.
  returned: always
  type: dict
  sample: {"running": "6.14.8-2-pve", "newest": "6.14.11-1-pve", "reboot_required": false}
container:
  description: What kind of container the node runs in; V(null) on hardware and in a virtual machine.
  returned: always
  type: str
  sample: systemd-nspawn
packages:
  description: Versions of the packages that matter here, as far as they are installed.
  returned: always
  type: dict
  sample: {"ceph": "19.2.3-pve1", "corosync": "3.1.9-pve2", "proxmox-ve": "9.1.0", "pve-manager": "9.1.5"}
disks:
  description: All disks.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The kernel's name; it may change with a reboot.
      type: str
      sample: /dev/sda
    by_id:
      description: The names in C(/dev/disk/by-id), which do not change.
      type: list
      elements: str
      sample: ["/dev/disk/by-id/ata-SSD_S123"]
    size:
      description: Size in bytes.
      type: int
      sample: 512110190592
    model:
      description: Model, if the disk tells one.
      type: str
      sample: SSD
    serial:
      description: Serial number, if the disk tells one.
      type: str
      sample: S123
    wwn:
      description: World wide name, if the disk has one.
      type: str
      sample: "0x5002538e00000000"
    rotational:
      description: Whether it is a spinning disk.
      type: bool
      sample: false
    used:
      description:
        - V(null) for an empty disk, else V(mounted), V(ceph), V(LVM), V(ZFS), V(RAID), V(multipath), V(encrypted),
          V(iSCSI) (a LUN of one of Proxmox VE's storages), V(swap), V(partitions), V(filesystem), V(device mapper) or
          V(unreadable).
      type: str
      sample: partitions
    mountpoints:
      description: Where the disk or a part of it is mounted.
      type: list
      elements: str
      sample: []
    signatures:
      description: What is on the disk and its partitions, as lsblk(8) names it.
      type: list
      elements: str
      sample: [gpt, vfat]
    in_use_by:
      description:
        - What lives on the disk, as far as the node can tell; no module wipes such a disk.
        - Empty for a disk with mere signatures, as they are left from a former life, and for an OSD that is not active.
      type: list
      elements: str
      sample: [mounted at /boot/efi]
    of_guests:
      description: What of that is of Proxmox VE's guests, or of a storage for them, in volume groups.
      type: list
      elements: str
      sample: []
"""

from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.node.info import answer
from ..module_utils.transport.module import run_inquiry

INQUIRY = Inquiry(name="node_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
