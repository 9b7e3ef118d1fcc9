#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_ticket
short_description: Let a member of a cluster vouch for a node that joins
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Run on a member, it returns what another node needs to join through it. That is the fingerprint of the member's
    certificate, and a ticket of C(root@pam), which C(pvecm add) takes in place of root's password.
  - The ticket is made by upstream's own code, is valid for two hours, and is neither written to disk nor put on a
    command line. Tasks that use this module should set C(no_log=true).
  - First it waits until the member has quorum and a writable C(/etc/pve), sees all nodes of the cluster online, expects
    the votes of all of them, and serves a certificate of the cluster's authority. So a node that asks for a ticket
    before it joins also proves, from the member's side, that the join before it is complete.
options:
  node:
    description:
      - The node that is to join, as it calls itself.
      - It may be listed already, and not be online, when a join of it was cut short.
    type: str
  joined:
    description:
      - A node that has just joined. The module then also waits until this member sees it online.
      - With check mode, this proves a join from the side of the member the task runs on.
    type: str
  timeout:
    description: How many seconds to wait for that.
    type: int
    default: 60
attributes:
  check_mode:
    description: Nothing is changed. In check mode no ticket is made.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.cluster
"""

EXAMPLES = r"""
- name: Ask the first node for a ticket
  baremetal.virt.cluster_ticket:
  delegate_to: pve1
  register: pve1_ticket
  no_log: true
"""

RETURN = r"""
fingerprint:
  description: SHA-256 of the certificate that the member's API serves.
  returned: success
  type: str
  sample: "DF:48:05:DA:..."
host_keys:
  description: The member's public host keys.
  returned: success
  type: list
  elements: str
  sample: ["ssh-ed25519 AAAA..."]
ticket:
  description: A ticket of root@pam; null in check mode.
  returned: success
  type: str
"""

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.decide.cluster.member import (
    refuse_incomplete,
    refuse_signature,
    refuse_to_admit,
    refuse_votes,
    verify_command,
)
from ..module_utils.engine.errors import CollectionError, Refused, StepFailed
from ..module_utils.engine.plan import Refusal
from ..module_utils.observe.cluster.cluster import observe
from ..module_utils.transport.node import Node
from ..module_utils.transport.waiting import wait_until_clear

ARGUMENT_SPEC = {"node": {"type": "str"}, "joined": {"type": "str"}, "timeout": {"type": "int", "default": 60}}
_HOST_KEYS = "/etc/ssh"
_MINT = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")


def vouch(node: Node, params: Any, check: bool) -> dict[str, Any]:
    """Fingerprint, host keys and ticket, once the cluster can take in another node."""
    refusals = wait_until_clear(lambda: _in_the_way(node, params), params["timeout"])
    if refusals:
        raise Refused(" ".join(map(str, refusals)), refusals=[str(refusal) for refusal in refusals])
    return {
        "fingerprint": observe(node).certificate,
        "host_keys": _host_keys(node),
        "ticket": None if check else _mint(node),
    }


def _in_the_way(node: Node, params: Any) -> Sequence[Refusal]:
    observed = observe(node)
    refusals = refuse_to_admit(observed, params["node"])
    if refusals:
        return refusals
    verified = node.run(*verify_command(observed))
    return (
        *refuse_votes(observed, node.run("corosync-quorumtool", "-s").stdout, params["node"]),
        *refuse_signature(observed, verified.rc == 0, verified.stderr),
        *(refuse_incomplete(observed, params["joined"]) if params["joined"] else ()),
    )


def _host_keys(node: Node) -> list[str]:
    names = [name for name in node.names(_HOST_KEYS) if name.startswith("ssh_host_") and name.endswith("_key.pub")]
    return [(node.read(f"{_HOST_KEYS}/{name}") or "").strip() for name in names]


def _mint(node: Node) -> str:
    done = node.execute(_MINT, timeout=30)
    if done.rc != 0 or not done.stdout.startswith("PVE:root@pam:"):
        raise StepFailed(f"Upstream's code made no ticket: {done.stderr.strip()}.", "Is this node fully installed?")
    return done.stdout


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = vouch(Node(), module.params, module.check_mode)
    except CollectionError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
