# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether another node may be begun in a window of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.upgrade.window import upgrade_may_begin
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: upgrade_may_begin
short_description: Whether another node may be begun in a window of time
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - A node is begun only if it is likely to be back when the window ends. It is given the time that the last one took,
    and the first, of which nobody knows, an hour.
options:
  _input:
    description: The times of day C(from) and C(until), such as V(22:00). Empty, a node may be begun at any time.
    type: dict
    required: true
  now:
    description: The time of day.
    type: str
    required: true
  seconds:
    description: How long the last node took.
    type: float
"""

EXAMPLES = r"""
- name: Ask at five minutes to midnight
  ansible.builtin.debug:
    msg: "{{ {'from': '22:00', 'until': '04:00'} | baremetal.virt.upgrade_may_begin('23:55') }}"
"""

RETURN = r"""
_value:
  description: Whether it may.
  type: bool
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(upgrade_may_begin)
