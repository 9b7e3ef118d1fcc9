#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_join_info
short_description: Tell what a node needs to join a Proxmox VE cluster through this member
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Run on a member, it returns what another node needs to join through it. That is the fingerprint of the member's
    certificate, its host keys and, with O(ticket), a ticket of C(root@pam), which C(pvecm add) takes in place of root's
    password.
  - First it waits until the member has quorum and a writable C(/etc/pve), sees all nodes of the cluster online, expects
    the votes of all of them, and serves a certificate of the cluster's authority. What is missing when the time is over
    is refused. So a node that asks before it joins also proves, from the member's side, that the join before it is
    complete.
options:
  node:
    description:
      - The node that is to join, as it calls itself.
      - It may be listed already, and not be online, when a join of it was cut short.
    type: str
  joined:
    description:
      - A node that has just joined. It then also waits until this member sees that node online.
      - This proves a join from the side of the member the task runs on.
    type: str
  authority:
    description:
      - With O(joined), what RV(authority) was before that. Another one now is refused, as the certificates of before
        are no longer good then.
    type: str
  ticket:
    description:
      - Make a ticket, too. It is made by upstream's own code, is valid for two hours, and is neither written to disk
        nor put on a command line. Tasks with this option should set C(no_log=true).
    type: bool
    default: false
  timeout:
    description: How many seconds to wait.
    type: int
    default: 60
  insist:
    description: Whether the module fails when something is still missing then. Else RV(problems) says what.
    type: bool
    default: true
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
seealso:
  - module: baremetal.virt.cluster
"""

EXAMPLES = r"""
- name: Ask the lead for a ticket
  baremetal.virt.cluster_join_info:
    ticket: true
  delegate_to: pve1
  register: pve1_join
  no_log: true

- name: See the join of pve2 complete, as the lead sees it
  baremetal.virt.cluster_join_info:
    joined: pve2
  delegate_to: pve1
"""

RETURN = r"""
problems:
  description: What is in the way of a join; empty on success.
  returned: success
  type: list
  elements: str
fingerprint:
  description: SHA-256 of the certificate that the member's API serves.
  returned: success
  type: str
  sample: "DF:48:05:DA:..."
authority:
  description: SHA-256 of the certificate of the cluster's authority.
  returned: success
  type: str
  sample: "8C:01:EE:90:..."
host_keys:
  description: The member's public host keys.
  returned: success
  type: list
  elements: str
  sample: ["ssh-ed25519 AAAA..."]
ticket:
  description: A ticket of root@pam; null without O(ticket).
  returned: success
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cluster.refusals import refuse_admission
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.cluster.join import make_ticket, observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody gets a ticket while something is in the way."""
    seen, wanted = observe(reader), (params["node"], params["joined"], params["authority"])
    problems = [str(refusal) for refusal in refuse_admission(seen.cluster, *wanted)]
    return {
        "problems": problems,
        "fingerprint": seen.cluster.certificate,
        "authority": seen.cluster.authority.fingerprint,
        "host_keys": list(seen.host_keys),
        "ticket": make_ticket(reader) if params["ticket"] and not problems else None,
    }


INQUIRY = Inquiry(
    name="cluster_join_info",
    argument_spec={
        "node": {"type": "str"},
        "joined": {"type": "str"},
        "authority": {"type": "str"},
        "ticket": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 60},
        "insist": {"type": "bool", "default": True},
    },
    answer=answer,
    settles="problems",
    insists=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
