#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: access_permission_info
short_description: Tell which privileges somebody lacks
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Holds what somebody needs against what the HTTPS API says that he has, and names every missing pair of privilege
    and path at once. It runs on the controller, before a run that would else stop in its middle.
  - A privilege that the release of Proxmox VE does not know is not missed.
extends_documentation_fragment:
  - baremetal.virt.access_automation
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  userid:
    description:
      - The user or token that is meant. By default the token of O(automation), or else whoever asks.
    type: str
  needs:
    description:
      - What is needed, besides what O(automation) needs.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - Where, such as V(/pool/course).
        type: str
        required: true
      privs:
        description:
          - The privileges.
        type: list
        elements: str
        required: true
      propagate:
        description:
          - They are also needed below the path.
        type: bool
        default: true
  required:
    description:
      - Fail when anything is missing.
    type: bool
    default: true
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Stop here if the token cannot make guests
  baremetal.virt.access_permission_info:
    automation:
      id: guests
      pools: [course]
      storages: [vms]

- name: May this token look at the nodes?
  baremetal.virt.access_permission_info:
    needs:
      - path: /nodes
        privs: [Sys.Audit]
    required: false
    api:
      token_id: ann@pve!report
      token_secret: "{{ lookup('ansible.builtin.file', '~/.config/report.token') }}"
  register: access_report
"""

RETURN = r"""
missing:
  description: The pairs that are missing.
  returned: always
  type: list
  elements: dict
  sample: [{path: /storage/vms, priv: Datastore.AllocateSpace}]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.preflight import answer_preflight, asked_from, known_needs
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API, AUTOMATION, NEED
from ..module_utils.observe.access.access import observe_rights
from ..module_utils.observe.access.release import observe as observe_release
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = asked_from(params)
    needs = known_needs(asked.needs, observe_release(reader))
    shown = observe_rights(reader, {need.path for need in needs}, asked.who)
    return answer_preflight(shown, needs, asked.who, params["required"])


INQUIRY = Inquiry(
    name="access_permission_info",
    argument_spec={
        "userid": {"type": "str"},
        "needs": {"type": "list", "elements": "dict", "default": [], "options": NEED},
        "automation": {"type": "dict", "options": AUTOMATION},
        "required": {"type": "bool", "default": True},
        "api": {"type": "dict", "options": API},
    },
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
