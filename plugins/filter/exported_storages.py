# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turn the exports of all NFS servers into the storages that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: exported_storages
short_description: The storages that belong to the exports of a play's hosts
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - An export of the role P(baremetal.virt.nfs_server#role) may say as which storage the cluster uses it. This filter
    returns these storages in the form that M(baremetal.virt.storage) takes.
options:
  _input:
    description:
      - The variables of all hosts. Each may hold C(storage_nfs_addresses), the registered results of a loop of
        M(baremetal.virt.node_address) over the exports that have a storage, with the loop variable C(storage_export).
    type: dict
    required: true
  hosts:
    description: The hosts to look at.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the storages that the exports of this play make
  ansible.builtin.debug:
    msg: "{{ hostvars | baremetal.virt.exported_storages(ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value:
  description: Storages of type V(nfs).
  type: list
  elements: dict
"""

_DEFAULT_OPTIONS = "vers=4.2"
_LOOP_VARIABLE = "storage_export"


def exported_storages(hostvars: Mapping[str, Mapping[str, Any]], hosts: Iterable[str]) -> list[dict[str, Any]]:
    """The storages of all exports, in the order of the hosts and of their exports."""
    found = []
    for host in hosts:
        results = hostvars[host].get("storage_nfs_addresses", {}).get("results", [])
        found += [_storage(result[_LOOP_VARIABLE], result.get("address")) for result in results]
    return found


def _storage(export: Mapping[str, Any], address: Any) -> dict[str, Any]:
    storage = export["storage"]
    return {
        "options": _DEFAULT_OPTIONS,
        **storage,
        "type": "nfs",
        "server": storage.get("server") or address,
        "export": export["path"],
    }


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"exported_storages": exported_storages}
