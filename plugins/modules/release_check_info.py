#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: release_check_info
short_description: Read what keeps a node from the next release of Proxmox VE
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Runs upstream's own checker on the node (C(pve8to9) or C(pve7to8)) and reads its lines. It always exits with 0, so
    its exit code says nothing; that it came to its end is seen in its summary.
  - Looks besides at what the checker does not see, such as repositories in deb822 format and algorithms that the new
    sshd refuses.
  - Each objection is a row. It says who removes it, a playbook or a person, or why it need not be removed.
  - The checker activates storages, and with O(full) it mounts containers that are off. It may take minutes.
options:
  to:
    description: The release that the node is to get. Releases are taken one after the other.
    type: int
    required: true
  full:
    description: Have the checker look at containers, too.
    type: bool
    default: true
  accepted:
    description: Ids of checks that somebody has looked at and that are not to be in the way, such as V(third-party).
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
- name: What keeps the node from Proxmox VE 9
  baremetal.virt.release_check_info:
    to: 9
  register: check
"""

RETURN = r"""
upgraded:
  description:
    - Whether the node runs the release already. Then what is raised is left to do, and nothing is in the way but an
      sshd that would not start.
  returned: always
  type: bool
begun:
  description: Whether sources of the node name the release already.
  returned: always
  type: bool
in_the_way:
  description: What refuses the upgrade; a sentence each, with what removes it.
  returned: always
  type: list
  elements: str
  sample: ["pve1, old-package: openssh-server is 1:9.2p1-2+deb12u5, and has to be at least 1:9.2p1-2+deb12u7. ..."]
checks:
  description: Every check that objects, the gravest of upstream's first.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The row of the table in the documentation; V(unknown) for a sentence that no row knows.
      type: str
    level:
      description: V(FAIL), V(WARN) or V(NOTICE), as upstream has it.
      type: str
    text:
      description: What was found, in upstream's words.
      type: str
    by:
      description: Who found it, V(upstream) or V(baremetal.virt).
      type: str
    fix:
      description: Who removes it, V(automatic), V(person) or V(none).
      type: str
    what:
      description: How it is removed, or why it need not be.
      type: str
    when:
      description: Whether it is a matter of V(before) the upgrade, of V(after) it, or V(never) in the way.
      type: str
    in_the_way:
      description: Whether it refuses the upgrade.
      type: bool
passed:
  description: How many of upstream's checks passed.
  returned: always
  type: int
skipped:
  description: How many it skipped.
  returned: always
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.upgrade import release_check
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.upgrade.release_check import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    release = release_check.release_to(params["to"])
    release_check.check_accepted(params["accepted"])
    return release_check.answer(release, observe(reader, release, params["full"]), params["accepted"])


INQUIRY = Inquiry(
    name="release_check_info",
    argument_spec={
        "to": {"type": "int", "required": True},
        "full": {"type": "bool", "default": True},
        "accepted": {"type": "list", "elements": "str", "default": []},
    },
    answer=answer,
    patience=1800,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
