#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_info
short_description: Tell what an upgrade of this node would do, and what is in the way
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs on the node itself, and changes nothing. What apt would do it says from the lists that it has.
  - Tells which packages would come, why the node would be rebooted, and everything of this node alone that has to be
    mended first. What all nodes together decide, such as quorum, Ceph and guests, is asked elsewhere.
  - The kernel of the next boot is read from the boot loader. A pin below C(/etc/kernel), or its end, counts once it has
    reached the boot partitions.
options:
  removals:
    description:
      - Packages that the upgrade may remove. Any other removal is refused.
      - V(*) stands for every package but those without which a node is none.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look at every node before an upgrade
  baremetal.virt.upgrade_info:
  register: upgrade_node

- name: Stop where something is in the way
  ansible.builtin.assert:
    that: not upgrade_node.report.refusals
    fail_msg: "{{ upgrade_node.report.refusals | join(' ') }}"
"""

RETURN = r"""
report:
  description: Everything found.
  returned: always
  type: dict
  contains:
    node: {description: Name of the node., type: str, returned: always}
    current:
      description: Whether nothing is to be done here, as no package is pending or half way, and the right kernel runs.
      type: bool
      returned: always
    updates:
      description: Packages that would come.
      type: list
      elements: dict
      returned: always
      contains:
        package: {description: Its name., type: str}
        installed: {description: The version that is there. Null for a new one., type: str}
        available: {description: The version that would come., type: str}
        security: {description: Whether it comes from Debian's security archive., type: bool}
    removed: {description: Packages that would go., type: list, elements: str, returned: always}
    unfinished:
      description: Packages that dpkg has left half way, and in which state.
      type: dict
      returned: always
    candidates:
      description: Version of each of Proxmox VE's packages that an upgrade would leave there.
      type: dict
      returned: always
    lists_age: {description: Days since apt fetched its lists; null if never., type: int, returned: always}
    kernel:
      description: Which kernel runs, which one boots next, and which one would after the upgrade. Null is unknown.
      type: dict
      returned: always
      contains:
        running: {description: Release of the running kernel., type: str}
        next: {description: Release that the boot loader starts next., type: str}
        after: {description: The same after the upgrade., type: str}
        way: {description: Who starts it., type: str}
    reboot: {description: What would make a reboot necessary., type: list, elements: str, returned: always}
    guests: {description: How many guests run here., type: int, returned: always}
    marked:
      description: Whether an upgrade of this node has begun and not ended, by the note that the cluster keeps.
      type: bool
      returned: always
    master: {description: Whether the HA manager of the cluster works here., type: bool, returned: always}
    boot_id: {description: Differs after every boot., type: str, returned: always}
    services_on_old:
      description: Services that still run programs or libraries that were replaced.
      type: list
      elements: str
      returned: always
    guests_on_old: {description: Virtual machines of which that is true., type: list, elements: int, returned: always}
    drafts: {description: Files of packages that wait for somebody., type: list, elements: str, returned: always}
    cards:
      description: Network cards, what stands on each, and whether another kernel may call it otherwise.
      type: list
      elements: dict
      returned: always
    refusals: {description: What has to be mended first., type: list, elements: str, returned: always}
    boot_refusals:
      description: Why the node must not be booted as it is, whether or not an upgrade needs that.
      type: list
      elements: str
      returned: always
    notices: {description: What is worth knowing., type: list, elements: str, returned: always}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.upgrade.node import report
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.upgrade.node import observe
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import boot_partitions, find_strangers, old_binaries


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"report": report(observe(reader), frozenset(params["removals"]))}


INQUIRY = Inquiry(
    name="upgrade_info",
    argument_spec={"removals": {"type": "list", "elements": "str", "default": []}},
    answer=answer,
    programs=(boot_partitions, find_strangers, old_binaries),
    patience=120,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
