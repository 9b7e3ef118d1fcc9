#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: site_summary_info
short_description: Sum up the state of a cluster, as one of its nodes sees it
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Nodes, links, quorum, quorum device, storages, Ceph's health and pools, and the addresses of the web interface, one
    line each.
  - In a run that has changed something, the web interface of every node that is online is tried from the controller, at
    the C(ansible_host) of the inventory or else at the node's own address. It has to show the certificate that is in
    C(/etc/pve), and tells its version, which has to be the same everywhere; the first one tells how many guests run.
    For that the node makes a ticket of C(root@pam), which is kept nowhere. The Python that runs Ansible needs proxmoxer
    and requests; without them the summary comes with a warning.
options: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Ask the cluster how it is
  baremetal.virt.site_summary_info:
  register: site_result
  run_once: true

- name: Show it
  ansible.builtin.debug:
    var: site_result.summary
  run_once: true
"""

RETURN = r"""
summary:
  description: Topic → one line about it. Topics that do not exist on this system are left out.
  returned: always
  type: dict
  sample:
    cluster: campus, 3 of 3 votes, quorate
    quorum device: 10.10.2.19, votes (1, ffsplit)
    node pve1: online, link0 10.10.2.11, link1 192.168.10.11
    storages: local (dir), vms (rbd)
    Ceph: HEALTH_OK, 3 mons in quorum, 3 mgrs, 3 of 3 OSDs up
    web interface: https://10.10.2.11:8006 or https://10.10.2.12:8006
    web interface of pve3: "NOT AS IT SHOULD BE: https://10.10.2.13:8006 does not tell /version: connection refused."
    Proxmox VE: 9.2.11
    guests: 9 of 12 run
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.cluster.summary import summarize
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.ceph import state as ceph
from ..module_utils.observe.cluster import cluster, qdevice
from ..module_utils.observe.storage import storage
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    here = cluster.observe(reader), qdevice.observe_node(reader)
    return {"summary": summarize(*here, storage.observe(reader), ceph.observe(reader))}


INQUIRY = Inquiry(name="site_summary_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
