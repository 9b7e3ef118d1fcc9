#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_info
short_description: Tell which storages a cluster has, and which of them are active on a node
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads C(/etc/pve/storage.cfg) and the node's table of mounts. C(pvesm) is asked only if a storage that should be
    mounted is not.
  - RV(storages) has the form that M(baremetal.virt.storage) takes. Secrets are never read, only whether there are any.
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
- name: Look at the storages
  baremetal.virt.storage_info:
  register: storage_here

- name: Show where ISO images can be kept
  ansible.builtin.debug:
    msg: "{{ storage_here.storages | selectattr('content', 'contains', 'iso') | map(attribute='id') }}"
"""

RETURN = r"""
node:
  description: How the node calls itself.
  returned: always
  type: str
  sample: pve1
storages:
  description: All storages, without options that only say the default.
  returned: always
  type: list
  elements: dict
  sample:
    - {id: share, type: nfs, server: 10.10.2.11, export: /srv/share, path: /mnt/pve/share, content: [iso]}
secrets:
  description: Storage to the names of the secrets that are stored for it.
  returned: always
  type: dict
  sample: {backup: [encryption_key, password]}
unreadable:
  description:
    - Section of C(storage.cfg) to the reason for which Proxmox VE takes it for no storage. As long as there is one,
      Proxmox VE changes no storage.
  returned: always
  type: dict
  sample: {nas: there is no export that it accepts}
active:
  description:
    - The storages that this node can use. Of types that are not mounted this is assumed unless C(pvesm) was asked.
  returned: always
  type: list
  elements: str
  sample: [local, share]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.storage.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.observe.storage import access as storage_access
from ..module_utils.observe.storage import storage
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return describe(storage.observe(reader), storage_access.observe(reader))


INQUIRY = Inquiry(name="storage_info", argument_spec={}, answer=answer)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
