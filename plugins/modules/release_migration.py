#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: release_migration
short_description: Call upstream's script for a setting that the next release wants otherwise
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Looks itself what the script would change, calls it only for that, and looks again. What the script says of its
    success is not asked.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  name:
    description:
      - V(rbd-keyring), before Proxmox VE 9. External RBD storages have to name their key in their own configuration.
      - V(lvm-autoactivation), on 9. Volumes of guests on LVM are not activated by every node that sees them. Volumes of
        storages that the node does not use are left to others.
    type: str
    choices: [rbd-keyring, lvm-autoactivation]
    required: true
"""

EXAMPLES = r"""
- name: Leave volumes of guests to the node that needs them
  baremetal.virt.release_migration:
    name: lvm-autoactivation
  throttle: 1
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["let nodes activate volumes of guests only when they need them: san/vm-100-disk-0"]
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

from ..module_utils.decide.upgrade.release_migration import decide, desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.upgrade.release_migration import MIGRATIONS
from ..module_utils.observe.upgrade.release_migration import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="release_migration",
    argument_spec={"name": {"type": "str", "choices": list(MIGRATIONS), "required": True}},
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
