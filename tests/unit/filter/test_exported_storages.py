"""Exports of hosts → storages of the cluster; and where each server is reached."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.filter.exported_storages import exported_storages
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.address import answer

from ...doubles.support import FakeNode, printed

ADDRESSES = (
    '[{"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},'
    ' {"ifname": "vmbr0", "addr_info": [{"local": "10.10.1.11", "prefixlen": 24}]},'
    ' {"ifname": "vmbr1", "addr_info": [{"local": "10.10.2.11", "prefixlen": 24},'
    ' {"local": "fd00:2::11", "prefixlen": 64}]}]'
)


def host(*results: dict[str, Any]) -> dict[str, Any]:
    return {"storage_nfs_addresses": {"results": list(results)}}


def result(storage: dict[str, Any], **found: Any) -> dict[str, Any]:
    return {"storage_export": {"path": "/srv/share", "clients": [], "storage": storage}, **found}


def test_an_export_becomes_a_storage() -> None:
    found = host(result({"id": "share", "content": ["iso"]}, address="10.10.2.11", interface="vmbr1"))
    assert exported_storages({"pve1": found, "pve2": {}}, ["pve1", "pve2"]) == [
        {
            "id": "share",
            "type": "nfs",
            "server": "10.10.2.11",
            "export": "/srv/share",
            "options": "vers=4.2",
            "content": ["iso"],
        }
    ]


def test_what_the_export_says_itself_wins() -> None:
    said = {"id": "share", "content": ["iso"], "server": "nas.example.org", "options": "vers=3", "nodes": ["pve2"]}
    (storage,) = exported_storages({"pve1": host(result(said, skipped=True))}, ["pve1"])
    assert storage == {**said, "type": "nfs", "export": "/srv/share"}


def test_hosts_without_exports_have_no_storages() -> None:
    assert exported_storages({"pve1": {}, "pve2": host()}, ["pve1", "pve2"]) == []


def node() -> FakeNode:
    return FakeNode(
        files={"/proc/sys/kernel/hostname": "pve1\n"},
        commands={("ip", "-json", "address"): printed(ADDRESSES)},
    )


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        (["10.10.2.0/24"], "10.10.2.11"),
        (["10.9.0.0/16", "10.10.2.0/24", "10.10.1.0/24"], "10.10.2.11"),
        (["@trusted", "pve2", "10.10.1.12", "*.example.org", "10.10.1.0/24"], "10.10.1.11"),
        (["fd00:2::/64"], "fd00:2::11"),
        (["10.10.2.7/24"], "10.10.2.11"),
        (["10.10.2.0/255.255.255.0"], "10.10.2.11"),
    ],
)
def test_the_address_is_the_one_in_the_first_network_that_has_one(networks: list[str], expected: str) -> None:
    assert answer(node(), {"networks": networks})["address"] == expected


@pytest.mark.parametrize("networks", [[], ["@trusted"], ["10.9.0.0/16"], ["127.0.0.0/8"]])
def test_a_node_without_such_an_address_says_which_it_has(networks: list[str]) -> None:
    with pytest.raises(Invalid, match=r"10\.10\.1\.11 \(vmbr0\)"):
        answer(node(), {"networks": networks})
