# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration of a switch of a fabric, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.kube.switch_texts import fabric_switch_text
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: fabric_switch_text
short_description: What to write into a switch of a fabric, to be reviewed
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Writes the BGP part of the configuration of a leaf or a spine in the words of its maker. There is no password in it;
    the place says which secret has it. Nobody has tried the texts for H3C and Huawei on a switch.
positional: name, dialect
options:
  _input:
    description: 'The fabric, as O(baremetal.virt.calico_bgp#module:fabric).'
    type: dict
    required: true
  name:
    description: Which leaf or spine.
    type: str
    required: true
  dialect:
    description: Whose words.
    type: str
    required: true
    choices: [frr, h3c, huawei]
"""

EXAMPLES = r"""
- name: Show what belongs into leaf1
  ansible.builtin.debug:
    msg: "{{ bgp_fabric | baremetal.virt.fabric_switch_text('leaf1', 'h3c') }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(fabric_switch_text)
