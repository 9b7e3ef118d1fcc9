#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: datacenter
short_description: Declare options of the datacenter, metric servers and who gets notices
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Options of the datacenter, metric servers, and the endpoints and matchers of notices, set against what there is. It
    runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
  - The parts of an option that are not said stay, though the API replaces such an option whole.
  - An option that the oldest node does not know is refused, as is a network of migrations in which a node has no
    address.
  - Says when notices reach nobody.
  - Secrets are sent when a thing is made. The API never tells them, so they are sent again only on request.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.datacenter
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
seealso:
  - module: baremetal.virt.datacenter_info
"""

EXAMPLES = r"""
- name: Migrations over a network of their own, tags, and who gets notices
  baremetal.virt.datacenter:
    options:
      migration:
        network: 10.20.2.0/24
      registered_tags: [course, prod]
    notification_endpoints:
      - name: staff
        type: sendmail
        mailto: [staff@example.net]
    notification_matchers:
      - name: default-matcher
        target: [staff]
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [set keyboard of the datacenter from not set to de]
steps:
  description: The same steps with their identity (id, topic, why, destructive, possible).
  returned: always
  type: list
  elements: dict
destructive:
  description: The ids of steps that destroy something.
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
"""

from ..module_utils.decide.datacenter.datacenter import decide
from ..module_utils.decide.datacenter.desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.datacenter.parameters import DATACENTER
from ..module_utils.observe.datacenter.datacenter import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="datacenter",
    argument_spec=DATACENTER,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
