"""Misspelt role variables are found, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.plugin_utils.role_variables import known_variables, unknown_variables

KNOWN = known_variables()


def test_every_role_is_known() -> None:
    assert {"ceph", "cluster", "nfs_server", "proxmox_ve", "repositories", "storage"} <= set(KNOWN)


@pytest.mark.parametrize("role", sorted(KNOWN))
def test_the_variables_of_a_role_begin_with_its_name_and_pass(role: str) -> None:
    assert all(name.startswith(f"{role}_") for name in KNOWN[role])
    assert unknown_variables(KNOWN[role], KNOWN) == {}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cluster_link", "cluster_links"),
        ("ceph_pool", "ceph_pools"),
        ("repositories_subscripton", "repositories_subscription"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_it_resembles(name: str, meant: str) -> None:
    assert unknown_variables([name], KNOWN) == {name: meant}


@pytest.mark.parametrize("name", ["ansible_host", "clustered", "cephalopod", "my_cluster_name"])
def test_other_variables_are_left_alone(name: str) -> None:
    assert unknown_variables([name], KNOWN) == {}
