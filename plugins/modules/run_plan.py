#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_plan
short_description: Sum up what the dry run before this task would do
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Collects the plans that the modules of this collection made in check mode earlier in this run, from all hosts.
  - Runs on the controller alone.
options:
  situation:
    description:
      - What M(baremetal.virt.run_known) returned before the dry run.
      - It is remembered when the plan is empty and was made without asking a node again, unless Ansible itself runs
        with C(--check).
    type: str
    default: ""
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Sum up the plan
  baremetal.virt.run_plan:
  register: site_plan
  run_once: true
"""

RETURN = r"""
planned:
  description: Whether anything would be done on any host.
  returned: always
  type: bool
plans:
  description: The plans, by host and subject.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The host the plan is for.
      type: str
    subject:
      description: The module that made the plan.
      type: str
    plan:
      description: One sentence per step.
      type: list
      elements: str
"""
