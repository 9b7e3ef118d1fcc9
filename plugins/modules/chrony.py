#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: chrony
short_description: Give a node a source of time, and see that it really has one
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Writes sources of time beside Debian's own configuration of chrony, which is left as it is, and proves that the node
    follows one. Its own clock is no source, whatever offset chrony tells.
  - It sets no clock itself. chronyd sets one at once that is more than a second off in its first three updates, as
    Debian's configuration says (C(makestep 1 3)), and brings together slowly what is apart later.
options:
  servers:
    description: Names or addresses of servers of time. Nothing is done when there are none.
    type: list
    elements: str
    default: []
  local:
    description: >-
      Whether the clock of this node is the source of the others where there is no better one. At most one node of a
      site may have that.
    type: bool
    default: false
extends_documentation_fragment:
  - baremetal.virt.attributes
seealso:
  - module: baremetal.virt.chrony_info
"""

EXAMPLES = r"""
- name: Have the time from the servers of the campus
  baremetal.virt.chrony:
    servers: [ntp1.example.net, ntp2.example.net]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [have the time from ntp1.example.net]
steps:
  description: The same steps with their identity (id, topic, why, destructive, possible).
  returned: always
  type: list
  elements: dict
destructive:
  description: The ids of steps that destroy something.
  returned: always
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.datacenter.chrony import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.datacenter.chrony import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="chrony",
    argument_spec={
        "servers": {"type": "list", "elements": "str", "default": []},
        "local": {"type": "bool", "default": False},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=90,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
