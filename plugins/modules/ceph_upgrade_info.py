#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ceph_upgrade_info
short_description: Read which version of Ceph a node has, and what is in the way of another one
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Compares the version that every daemon runs with the one that is installed, by the commit, as builds of one version
    differ in nothing else.
  - Tells what is in the way of another release before anything is installed. After the packages, any reboot starts
    daemons of the new release, and what that cannot open is lost then.
options:
  to:
    description: The release that Ceph is to get, such as V(squid). Without it Ceph stays in its release.
    type: str
    default: ""
  interruption:
    description: Whether Ceph may stand still for moments, as it has to with fewer than three monitors or one manager.
    type: bool
    default: false
  tolerated_health:
    description: Codes of Ceph's health checks that are not in the way. A mute in Ceph changes nothing.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: What is in the way of Ceph Squid
  baremetal.virt.ceph_upgrade_info:
    to: squid
  register: ceph_versions
"""

RETURN = r"""
node:
  description: The node's name.
  returned: always
  type: str
version:
  description: What its programs print as their version; empty where none is installed, or not all of one version.
  returned: always
  type: str
  sample: ceph version 19.2.3 (c92aebb279828e9c3c1f5d24613efca272649e62) squid (stable)
installed:
  description: What each of its programs prints, different ones only.
  returned: always
  type: list
  elements: str
behind:
  description: Daemons of this node that do not run what is installed, in the form of RV(daemons).
  returned: always
  type: list
  elements: dict
daemons:
  description: Every daemon that the cluster knows.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: V(mon), V(mgr), V(osd) or V(mds).
      type: str
    id:
      description: Its name or number.
      type: str
    host:
      description: The node that it runs on, or ran on when it last told; empty when it never did.
      type: str
    version:
      description: What it runs.
      type: str
    up:
      description: Whether the cluster counts on it now.
      type: bool
    active:
      description: Whether it is no standby.
      type: bool
required:
  description: The oldest release of OSDs that the cluster lets in (C(require_osd_release)).
  returned: always
  type: str
crashes:
  description: Ids of crashes that nobody has archived.
  returned: always
  type: list
  elements: str
in_the_way:
  description: What refuses the upgrade; a sentence each.
  returned: always
  type: list
  elements: str
notes:
  description: What a person has to know of the release that is asked for.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.upgrade import ceph_info
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.upgrade.ceph_upgrade import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    to = ceph_info.target(params["to"])
    return ceph_info.answer(to, observe(reader), params["interruption"], params["tolerated_health"])


INQUIRY = Inquiry(
    name="ceph_upgrade_info",
    argument_spec={
        "to": {"type": "str", "default": ""},
        "interruption": {"type": "bool", "default": False},
        "tolerated_health": {"type": "list", "elements": "str", "default": []},
    },
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
