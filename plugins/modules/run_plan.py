#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_plan
short_description: Show what the dry run before this task would do, and refuse what may not be done
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Collects the plans that the modules of this collection made in check mode earlier in this run, from all hosts, and
    shows them as one text, whatever the verbosity. Hosts that share a step share a line.
  - Fails when any of them was refused, with all refusals of all hosts at once. Fails when this run is to carry out a
    saved plan, and the plan is for other machines, from other variables, or does not hold what would be done now.
  - Runs on the controller alone.
options:
  site:
    description: How the site is called in the text, usually the name of its cluster.
    type: str
    default: ""
  situation:
    description:
      - What M(baremetal.virt.run_known) returned before the dry run.
      - It is remembered when the plan is empty and was made without asking a node again, unless Ansible itself runs
        with C(--check).
    type: str
    default: ""
  plan_to:
    description:
      - A file for the plan as JSON, to be read by programs, or carried out later with
        O(baremetal.virt.run_begin#module:only_plan). Only its owner may read it. It is written whatever the plan says.
      - A file that ends with C(.md) gets the plan as Markdown, for the comment on a change request.
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
msg:
  description: The last line of the plan's text.
  returned: always
  type: str
  sample: "Plan for campus, 3 nodes: nothing to do"
planned:
  description: Whether anything would be done on any host.
  returned: on success
  type: bool
destructive:
  description: The ids of the steps that destroy data.
  returned: on success
  type: list
  elements: str
steps:
  description: Every step on every host, in the order of the playbook.
  returned: on success
  type: list
  elements: dict
  contains:
    host:
      description: The host the step is for.
      type: str
    subject:
      description: The module that planned it.
      type: str
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence for people.
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
refusals:
  description: What may not be done, and why.
  returned: always
  type: list
  elements: dict
  contains:
    hosts:
      description: The hosts that it is about.
      type: list
      elements: str
    text:
      description: What was found, why that stops the work, and what to do.
      type: str
"""
