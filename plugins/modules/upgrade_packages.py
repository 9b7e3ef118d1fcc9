#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_packages
short_description: Bring the packages of a node up to date
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Does what C(apt-get dist-upgrade) does, in a unit of systemd's, so that it goes on to its end when the connection is
    lost or the run is killed. The next run finds it and waits for it.
  - What was left half way is configured first. A file that somebody has changed stays as it is, and the new one lies
    beside it (C(.dpkg-dist)).
  - Refuses, all at once, whatever M(baremetal.virt.upgrade_info) finds in the way. That is a mixture, such as
    packages that are held or kept back, whatever would be removed unless O(removals) names it, and a node that would
    not boot what it is to boot. Nothing removes what makes a node of Proxmox VE.
  - Neither restarts daemons of Ceph nor boots the node.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  state:
    description:
      - V(fetched) fetches apt's lists. That a single repository cannot be reached is a failure.
      - V(downloaded) also fetches the packages, and installs none.
      - V(upgraded) installs them.
    type: str
    choices: [fetched, downloaded, upgraded]
    default: upgraded
  removals:
    description: Packages that may be removed. V(*) stands for every one but those without which a node is none.
    type: list
    elements: str
    default: []
  elsewhere:
    description:
      - Which versions an upgrade would leave on other nodes, by node and package
        (RV(baremetal.virt.upgrade_info#module:report.candidates)). If this node's are others, nothing is begun.
    type: dict
    default: {}
  done:
    description:
      - Steps that this run has done already, by the RV(steps[].id) in the results of earlier calls. What was begun and
        is not at work any more has failed, and is not begun again.
      - The action plugin gives those of its own calls.
    type: list
    elements: str
    default: []
seealso:
  - module: baremetal.virt.upgrade_info
"""

EXAMPLES = r"""
- name: Fetch what there is
  baremetal.virt.upgrade_packages:
    state: fetched

- name: Upgrade
  baremetal.virt.upgrade_packages:
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ["upgrade 12 packages; a file that somebody has changed stays, and the new one lies beside it"]
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
updated:
  description: How many packages were to come.
  returned: when the node was looked at
  type: int
"""

from ..module_utils.decide.upgrade.packages import decide, desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.model.upgrade.work import DOWNLOADED, FETCHED, UPGRADED
from ..module_utils.observe.upgrade.work import last_words, observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import boot_partitions, find_strangers, old_binaries

_NAMES = {"type": "list", "elements": "str", "default": []}
SUBJECT = Subject(
    name="upgrade_packages",
    argument_spec={
        "state": {"type": "str", "choices": [FETCHED, DOWNLOADED, UPGRADED], "default": UPGRADED},
        "removals": _NAMES,
        "elsewhere": {"type": "dict", "default": {}},
        "done": _NAMES,
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    programs=(boot_partitions, find_strangers, old_binaries),
    settle=60,
    patience=10,
    progress=lambda reader, desired, step: last_words(reader),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
