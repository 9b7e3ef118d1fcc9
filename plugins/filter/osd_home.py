# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which node an OSD is to be looked for on, from what all nodes know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Optional

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: osd_home
short_description: The node and the disk of a Ceph OSD
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Finds an OSD by its number or by any name of its disk, in what M(baremetal.virt.ceph_info) returned on all nodes.
  - Fails with the list of all OSDs when there is none, or several.
options:
  _input:
    description: Inventory name of a host → what M(baremetal.virt.ceph_info) returned there.
    type: dict
    required: true
  osd:
    description: Number of the OSD.
    type: int
  disk:
    description: A name of its disk, such as its serial number.
    type: str
"""

EXAMPLES = r"""
- name: Show where osd.4 is
  ansible.builtin.debug:
    msg: "{{ infos | baremetal.virt.osd_home(osd=4) }}"
"""

RETURN = r"""
_value:
  description:
    - C(osd) is its number, C(host) the name of its node, C(destroyed) whether it awaits another disk. C(exists) is
      false when a removal that was cut off left only its disk.
    - C(runs_on) is the host of the inventory that can work on it. That is its own node, or, when this could not be
      asked, the first one that could.
    - C(disk_names) are the names of its disk, as far as the node knows it.
  type: dict
"""


def osd_home(infos: Mapping[str, Any], osd: Any = None, disk: Optional[str] = None) -> dict[str, Any]:
    """Where an OSD is, and what is known of its disk."""
    if (osd in (None, "")) == (disk in (None, "")):
        raise AnsibleFilterError("osd_home: say which OSD is meant, by its number or by its disk")
    disks = [(host, one) for host, info in infos.items() for one in info["disks"]]
    known: list[dict[str, Any]] = next((info["osds"] for info in infos.values() if info["osds"]), [])
    if osd in (None, ""):
        found = sorted({number for dummy, one in disks if disk in one["names"] for number in one["osd_ids"]})
        if len(found) != 1:
            there = "; ".join(f"{one['device']} on {host}: {one['osd_ids']}" for host, one in disks) or "none"
            problem = f"carries the OSDs {found}, so say which one by osd" if found else "carries no OSD"
            raise AnsibleFilterError(f"osd_home: the disk {disk} {problem}. Disks with OSDs: {there}")
        number = found[0]
    else:
        number = int(osd)
    entry = next((one for one in known if one["id"] == number), None)
    left = [(host, one) for host, one in disks if number in one["osd_ids"]]
    if entry is None and not left:
        raise AnsibleFilterError(f"osd_home: there is no osd.{number}. There are: {[one['id'] for one in known]}")
    name = entry["host"] if entry else infos[left[0][0]]["node"]
    own = [host for host, info in infos.items() if info["node"] == name]
    return {
        "osd": number,
        "host": name,
        "exists": entry is not None,
        "destroyed": entry is not None and entry["destroyed"],
        "runs_on": next(iter([*own, *infos])),
        "disk_names": [known_as for dummy, one in left for known_as in one["names"]],
    }


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"osd_home": osd_home}
