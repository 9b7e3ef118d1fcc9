#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_server_info
short_description: Tell what a node exports over NFS
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads the files that declare exports, the table of C(exportfs), and what the kernel's server says of itself.
  - RV(exports) has the form that M(baremetal.virt.nfs_server) takes.
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
- name: Look at the exports of this node
  baremetal.virt.nfs_server_info:
  register: nfs_here
"""

RETURN = r"""
installed:
  description: Whether the package C(nfs-kernel-server) is installed.
  returned: always
  type: bool
running:
  description: Whether C(nfs-server.service) is active.
  returned: always
  type: bool
enabled:
  description: Whether it starts at boot.
  returned: always
  type: bool
exports:
  description: The exports that M(baremetal.virt.nfs_server) manages, with owner and mode of their directories.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/share
      owner: root
      group: root
      mode: "0755"
      clients: [{host: 10.10.2.0/24, options: [rw, sync, no_subtree_check]}]
foreign:
  description: File to the exports that it declares, for all files that are not managed here.
  returned: always
  type: dict
served:
  description: What C(exportfs) has handed to the server, with every option's decision.
  returned: always
  type: list
  elements: dict
  sample:
    - {path: /srv/share, host: 10.10.2.0/24, options: {access: rw, root: root_squash}}
settings:
  description: The options of the section C(nfsd) in the managed file of C(nfs.conf).
  returned: always
  type: dict
  sample: {threads: "16"}
kernel:
  description: Threads and versions of the server that runs; null where the kernel does not say.
  returned: always
  type: dict
  sample: {threads: 8, versions: ["3", "4.0", "4.1", "4.2"]}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.nfs.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.nfs.server import observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(observe(reader))


INQUIRY = Inquiry(name="nfs_server_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
