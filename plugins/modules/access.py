#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: access
short_description: Say who there is, and who may do what
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Users, groups, roles, the access control list, realms, pools and API tokens, set against what there is. Only what
    differs is changed; what gives comes first, what takes comes last.
  - It runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
  - Meanings are compared, not spellings, such as paths, defaults, the order of lists and when somebody expires.
  - It locks nobody out. root@pam, whoever the run speaks as, and the last administrator keep their rights; a
    declaration that takes them is refused before anything is changed.
  - Passwords are set when a user is created, or when it is asked for. The value of a token goes into one file on the
    controller, and nowhere else. Second factors are never changed.
  - Names are to be texts. What YAML has made a number or a truth value of, such as C(0123) or C(no), is refused.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.access
  - baremetal.virt.access_realms
  - baremetal.virt.access_automation
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
"""

EXAMPLES = r"""
- name: A teacher, a student and their pools
  baremetal.virt.access:
    groups:
      - id: teachers
    users:
      - id: ann@pve
        groups: [teachers]
        password: "{{ vault_ann }}"
      - id: stu01@pve
        expire: "2027-02-28"
    roles:
      - id: Student
        preset: student
    pools:
      - id: course
        comment: Operating systems
      - id: course/stu01
    acl:
      - path: /pool/course
        group: teachers
        role: PVEVMAdmin
      - path: /pool/course/stu01
        user: stu01@pve
        role: Student

- name: Users of a directory, and nobody else on the pool of the course
  baremetal.virt.access:
    realms:
      - id: school
        type: ldap
        server1: ldap.example.org
        mode: ldaps
        verify: true
        base_dn: ou=people,dc=example,dc=org
        user_attr: uid
        sync: true
        sync_defaults:
          scope: both
    exclusive: ["acl:/pool/course"]

- name: The token that makes guests, with what it needs and no more
  baremetal.virt.access:
    automation:
      id: guests
      file: ~/.config/guests.token
      pools: [course]
      template_pools: [templates]
      storages: [vms]
      image_storages: [share]
      networks: [vmbr0]
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [create the user ann@pve in teachers, give PVEAuditor on / for the user ann@pve]
kept:
  description: What an exclusive scope does not name and stays all the same, and why.
  returned: always
  type: list
  elements: str
  sample: ["stu01@school: realm school is synced"]
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
"""

from ..module_utils.decide.access.access import decide
from ..module_utils.decide.access.caller import needs_to_see
from ..module_utils.decide.access.desired import desired_from
from ..module_utils.engine.reader import CLUSTER, Reader
from ..module_utils.engine.subject import Subject
from ..module_utils.model.access.access import DesiredAccess, ObservedAccess
from ..module_utils.model.access.parameters import ACCESS
from ..module_utils.observe.access import access
from ..module_utils.transport.module import run_module


def observe(reader: Reader, desired: DesiredAccess) -> ObservedAccess:
    return access.observe(reader, desired, needs_to_see(desired))


SUBJECT = Subject(
    name="access",
    argument_spec=ACCESS,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=5,
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
