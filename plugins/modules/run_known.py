#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_known
short_description: Say whether an earlier run found nothing to do in the very same situation
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - A plan depends on nothing but the roles' variables, what M(baremetal.virt.node_observation) has just read on every
    node, and this collection's own files. All of it together is the situation.
  - If an earlier run has made the whole plan in this very situation, from readings alone, and the plan was empty, then
    it is empty now, and the rest of the run has nothing to do. Any difference in any of it leads to the whole plan.
  - Only digests of situations are kept, in C(~/.cache/baremetal.virt/converged) on the controller. They are keyed, with
    a key that is made there once, C(~/.local/state/baremetal.virt/key), as passwords are part of a situation. Removing
    either file is always safe. Runs on the controller alone.
options:
  enabled:
    description: V(false) makes the whole plan in any case.
    type: bool
    default: true
  site:
    description: How the site is called in the message, usually the name of its cluster.
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
- name: Compare with runs that found nothing to do
  baremetal.virt.run_known:
  register: site_known
  run_once: true
"""

RETURN = r"""
known:
  description: Whether the plan is known to be empty.
  returned: always
  type: bool
situation:
  description: Keyed digest of the situation, for M(baremetal.virt.run_plan); empty when not every node was observed.
  returned: always
  type: str
"""
