"""Upstream's scripts are called for what they would change, and only for that."""

from __future__ import annotations

import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_migration import (
    MIGRATIONS,
    Migration,
    script,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade.release_migration import VOLUMES
from ansible_collections.baremetal.virt.plugins.modules.release_migration import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

STORAGES = """\
rbd: ext
	pool vms
	monhost 10.0.0.1
	content images

rbd: own
	pool vms
	content images

lvm: san
	vgname san
	shared 1
	content images

lvm: elsewhere
	vgname other
	nodes pve2
	content images
"""
ENABLED = {"san/vm-100-disk-0": "enabled", "san/root": "enabled", "other/vm-101-disk-0": "enabled", "san/vm-7-a": ""}


def fresh() -> FakeNode:
    node = FakeNode({"/etc/pve/storage.cfg": STORAGES, "/proc/sys/kernel/hostname": "pve1\n"})
    node.commands.update({("getent", "ahosts", "pve1"): printed(""), ("ip", "-json", "address"): printed("[]")})
    node.files.update({script(one): "#!/usr/bin/perl\n" for one in MIGRATIONS})
    node.files.update({"/etc/pve/priv/ceph/ext.keyring": "secret\n", "/etc/pve/priv/ceph/own.keyring": "secret\n"})
    volumes = dict(ENABLED)

    def listed(_node: FakeNode) -> Completed:
        rows = [
            {"vg_name": name.split("/")[0], "lv_name": name.split("/")[1], "autoactivation": state}
            for name, state in volumes.items()
        ]
        return printed(json.dumps({"report": [{"lv": rows}]}))

    def switch_off(_node: FakeNode) -> None:
        volumes.update({name: "" for name in volumes if "vm-" in name})

    node.commands[VOLUMES] = listed
    node.effects[script("lvm-autoactivation"), "--assume-yes"] = switch_off
    conf = {"/etc/pve/priv/ceph/ext.conf": "[global]\nkeyring = /etc/pve/priv/ceph/ext.keyring\n"}
    node.effects[(script("rbd-keyring"),)] = lambda one: one.files.update(conf)
    return node


@pytest.mark.parametrize(("name", "left"), [("rbd-keyring", ["ext"]), ("lvm-autoactivation", ["san/vm-100-disk-0"])])
def test_what_is_left_is_seen_and_then_gone(name: str, left: list[str]) -> None:
    plan = make_plan(SUBJECT, {"name": name}, fresh())
    assert plan.before == {"left": left} and [step.id for step in plan.steps] == [f"release.migrate:{name}"]
    assert_converges_from_every_kill(SUBJECT, {"name": name}, fresh)


@pytest.mark.parametrize("name", MIGRATIONS)
def test_a_script_that_is_not_shipped_yet(name: Migration) -> None:
    node = fresh()
    del node.files[script(name)]
    assert "is not there" in str(make_plan(SUBJECT, {"name": name}, node).refusals[0])


def test_an_lvm_that_says_nothing_has_not_said_that_nothing_is_left() -> None:
    node = fresh()
    node.commands[VOLUMES] = Completed(5, "", "cannot process volume group san\n")
    with pytest.raises(Unreadable, match="cannot process volume group san"):
        make_plan(SUBJECT, {"name": "lvm-autoactivation"}, node)
