# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With whom each speaker of a declared fabric is to have a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.site.kube.sessions import bgp_sessions
from ..plugin_utils.filters import as_filters

DOCUMENTATION = r"""
name: bgp_sessions
short_description: With whom each BGP speaker of a declared fabric is to have a session
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Tells the sessions that follow from a declaration, of nodes, leaves and spines, in both families. Nothing that is
    found anywhere plays a part in it.
options:
  _input:
    description: 'The fabric, as O(baremetal.virt.calico_bgp#module:fabric).'
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Look at this leaf
  baremetal.virt.bgp_proof_info:
    speaker: frr
    peers: "{{ (bgp_fabric | baremetal.virt.bgp_sessions)['leaf1'] | map(attribute='address') }}"
"""

RETURN = r"""
_value:
  description:
    - 'Name of a speaker: its neighbours, with C(name), C(address), C(asn), and C(kind), which is V(mesh), V(reflector),
      V(leaf) or V(spine).'
  type: dict
"""


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return as_filters(bgp_sessions)
