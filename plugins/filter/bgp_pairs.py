# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what one BGP speaker gives arrives at the other one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.kube.pairs import bgp_pairs
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: bgp_pairs
short_description: Whether what one BGP speaker gives arrives at the other one
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Holds what both ends of each session tell against each other. A session that is up, by which routes are sent and
    none arrives, is often a path that carries smaller packets than the interfaces at its ends.
options:
  _input:
    description:
      - 'Address of each speaker, as others know it: its RV(baremetal.virt.bgp_proof_info#module:neighbours).'
      - With O(links) the name of its host instead of an address.
    type: dict
    required: true
  links:
    description:
      - Cables whose ends have no addresses, so that FRR names neighbours by interfaces. Each is a list of two ends, a
        host and an interface, as C(pve1/ens18).
    type: list
    elements: list
"""

EXAMPLES = r"""
- name: Tell what does not arrive
  ansible.builtin.debug:
    msg: "{{ {'172.20.1.11': proof1.neighbours, '172.20.1.12': proof2.neighbours} | baremetal.virt.bgp_pairs }}"

- name: The same where neighbours are interfaces
  ansible.builtin.debug:
    msg: "{{ {'pve1': proof1.neighbours, 'pve2': proof2.neighbours} | baremetal.virt.bgp_pairs(cables) }}"
  vars:
    cables: [[pve1/ens18, pve2/ens18]]
"""

RETURN = r"""
_value:
  description: What does not arrive, with C(topic), C(thing), the two ends, C(told), a sentence, and C(responsible).
  type: list
  elements: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(bgp_pairs)
