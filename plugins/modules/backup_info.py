#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: Tell which backup jobs there are, and whom they leave out
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads backup jobs over the HTTPS API, and tells them in the form that M(baremetal.virt.backup) takes. It runs on the
    controller.
  - Whom they back up is worked out from the jobs that are enabled, and from where guests are now.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  may_be_off:
    description:
      - That the API is not reached from the controller is an answer, too, and no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look who is backed up
  baremetal.virt.backup_info:
  run_once: true
  register: backups

- name: Show who is not
  ansible.builtin.debug:
    var: backups.problems
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
release:
  description: The release of Proxmox VE; nothing where it is not installed.
  returned: always
  type: str
  sample: "9"
covered:
  description: Guests that an enabled job backs up, to a storage that is there where they are.
  returned: always
  type: list
  elements: int
  sample: [100, 101]
uncovered:
  description: The others.
  returned: always
  type: list
  elements: int
  sample: [102]
bound_to_a_node:
  description: Guests that are backed up only while they are on the node of a job, by their numbers.
  returned: always
  type: dict
  sample: {'100': pve1}
problems:
  description: The same in sentences.
  returned: always
  type: list
  elements: str
  sample: ['No enabled job backs up 102, to a storage that is there where they are.']
old_jobs:
  description: Jobs in the file of Proxmox VE before 7.1.
  returned: always
  type: list
  elements: str
  sample: []
jobs:
  description: Backup jobs.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: nightly, schedule: "02:30", storage: vault, all: true}]
variables:
  description: The same as variables of the role P(baremetal.virt.backup#role).
  returned: always
  type: dict
  sample: {backup_jobs: [{id: nightly, schedule: "02:30", storage: vault, all: true}]}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.caller import caller_from
from ..module_utils.decide.datacenter.backup_info import describe, everything
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.datacenter.backup import observe
from ..module_utils.site.inventory.datacenter import backup_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, everything(caller_from(params)))
    return {"answered": True, **describe(observed), "variables": backup_variables(observed)}


INQUIRY = Inquiry(
    name="backup_info",
    argument_spec={"api": {"type": "dict", "options": API}, "may_be_off": {"type": "bool", "default": False}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
