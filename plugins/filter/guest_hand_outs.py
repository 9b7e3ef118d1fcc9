# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each owner of a fleet is handed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.guest.hand_out import guest_hand_outs
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: guest_hand_outs
short_description: A page and a table for each owner of a fleet, with his machines and the way to them
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Makes of what M(baremetal.virt.guest_fleet_info) and M(baremetal.virt.guest_info) tell a page and a table for each
    owner. Addresses and users are those that the guests have, not those that are declared.
  - Whoever has had his time, or gives his machines back, is handed nothing. No secret is in it unless it is given.
options:
  _input:
    description: The owners, from M(baremetal.virt.guest_fleet_info).
    type: list
    elements: dict
    required: true
  there:
    description: What M(baremetal.virt.guest_info) tells.
    type: dict
    required: true
  web:
    description: Address of the web interface for owners, such as V(https://pve1.example.org:8006).
    type: str
    required: true
  passwords:
    description: Owner to the password that is to stand on his page. By default there are none on it.
    type: dict
"""

EXAMPLES = r"""
- name: Show what the first owner is handed
  ansible.builtin.debug:
    msg: "{{ (fleets.owners | baremetal.virt.guest_hand_outs(there, 'https://pve1.example.org:8006') | first).html }}"
"""

RETURN = r"""
_value:
  description:
    - For each owner C(owner), C(fleet), C(ends), the last day; C(name), which no other has; C(html) and C(csv), the
      texts.
  type: list
  elements: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(guest_hand_outs)
