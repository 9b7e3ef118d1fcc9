#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_rehearsal_info
short_description: Say whether a restored copy runs, answers, and has every volume of its guest
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Compares the volumes of a copy with those of its guest, one by one, and asks the copy's agent. It runs on the
    controller, over the HTTPS API.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  guest:
    description: The number of the guest.
    type: int
    required: true
  copy:
    description: The number of its copy.
    type: int
    required: true
  left_out:
    description: Volumes that are meant to be in no backup, such as V(scsi1).
    type: list
    elements: str
    default: []
  ask:
    description:
      - V(agent) asks QEMU's agent inside. V(running) is content with a copy that runs, which is all that is to be known
        of a container, or of a machine without the agent, as it has no network.
    type: str
    choices: [agent, running]
    default: agent
  timeout:
    description: Seconds in which the copy has to answer.
    type: int
    default: 300
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: How it went
  baremetal.virt.backup_rehearsal_info:
    guest: 100
    copy: 9100
    left_out: [scsi1]
  run_once: true
  register: rehearsal
"""

RETURN = r"""
verdict:
  description:
    - V(restored) when the copy answers and has every volume. V(partial) when one is missing, whatever else is well.
      V(silent) when it does not answer. V(none) when there is no copy, or no guest.
  returned: always
  type: str
  sample: partial
missing:
  description: Volumes of the guest that the copy does not have, and why.
  returned: always
  type: dict
  sample: {scsi1: backup=no}
restored:
  description: Volumes of the copy.
  returned: always
  type: list
  elements: str
  sample: [scsi0]
waiting:
  description: What it waited for in vain.
  returned: always
  type: list
  elements: str
  sample: []
problems:
  description: The same in sentences.
  returned: always
  type: list
  elements: str
  sample: ['scsi1: backup=no.']
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.datacenter.rehearsal import desired_from
from ..module_utils.decide.datacenter.rehearsal_info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.datacenter.rehearsal_parameters import ASKED
from ..module_utils.observe.datacenter.rehearsal import answers, observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, desired_from(params))
    copy = observed.copy if observed.running else None
    by_agent = params["ask"] == "agent" and copy is not None and copy.kind == "qemu"
    answered = copy is not None and (answers(reader, copy) if by_agent else True)
    return describe(observed, answered, params["left_out"])


INQUIRY = Inquiry(
    name="backup_rehearsal_info",
    argument_spec=ASKED,
    answer=answer,
    settles="waiting",
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
