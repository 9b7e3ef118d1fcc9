#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ha_watchdog
short_description: Name the watchdog of a node, and tell which one it has
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - HA starts guests of a node elsewhere only as that node resets itself when it is cut off. A watchdog does that.
  - The setting holds from the next boot on. Nothing is restarted here, as a watchdog that loses its keeper resets the
    node.
  - That there is a watchdog is proved by the line in which its driver was named in this boot, and by no setting.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  module:
    description: The module of the kernel, such as V(ipmi_watchdog). Without it, the node is only looked at.
    type: str
seealso:
  - module: baremetal.virt.ha
"""

EXAMPLES = r"""
- name: The watchdog of the board
  baremetal.virt.ha_watchdog:
    module: ipmi_watchdog

- name: Tell which one each node has
  baremetal.virt.ha_watchdog:
  register: watchdog
"""

RETURN = r"""
node:
  description: The node, as it calls itself.
  returned: always
  type: str
  sample: pve1
driver:
  description: The driver that was opened in this boot; empty where none was.
  returned: always
  type: str
  sample: Software Watchdog
module:
  description: The module that the next boot takes.
  returned: always
  type: str
  sample: softdog
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ['name the module of the watchdog in /etc/default/pve-ha-manager: ipmi_watchdog, from the next boot on']
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.datacenter.watchdog import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.datacenter.watchdog import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="ha_watchdog",
    argument_spec={"module": {"type": "str"}},
    desired=desired_from,
    observe=observe,
    decide=decide,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
