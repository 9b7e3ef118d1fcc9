#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: role_variables
short_description: Refuse variables that look like those of a role but are none
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Every variable of a role of this collection begins with the role's name. A variable of the inventory that begins so
    without being in the role's argument specification is misspelt, or from another version. Ansible itself would ignore
    it silently.
  - Looks at the variables of all hosts of the play in one task.
  - Call it before the first role, since roles bring internal variables of their own. Runs on the controller alone.
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
- name: Refuse misspelt variables
  baremetal.virt.role_variables:
  run_once: true
"""

RETURN = r"""
unknown:
  description:
    - Host to its unknown variables, and to the paths of unknown options within known ones, each with the one that it
      resembles most. Hosts without any are left out.
  returned: always
  type: dict
  sample: {"pve1": {"cluster_link": "cluster_links"}}
"""
