#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_begin
short_description: Refuse, before any node is asked, what cannot go well; and take up a saved plan
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Refuses a version of ansible-core that this collection does not work with, and a controller that lacks a library.
  - Refuses a playbook of this collection that runs with the modules of another copy of it, and warns when Ansible could
    find more than one.
  - Takes up a plan that M(baremetal.virt.run_plan) has saved. From then on, this run does what that plan holds and
    nothing else. A plan is refused when it was not finished or was refused itself, and when it is older than a day.
  - Runs on the controller alone.
options:
  plan_to:
    description:
      - The file that M(baremetal.virt.run_plan) will write the plan of this run to.
      - Until then it says that the plan is incomplete, so that no plan of an earlier run is taken for this one's.
    type: str
    default: ""
  only_plan:
    description:
      - A file with the plan to carry out, or what is left of it after a break.
    type: str
    default: ""
attributes:
  check_mode:
    description: Changes no node. The file in O(plan_to) is written in check mode as well.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Begin
  baremetal.virt.run_begin:
    only_plan: plan.json
  run_once: true
"""

RETURN = r"""
demanded:
  description: How many steps the saved plan holds; 0 when there is none.
  returned: on success
  type: int
  sample: 41
"""
