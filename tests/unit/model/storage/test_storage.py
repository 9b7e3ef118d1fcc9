"""model/storage: what is said of a storage by its type and its options."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import is_shared


@pytest.mark.parametrize(
    ("kind", "options", "shared"),
    [
        ("rbd", {}, True),
        ("nfs", {}, True),
        ("dir", {"shared": "1"}, True),
        ("dir", {"shared": "yes"}, True),
        ("dir", {}, False),
        ("btrfs", {}, False),
        ("esxi", {}, False),
        ("esxi", {"shared": "1"}, True),
        ("glusterfs", {}, True),
        ("zfspool", {}, False),
        ("lvm", {"shared": "0"}, False),
        ("", {}, False),
    ],
)
def test_which_storages_all_nodes_see(kind: str, options: dict[str, str], shared: bool) -> None:
    assert is_shared(kind, options) is shared
