#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cni_conformance_info
short_description: Try whether CNI plugins keep the specification
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Calls the plugins of a list as a runtime does, rightly and wrongly, and tells for each trial what the specification
    asks and what was seen.
  - All of it happens in network and mount namespaces of its own, which end with it. Nothing of the node's is used but
    the programs, so that they can be tried before anybody depends on them.
  - The namespace has the interface C(up0), for plugins that take a master or a device.
options:
  config:
    description:
      - The list. Arguments that a runtime would pass stand in the plugin, as C(runtimeConfig).
      - Addresses should come from host-local without a C(dataDir), as its notes are part of what ends.
    type: dict
    required: true
  bin_dirs:
    description: Where the plugins are looked for.
    type: list
    elements: str
    default: [/opt/cni/bin, /usr/lib/cni]
attributes:
  check_mode:
    description: Reads only, as far as the node goes.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: A bridge with ports of the host
  baremetal.virt.cni_conformance_info:
    config:
      cniVersion: "1.0.0"
      name: trial
      plugins:
        - type: bridge
          bridge: trial0
          isGateway: true
          ipam: {type: host-local, subnet: 10.9.0.0/24}
        - type: portmap
          runtimeConfig:
            portMappings: [{hostPort: 8080, containerPort: 80, protocol: tcp}]
  register: conformance

- name: The result for whoever collects such
  ansible.builtin.copy:
    content: "{{ conformance.junit }}"
    dest: junit.xml
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
trials:
  description: Every trial.
  returned: always
  type: list
  elements: dict
  contains:
    trial:
      description: Its name.
      type: str
    asks:
      description: What the specification asks.
      type: str
    verdict:
      description: >-
        V(passed), V(failed), V(known) for a failure of CHECK that is known of this version, or V(skipped).
      type: str
    told:
      description: What was seen, or why it was not tried.
      type: str
broken:
  description: What the plugins do not keep, a sentence each.
  returned: always
  type: list
  elements: str
table:
  description: All of it as a table in Markdown.
  returned: always
  type: str
junit:
  description: All of it in the form of JUnit.
  returned: always
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.engine.errors import Invalid
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.cni.conflist import Fault, read
from ..module_utils.model.cni.conformance import judged, junit, table
from ..module_utils.model.cni.node import BIN_DIRS
from ..module_utils.observe.cni.node import programs
from ..module_utils.observe.cni.trials import observe
from ..module_utils.transport.module import run_inquiry
from ..module_utils.transport.programs import cni_runtime, cni_trials


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    conflist = read(params["config"])
    if isinstance(conflist, Fault):
        raise Invalid(f"The list does not load: {conflist.text}.", conflist.hint)
    known = programs(reader, params["bin_dirs"], conflist.types)
    outcomes = judged(conflist, known, observe(reader, conflist, params["bin_dirs"]))
    return {
        "trials": [vars(one) for one in outcomes],
        "broken": [f"{one.asks}: {one.told}" for one in outcomes if one.verdict == "failed"],
        "table": table(outcomes),
        "junit": junit(f"{conflist.name} {conflist.version}", outcomes),
    }


INQUIRY = Inquiry(
    name="cni_conformance_info",
    argument_spec={
        "config": {"type": "dict", "required": True},
        "bin_dirs": {"type": "list", "elements": "str", "default": list(BIN_DIRS)},
    },
    answer=answer,
    programs=(cni_runtime, cni_trials),
    patience=300,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
