# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The placement group rule of this collection, for use in inventories and templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.model.ceph.pg import CALCULATED, MODES, Room, choose

DOCUMENTATION = r"""
name: pg_num
short_description: The pg_num of a Ceph pool
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Gives the pg_num that M(baremetal.virt.ceph_pool) would give a new pool.
  - Never more than the monitors' limit per OSD allows; 0 when there is no room for the pool at all.
options:
  _input:
    description: Number of OSDs.
    type: int
    required: true
  size:
    description: Number of replicas; k+m of an erasure coded pool.
    type: int
    default: 3
  mode:
    description: The rule, see O(baremetal.virt.ceph_pool#module:pools[].pg_mode).
    type: str
    choices: [autoscale, calculated, table]
    default: calculated
  share:
    description: The part of all data that is expected in the pool, above 0 and up to 1.
    type: float
    default: 1.0
  used:
    description: Placement group replicas of the pools that exist, that is the sum of their pg_num times size.
    type: int
    default: 0
  max_pg_per_osd:
    description: The monitors' limit C(mon_max_pg_per_osd).
    type: int
    default: 250
"""

EXAMPLES = r"""
- name: Show the pg_num of a pool with three replicas on twelve OSDs
  ansible.builtin.debug:
    msg: "{{ 12 | baremetal.virt.pg_num(size=3) }}"
"""

RETURN = r"""
_value:
  description: The pg_num, a power of two or 0.
  type: int
"""


def pg_num(
    osds: Any, size: int = 3, mode: str = CALCULATED, share: float = 1.0, used: int = 0, max_pg_per_osd: int = 250
) -> int:
    """pg_num of a new pool on so many OSDs."""
    if mode not in MODES:
        raise AnsibleFilterError(f"pg_num: mode is {mode!r}, but must be one of {', '.join(MODES)}")
    if int(osds) < 0 or int(size) < 1 or not 0 < float(share) <= 1:
        raise AnsibleFilterError("pg_num: it must be osds >= 0, size >= 1 and 0 < share <= 1")
    return choose(mode, Room(int(osds), int(used), int(max_pg_per_osd)), int(size), float(share)).pg_num


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"pg_num": pg_num}
