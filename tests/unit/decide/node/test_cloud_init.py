"""proxmox_ve and cloud-init: what it would write again at the next boot is taken from it, or refused with the cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.cloud_init import (
    CONFIG,
    DIRECTORY,
    DISABLED,
    OWN,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.cloud_init import ASK_INSTANCE
from ansible_collections.baremetal.virt.plugins.modules.proxmox_ve import SUBJECT

from ....doubles.fake_debian import GETENT, debian_node
from ....doubles.support import FakeNode, printed

HOSTS = """\
# manage_etc_hosts is on: cloud-init writes this file from its template at every boot
127.0.1.1 pve1.example.org pve1
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
"""
ON = "manage_etc_hosts: true\n"


def host(files: Mapping[str, str], instance: str = "") -> FakeNode:
    node = debian_node(RELEASES[2], {"/etc/hosts": HOSTS, "/etc/hostname": "pve1\n", **files})
    node.commands[GETENT] = printed("127.0.1.1 STREAM pve1.example.org\n")
    node.commands[("dpkg", "--print-architecture")] = printed("amd64\n")
    node.commands[ASK_INSTANCE] = printed(instance)
    return node


def plan(node: FakeNode, managed: bool = True) -> Plan:
    given: dict[str, Any] = dict.fromkeys(
        ("require_virtualization", "require_time_sync", "upgrade", "remove_debian_kernel"), False
    )
    hosts = [{"name": "pve1.example.org", "address": "10.10.1.11"}] if managed else []
    return make_plan(SUBJECT, {**given, "hosts": hosts}, node)


def told(made: Plan) -> list[str]:
    return [sentence for sentence in made.sentences if "cloud-init" in sentence]


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", "1", "template", "localhost", '"true"', "'localhost'"])
def test_the_file_is_taken_from_cloud_init_before_it_is_corrected(word: str) -> None:
    node = host({CONFIG: f"manage_etc_hosts: {word}\npreserve_hostname: false\n"})
    made = plan(node)
    assert made.sentences[:2] == [
        "tell cloud-init to leave /etc/hosts and the name of this host alone",
        "correct /etc/hosts",
    ]
    for step in made.steps[:2]:
        node.act(step)
    assert node.files[OWN].endswith("manage_etc_hosts: false\npreserve_hostname: true\n")
    assert not told(plan(node))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {CONFIG: "users:\n  - default\n"},
        {CONFIG: "manage_etc_hosts: false\n"},
        {CONFIG: "# manage_etc_hosts: true\n"},
        {CONFIG: "x:\n  manage_etc_hosts: true\n"},
        {CONFIG: ON, f"{DIRECTORY}/90-provider.cfg": "manage_etc_hosts: false\n"},
        {CONFIG: ON, DISABLED: ""},
        {f"{DIRECTORY}/90-left-behind.cfg": ON},
    ],
    ids=["none", "silent", "off", "remark", "elsewhere", "off by the provider", "disabled", "not installed"],
)
def test_a_cloud_init_that_leaves_the_file_alone_is_left_alone(files: dict[str, str]) -> None:
    assert not told(plan(host(files)))


def test_the_last_file_counts() -> None:
    files = {CONFIG: "manage_etc_hosts: false\n", f"{DIRECTORY}/90-provider.cfg": ON, f"{DIRECTORY}/README": "x"}
    assert told(plan(host(files))) == ["tell cloud-init to leave /etc/hosts alone"]


def test_what_was_taken_once_stays_taken() -> None:
    node = host({CONFIG: "preserve_hostname: false\n", OWN: "manage_etc_hosts: false\n"})
    (step,) = plan(node, managed=False).steps[:1]
    node.act(step)
    assert "manage_etc_hosts: false" in node.files[OWN] and "preserve_hostname: true" in node.files[OWN]


def test_a_file_that_nobody_declares_is_only_warned_of() -> None:
    made = plan(host({CONFIG: ON}), managed=False)
    assert not told(made)
    assert any("Declare hosts (proxmox_ve_hosts)" in warning for warning in made.warnings)


def test_what_the_instance_s_data_say_no_file_can_change() -> None:
    made = plan(host({CONFIG: ""}, instance=ON))
    assert not told(made)
    (refusal,) = [one for one in made.refusals if "cloud-init" in one.reason]
    assert "user or vendor data" in refusal.reason and f"touch {DISABLED}" in refusal.hint


def test_the_users_data_go_before_the_systems_files() -> None:
    made = plan(host({CONFIG: ON}, instance="manage_etc_hosts: true\nmanage_etc_hosts: false\n"))
    assert not told(made) and not [one for one in made.refusals if "cloud-init" in one.reason]


def test_a_name_that_the_instance_s_data_may_change_is_warned_of() -> None:
    made = plan(host({CONFIG: ""}, instance="preserve_hostname: false\n"))
    assert any("change the name of the host" in warning for warning in made.warnings)
