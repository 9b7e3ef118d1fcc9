#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


from __future__ import annotations

DOCUMENTATION = r"""
module: subject
short_description: What the controller does for every module of this collection
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - This is not called by its own name. It is the half of the other modules that runs on the controller, and this page
    tells what they have in common.
  - If M(baremetal.virt.node_observation) has read the node earlier in the run, the module decides from that. When
    nothing is to be done, or in check mode, the task ends without a connection to the node.
  - Otherwise the module runs on the node. It reads the node itself, decides again, does what is needed, and reads once
    more to prove that the node is as wanted.
  - What a task has changed is read anew by the tasks after it.
  - A task that only reads does so from the same observation, and runs on the node when that does not hold the answer.
options: {}
attributes:
  check_mode:
    description: The plan is made and returned, and nothing is changed.
    support: full
  diff_mode:
    description: The plan is shown, and with it what is and what shall be.
    support: full
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Keep the repositories for those without a subscription
  baremetal.virt.repositories:
    subscription: no-subscription
"""

RETURN = r"""
# what the module returns that is called
"""
