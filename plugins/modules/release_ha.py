#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: release_ha
short_description: See the HA groups of Proxmox VE 8 become the rules of 9
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - The HA manager itself turns groups into rules, once every node runs 9. A group that no resource uses is lost by
    that, and a node in maintenance holds it up without a word.
  - With O(state=kept) the groups are kept as they are, in a file that only root can read, and what will become of them
    is told.
  - With O(state=migrated) it is waited for, and every rule is compared with its group. Then the file goes.
  - Does not write groups or rules itself.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  state:
    description: Before the first node is upgraded V(kept), after the last one V(migrated).
    type: str
    choices: [kept, migrated]
    required: true
"""

EXAMPLES = r"""
- name: Keep the groups before the first node runs 9
  baremetal.virt.release_ha:
    state: kept
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["wait for the HA manager to turn the groups into rules"]
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
rules:
  description: What the groups become, by the id of the rule.
  returned: when there are groups, or were
  type: dict
failback:
  description: Which resources with a group go back to a better node.
  returned: when there are groups, or were
  type: dict
lost:
  description: Groups that no resource uses. They vanish.
  returned: when there are groups, or were
  type: list
  elements: str
orphans:
  description: Resources whose group does not exist.
  returned: when there are groups, or were
  type: list
  elements: str
"""

from ..module_utils.decide.upgrade.release_ha import STATES, decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.observe.upgrade.release_ha import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="release_ha",
    argument_spec={"state": {"type": "str", "choices": list(STATES), "required": True}},
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
