#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_fleet_info
short_description: What fleets of machines for owners are to be, and who has what
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Makes of fleets the users, pools, rights and machines that they are, as M(baremetal.virt.access),
    M(baremetal.virt.guest_vm) and M(baremetal.virt.guest_container) take them. It changes nothing.
  - Which ids and addresses an owner has stands in the comment of his pool. So whoever leaves moves nobody, and nobody
    gets what was another's. There is no other database.
  - An owner whose last day is over, by the clock of a node, or who gives his machines back, is left as he is.
  - A list of owners that is not understood, is empty, or has lost more than a tenth of them is refused.
extends_documentation_fragment:
  - baremetal.virt.guest_fleets
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  confirm_owners:
    description: The number of owners on a list that has become much shorter, or is empty, as somebody has counted it.
    type: int
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: What a class is to have
  baremetal.virt.guest_fleet_info:
    fleets:
      - id: os-2027
        owners: classes/os-2027.csv
        template: {template: debian13, version: "3"}
        per_owner:
          - {name: vm, cores: 2, memory: 4096}
        ids: {first: 1200, count: 100}
        network: {bridge: vmbr0, first_address: 10.20.0.10/24, gateway: 10.20.0.1}
        expires: "2027-02-28"
        zone: Europe/Berlin
        release: {backup_to: backups}
  register: fleets
"""

RETURN = r"""
access:
  description: Groups, users, roles, pools and entries of the access control list, for M(baremetal.virt.access).
  returned: always
  type: dict
vms:
  description: Virtual machines, as M(baremetal.virt.guest_vm) takes them.
  returned: always
  type: list
  elements: dict
containers:
  description: Containers, as M(baremetal.virt.guest_container) takes them.
  returned: always
  type: list
  elements: dict
owners:
  description: Who has what. C(state) is V(active), V(ending), V(over), V(released), or V(not listed) of somebody who is
    no longer on a list.
  returned: always
  type: list
  elements: dict
  sample:
    - {fleet: os-2027, owner: stu01@pve, pool: os-2027/stu01, machines: {vm: 1200}, state: active, ends: "2027-02-28",
       released: 0}
not_seen:
  description: Guests of which nobody can tell anything, and why.
  returned: always
  type: list
  elements: str
  sample: ["1203: not seen, pve2 is off"]
warnings:
  description: What is not refused, and should be known.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.guest.fleet import decide_fleets
from ..module_utils.decide.guest.fleet_desired import fleets_from
from ..module_utils.engine.errors import Refused
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.guest.fleet_parameters import FLEETS
from ..module_utils.observe.guest import fleet
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    desired = fleets_from(params)
    data = decide_fleets(desired, fleet.observe(reader, desired))
    if data.refusals:
        raise Refused(" ".join(data.refusals), refusals=data.refusals)
    return {
        "access": data.access,
        "vms": data.vms,
        "containers": data.containers,
        "owners": data.states,
        "not_seen": data.not_seen,
        "warnings": data.warnings,
    }


INQUIRY = Inquiry(name="guest_fleet_info", argument_spec=FLEETS, answer=answer, controller=True)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
