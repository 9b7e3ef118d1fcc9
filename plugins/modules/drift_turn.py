#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_turn
short_description: Say that a run that a source of events has asked for begins, or has ended
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - A source of events of this collection asks for one run of a key at a time. It cannot see when a playbook has ended;
    this module tells it, through a folder that both know.
  - A playbook that was killed, or failed before it says that it has ended, is over, and has failed. The run is then
    asked for again, after a pause.
  - A second run for the same key is refused while the first is at work. Runs on the controller alone.
options:
  folder:
    description: The folder that the source of events has as its option C(turns).
    type: path
    required: true
  key:
    description: The key of the event.
    type: str
    required: true
  state:
    description: What happens now.
    type: str
    choices: [begun, ended]
    required: true
attributes:
  check_mode:
    description: It says the same; a run with C(--check) is a run as well.
    support: full
  diff_mode:
    description: Changes nothing on any node, so there is no diff.
    support: none
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Begin
  baremetal.virt.drift_turn:
    folder: /var/lib/eda/turns
    key: calico_bgp
    state: begun

- name: End
  baremetal.virt.drift_turn:
    folder: /var/lib/eda/turns
    key: calico_bgp
    state: ended
"""

RETURN = r"""
key:
  description: Whose run it is.
  returned: always
  type: str
  sample: calico_bgp
"""
