#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: access_info
short_description: Tell who there is in a cluster, and who may do what
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads users, groups, roles, the access control list, realms, pools and API tokens over the HTTPS API, and tells
    them in the form that M(baremetal.virt.access) takes. It runs on the controller.
  - Not told are users and groups that a directory rules, built-in roles, and what
    O(baremetal.virt.access#module:automation) has made. No secret is told.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  may_be_off:
    description:
      - That the API is not reached from the controller is an answer, too, and no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look who there is
  baremetal.virt.access_info:
  run_once: true
  register: access_there

- name: Show whose rights wait for somebody of that name
  ansible.builtin.debug:
    var: access_there.leftovers
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
release:
  description: The release of Proxmox VE; nothing where it is not installed.
  returned: always
  type: int
  sample: 9
users:
  description: Users, with what is not the default.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: ann@pve, groups: [teachers], expire: "2027-02-28"}]
groups:
  description: Groups.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: teachers}]
roles:
  description: Roles that are not built in.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: Ops, privs: [VM.Audit]}]
acl:
  description: Entries of the access control list, except those for nobody.
  returned: when there are any
  type: list
  elements: dict
  sample: [{path: /pool/course, group: teachers, role: PVEVMAdmin}]
realms:
  description: Realms, without their secrets.
  returned: when there are any but those that are built in
  type: list
  elements: dict
  sample: [{id: school, type: ldap, server1: ldap.example.org, base_dn: "dc=example,dc=org", user_attr: uid}]
pools:
  description: Pools, without their members.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: course}]
tokens:
  description: API tokens, without their values.
  returned: when there are any
  type: list
  elements: dict
  sample: [{id: ann@pve!report}]
tfa:
  description: User to the kinds of second factors that he has.
  returned: always
  type: dict
  sample: {ann@pve: [totp]}
leftovers:
  description: Entries for users, groups and tokens that there are not; the next one of that name has these rights.
  returned: always
  type: list
  elements: dict
  sample: [{path: /pool/course, user: ghost@pve, role: PVEVMUser}]
surplus:
  description: Built-in role to privileges that it has here and that are not built in.
  returned: always
  type: dict
  sample: {PVEAuditor: [Permissions.Modify]}
variables:
  description: The same as variables of the role P(baremetal.virt.access#role).
  returned: always
  type: dict
  sample: {access_groups: [{id: teachers}]}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.caller import caller_from, needs_to_see
from ..module_utils.decide.access.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.access import DesiredAccess
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.access import access, tfa
from ..module_utils.site.inventory.access import access_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    everything = DesiredAccess(caller=caller_from(params), exclusive=frozenset(("pools",)))
    observed = access.observe(reader, everything, needs_to_see(everything))
    told = describe(everything, observed, tfa.observe(reader))
    return {"answered": True, **told, "variables": access_variables(observed.now)}


INQUIRY = Inquiry(
    name="access_info",
    argument_spec={"api": {"type": "dict", "options": API}, "may_be_off": {"type": "bool", "default": False}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
