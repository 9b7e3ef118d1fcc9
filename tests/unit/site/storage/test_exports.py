"""site/storage/exports: tables of hosts, what each exports and where it is reached → the storages of the cluster."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter.site_storages import FilterModule
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.storage.exports import (
    Told,
    address_for,
    site_storages,
)
from ansible_collections.baremetal.virt.plugins.modules.node_address_info import INQUIRY

from ....doubles.cluster_nodes import bare

NETWORK = "10.10.2.0/24"
VMS = {"id": "vms", "type": "rbd", "pool": "vms"}
DISKS = {"id": "disks", "type": "lvm", "vgname": "fast"}
LUN = {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x"}
NAS = {"id": "nas", "type": "nfs", "server": "192.0.2.7", "export": "/nas"}


def export(path: str = "/srv/share", clients: Optional[list[str]] = None, **storage: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path}
    if clients is not None:
        found["clients"] = [{"host": host} for host in clients]
    return {**found, "storage": {"content": ["iso"], **storage}} if storage else found


def told(number: int, *exports: dict[str, Any], networks: tuple[str, ...] = (NETWORK,)) -> Told:
    """What pve1, pve2, ... tells."""
    addresses = [f"10.10.1.1{number}/24", f"10.10.2.1{number}/24"]
    return {"host": f"pve{number}", "exports": exports, "networks": networks, "addresses": addresses}


def share(server: str, **more: Any) -> dict[str, Any]:
    nfs = {"id": "share", "type": "nfs", "server": server, "export": "/srv/share", "options": "vers=4.2"}
    return {**nfs, "content": ["iso"], **more}


#: (what each host tells, the storages that follow)
EXPORTED: list[tuple[list[Told], list[dict[str, Any]]]] = [
    ([], []),
    ([told(1), told(2)], []),
    ([told(1, export()), told(2, export("/srv/b"))], []),
    ([told(1, export(id="share"))], [share("10.10.2.11")]),
    ([told(1, export(clients=["10.10.1.0/24"], id="share"))], [share("10.10.1.11")]),
    ([told(1, export(clients=["@all", "pve2", "10.9.0.0/16", NETWORK], id="share"))], [share("10.10.2.11")]),
    ([told(2, export(id="share"), networks=("10.9.0.0/16", "10.10.1.0/24"))], [share("10.10.1.12")]),
    ([told(1, export(clients=["@all"], id="share", server="nas.lan"))], [share("nas.lan")]),
    (
        [told(1, export(id="share", options="vers=3", nodes=["pve2"]))],
        [share("10.10.2.11", options="vers=3", nodes=["pve2"])],
    ),
    ([told(1, export(id="share", options=None, nodes=None))], [share("10.10.2.11")]),
    (
        [told(3, export(id="share")), told(1, export("/srv/b"), export("/srv/b/c", id="other"))],
        [share("10.10.2.13"), share("10.10.2.11", id="other", export="/srv/b/c")],
    ),
]


@pytest.mark.parametrize(("hosts", "expected"), EXPORTED)
def test_exports_become_storages(hosts: list[Told], expected: list[dict[str, Any]]) -> None:
    found = site_storages([], hosts)
    assert found["all"] == expected and found["beforehand"] == expected
    assert site_storages([VMS], hosts)["all"] == [VMS, *expected]


def test_nodes_look_beforehand_for_what_they_can_tell() -> None:
    found = site_storages([VMS, DISKS, NAS, LUN], [told(1, export(id="share"))])
    assert found["beforehand"] == [DISKS, LUN, share("10.10.2.11")]  # an NFS server of others may tell nothing


def test_all_nodes_that_cannot_be_reached_are_named_at_once() -> None:
    hosts = [
        told(1, export(clients=["10.9.0.0/16"], id="share")),
        told(2, export(id="b"), networks=()),
        told(3, export(clients=["@all"], id="c")),
    ]
    with pytest.raises(Invalid) as caught:
        site_storages([], hosts)
    words = str(caught.value)
    assert "/srv/share of pve1: it has no address" in words
    assert "(10.9.0.0/16; its addresses are 10.10.1.11/24, 10.10.2.11/24)" in words
    assert "of pve2" in words and "(none; " in words
    assert "of pve3" in words and "(@all; " in words
    assert "storage.server" in caught.value.hint


@pytest.mark.parametrize(
    ("definitions", "hosts", "words"),
    [
        (
            [],
            [told(1, export("/srv/a", id="share")), told(2, export("/srv/b", id="share"))],
            "share is defined by the export /srv/a of pve1 and by the export /srv/b of pve2",
        ),
        (
            [{**NAS, "id": "share"}],
            [told(1, export(id="share"))],
            "share is defined by storage_definitions and by the export /srv/share of pve1",
        ),
    ],
)
def test_one_name_for_two_storages_is_refused(definitions: list[dict[str, Any]], hosts: list[Told], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        site_storages(definitions, hosts)


def test_the_filter_says_what_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"The nodes cannot reach .* as storage\.server"):
        FilterModule().filters()["site_storages"]([], [told(1, export(clients=[], id="share"))])


OWN = ["10.10.1.11/24", "10.10.2.11/24", "fd00:2::11/64"]


@pytest.mark.parametrize(
    ("clients", "expected"),
    [
        ([NETWORK], "10.10.2.11"),
        (["10.9.0.0/16", NETWORK, "10.10.1.0/24"], "10.10.2.11"),
        (["@trusted", "pve2", "10.10.1.12", "*.example.org", "10.10.1.0/24"], "10.10.1.11"),
        (["fd00:2::/64"], "fd00:2::11"),
        (["10.10.2.7/24"], "10.10.2.11"),
        (["10.10.2.0/255.255.255.0"], "10.10.2.11"),
        ([], None),
        (["@trusted"], None),
        (["gss/krb5"], None),
        (["10.9.0.0/16"], None),
        (["127.0.0.0/8"], None),
    ],
)
def test_the_address_is_the_one_in_the_first_network_that_has_one(clients: list[str], expected: Optional[str]) -> None:
    assert address_for(clients, OWN) == expected


def test_a_node_tells_its_addresses() -> None:
    assert INQUIRY.answer(bare(1), {}) == {"node": "pve1", "addresses": told(1)["addresses"]}
