"""Where the data of a storage come from."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import parse_storages
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.servers import as_address, servers_of


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nfs: s1\n\tserver NAS.lab\n\texport /srv\n", {"NAS.lab"}),
        ("iscsi: s1\n\tportal san:3260\n\ttarget iqn.x\n", {"san"}),
        ("iscsi: s1\n\tportal [fd00::1]:3260\n\ttarget iqn.x\n", {"fd00::1"}),
        ("iscsi: s1\n\tportal fd00::1.3260\n\ttarget iqn.x\n", {"fd00::1"}),
        ("iscsi: s1\n\tportal fd00::1\n\ttarget iqn.x\n", {"fd00::1"}),
        ("rbd: s1\n\tmonhost 10.1.1.1:6789;mon2, [fd00::3]\n", {"10.1.1.1", "mon2", "fd00::3"}),
        ("glusterfs: s1\n\tserver g1\n\tserver2 g2\n\tvolume v\n", {"g1", "g2"}),
        ("zfs: s1\n\tportal 10.1.1.2\n\ttarget iqn.x\n", {"10.1.1.2"}),
        ("rbd: s1\n\tpool vms\n", set()),
        ("dir: s1\n\tpath /srv\n", set()),
    ],
)
def test_servers_without_their_ports(text: str, servers: set[str]) -> None:
    assert servers_of(parse_storages(text).entries["s1"]) == servers


def test_an_address_has_one_form() -> None:
    assert as_address("FD00:0:0::0001") == ipaddress.ip_address("fd00::1")
    assert as_address("::ffff:10.1.1.1") == ipaddress.ip_address("10.1.1.1")
    assert as_address("10.1") is None and as_address("nas") is None
