"""site/inventory: tables of what nodes say of themselves → one inventory of the site."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter.inventory_document import FilterModule
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.document import Told, inventory_document

EXPORT = {"path": "/srv/share", "clients": [{"host": "10.10.2.0/24", "options": ["rw"]}]}
SHARE: dict[str, Any] = {
    "id": "share",
    "type": "nfs",
    "content": ["iso"],
    "export": "/srv/share",
    "options": "vers=4.2",
    "path": "/mnt/pve/share",
    "server": "10.10.2.11",
}
VMS = {"id": "vms", "type": "rbd", "pool": "vms"}


def told(number: int, **variables: Any) -> Told:
    name = f"pve{number}"
    addresses = [f"10.10.1.1{number}/24", f"10.10.2.1{number}/24", f"fd00:2::1{number}/64"]
    return {"node": name, "names": [name, f"{name}.lab.test"], "addresses": addresses, "variables": variables}


def site(*definitions: dict[str, Any], export: dict[str, Any] = EXPORT, **more: Any) -> dict[str, Any]:
    """The inventory of two nodes, of which the first exports something."""
    one = told(1, storage_definitions=list(definitions), nfs_server_exports=[export], **more)
    return inventory_document([one, told(2, storage_definitions=list(definitions))])["proxmox"]


def test_what_all_have_in_common_is_said_once() -> None:
    found = inventory_document([told(1, name="x", links=[1], own=1), told(2, name="x", links=[2])])
    assert found == {
        "proxmox": {"hosts": {"pve1": {"links": [1], "own": 1}, "pve2": {"links": [2]}}, "vars": {"name": "x"}}
    }


#: (what the definition of the storage has otherwise, what the export says of it)
AT_THE_EXPORT = [
    ({}, {"id": "share", "content": ["iso"]}),
    ({"server": "10.10.1.11"}, {"id": "share", "content": ["iso"], "server": "10.10.1.11"}),
    ({"server": "PVE1.lab.test"}, {"id": "share", "content": ["iso"], "server": "PVE1.lab.test"}),
    ({"server": "FD00:2:0::11"}, {"id": "share", "content": ["iso"], "server": "FD00:2:0::11"}),
    ({"options": "soft,vers=3"}, {"id": "share", "content": ["iso"], "options": "soft,vers=3"}),
    ({"options": None}, {"id": "share", "content": ["iso"], "options": ""}),
    ({"nodes": ["pve2"]}, {"id": "share", "content": ["iso"], "nodes": ["pve2"]}),
]


def changed(change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**SHARE, **change}.items() if value is not None}


@pytest.mark.parametrize(("change", "storage"), AT_THE_EXPORT)
def test_a_storage_that_is_an_export_stands_at_it(change: dict[str, Any], storage: dict[str, Any]) -> None:
    found = site(VMS, changed(change))
    assert found["hosts"]["pve1"]["nfs_server_exports"] == [{**EXPORT, "storage": storage}]
    assert found["vars"]["storage_definitions"] == [VMS]
    assert "storage_definitions" not in site(changed(change))["vars"]


@pytest.mark.parametrize(
    "change",
    [
        {"server": "10.10.2.12"},
        {"server": "nas.lab.test"},
        {"export": "/srv/other"},
        {"content": None},
        {"path": "/mnt/share"},
        {"disable": True},
        {"prune_backups": {"keep_last": 3}},
        {"type": "cifs"},
    ],
)
def test_a_storage_of_which_an_export_cannot_say_all_stays_a_definition(change: dict[str, Any]) -> None:
    found = site(changed(change))
    assert found["vars"]["storage_definitions"] == [changed(change)]
    assert found["hosts"]["pve1"]["nfs_server_exports"] == [EXPORT]


def test_where_version_3_is_not_spoken_no_export_has_a_storage() -> None:
    assert site(SHARE, nfs_server_versions=["4.2"])["vars"]["storage_definitions"] == [SHARE]
    assert "storage_definitions" not in site(SHARE, nfs_server_versions=["3", "4.2"])["vars"]


def test_two_nodes_of_one_name_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="2 hosts call themselves pve1"):
        FilterModule().filters()["inventory_document"]([told(1), told(1)])
