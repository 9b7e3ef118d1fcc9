"""Misspelt role variables are found, and nothing else is taken for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.plugin_utils.role_variables import (
    ROLES,
    known_variables,
    specifications,
    unknown_options,
    unknown_variables,
)

KNOWN = known_variables()


def test_every_role_is_known() -> None:
    assert {"ceph", "cluster", "nfs_server", "proxmox_ve", "repositories", "storage"} <= set(KNOWN)


@pytest.mark.parametrize("role", sorted(KNOWN))
def test_a_role_takes_its_own_defaults(role: str) -> None:
    """A site that says nothing of a subject is not refused for it."""
    said = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    plain = {name: value for name, value in said.items() if "{{" not in str(value)}
    spec = {
        name: {key: value for key, value in option.items() if key != "required"}
        for name, option in specifications()[role].items()
        if name in plain
    }
    assert ArgumentSpecValidator(spec).validate(plain).error_messages == []


@pytest.mark.parametrize("role", sorted(KNOWN))
def test_the_variables_of_a_role_begin_with_its_name_and_pass(role: str) -> None:
    assert all(name == role or name.startswith(f"{role}_") for name in KNOWN[role])
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


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"ceph_pools": [{"name": "vms"}, {"name": "iso", "sise": 3}]}, {"ceph_pools[1].sise": "size"}),
        ({"nfs_server_exports": [{"path": "/srv", "clients": [{"hots": "a"}]}]}, {"[0].clients[0].hots": "host"}),
        ({"ceph_pools": [{"name": "vms", "size": 3}], "other": [{"sise": 1}]}, {}),
        ({"ceph_pools": "not a list"}, {}),
    ],
)
def test_a_misspelt_option_is_named_by_its_path(values: dict[str, Any], wrong: dict[str, str]) -> None:
    found = unknown_options(values, specifications())
    assert {path: meant for path, meant in found.items() if not any(path.endswith(end) for end in wrong)} == {}
    assert sorted(found.values()) == sorted(wrong.values())


def test_an_alias_is_known() -> None:
    known = {"a": {"a_list": {"options": {"name": {"aliases": ["id"]}}}}}
    assert unknown_options({"a_list": [{"id": 1}]}, known) == {}


def _options(spec: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in spec.items():
        yield f"{path}{name}", option
        yield from _options(option.get("options", {}), f"{path}{name}.")


def test_what_is_called_a_secret_is_kept_out_of_logs_and_of_saved_plans() -> None:
    options = dict(option for spec in specifications().values() for option in _options(dict(spec)))
    secret = re.compile(r"(^|[_.])(password|secret|ticket|keyring|key|token)$")
    named = {name for name, option in options.items() if secret.search(name) and option["type"] == "str"}
    assert "cluster_password" in named and "storage_definitions.encryption_key" in named
    assert not {name for name in named if not options[name].get("no_log")}
