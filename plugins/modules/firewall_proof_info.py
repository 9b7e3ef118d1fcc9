#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_proof_info
short_description: Wait until a change of the firewall is in force on a node, and try the ways to others
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Asks Proxmox VE's own tools whether the kernel has the rule set of the files, chain by chain and set by set, and
    makes new connections to other nodes.
  - Fails when something is missing after O(timeout) seconds.
options:
  applied:
    description: Whether the rule set has to be in the kernel.
    type: bool
    default: true
  targets:
    description: Whom to try, as the filter P(baremetal.virt.firewall_targets#filter) tells them.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      port:
        description: The port.
        type: int
        required: true
      what:
        description: What is there, for people.
        type: str
        required: true
  before:
    description: What was reached before the change (RV(reached)). What was not is not missed.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for it.
    type: int
    default: 30
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.firewall
"""

EXAMPLES = r"""
- name: See whom each node reaches as things are
  baremetal.virt.firewall_proof_info:
    applied: false
    targets: "{{ ways.ways | baremetal.virt.firewall_targets(inventory_hostname) }}"
  register: before

- name: See that the change is in force, and that nobody is cut off
  baremetal.virt.firewall_proof_info:
    targets: "{{ ways.ways | baremetal.virt.firewall_targets(inventory_hostname) }}"
    before: "{{ before.reached }}"
"""

RETURN = r"""
missing:
  description: What is missing, in sentences.
  returned: always
  type: list
  elements: str
reached:
  description: Address and port to whether a connection was made.
  returned: always
  type: dict
digests:
  description: Chains and sets of the kernel, each with its digest.
  returned: always
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.firewall.proof import by_place, lost, not_applied
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.firewall import applied
from ..module_utils.observe.firewall.reach import observe_reach
from ..module_utils.observe.node import host
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import tcp_reach


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    node = host.observe(reader).name
    whats = by_place(params["targets"])
    reached = observe_reach(reader, list(whats))
    seen = applied.observe(reader) if params["applied"] else None
    missing = [*(not_applied(node, seen) if seen else ()), *lost(node, params["before"], reached, whats)]
    chains = seen.chains if seen else {}
    return {
        "missing": missing,
        "reached": reached,
        "digests": {name: digest for name, (_todo, digest) in chains.items()},
    }


TARGET = {
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "what": {"type": "str", "required": True},
}
INQUIRY = Inquiry(
    name="firewall_proof_info",
    argument_spec={
        "applied": {"type": "bool", "default": True},
        "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
        "before": {"type": "dict", "default": {}},
        "timeout": {"type": "int", "default": 30},
    },
    answer=answer,
    settles="missing",
    insists=True,
    programs=(tcp_reach,),
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
