"""A node in memory, looked at whole: the module's answer."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import ask
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import node, packages, upgraders
from ansible_collections.baremetal.virt.plugins.modules.upgrade_info import INQUIRY
from ansible_collections.baremetal.virt.tests.doubles import upgrade_cases as cases
from ansible_collections.baremetal.virt.tests.doubles.support import Completed, FakeNode, printed
from ansible_collections.baremetal.virt.tests.doubles.upgrade_node import DPKG, member


def troubled() -> FakeNode:
    found = member()
    found.commands[upgraders.CONFIG] = printed(cases.text("someone-else-reboots", "apt-config-dump.out"))
    found.commands[upgraders.CRON] = printed("/etc/cron.daily/apt-compat\n/etc/cron.d/patch\n")
    found.commands[node.SPACE] = printed("Avail Mounted on\n90000000000 /\n90000000000 /\n9000000 /boot\n")
    found.files["/etc/pve/priv/upgrade-of-pve1.json"] = "{}"
    found.files["/etc/pve/ha/manager_status"] = '{"master_node": "pve1"}'
    return found


def answer(found: FakeNode, **given: Any) -> Any:
    return ask(INQUIRY, {"removals": [], **given}, found)["report"]


def test_everything_that_a_node_tells() -> None:
    assert answer(member())["refusals"] == []
    told = answer(troubled())
    assert (told["marked"], told["master"], told["guests"]) == (True, True, 0)
    assert told["node"] == "pve1"
    assert told["boot_id"] == "0b1d"
    assert told["kernel"] == {"running": cases.OLD, "next": cases.OLD, "after": cases.NEW, "way": "grub"}
    assert told["candidates"] == {"pve-manager": "9.0.11"}
    assert told["guests_on_old"] == [100]
    assert told["drafts"] == ["/etc/issue.dpkg-dist"]
    words = " ".join(told["refusals"])
    for expected in ("/boot has", "04:30", "/etc/cron.d/patch"):
        assert expected in words
    assert len(told["refusals"]) == 3


@pytest.mark.parametrize("silent", [("old_binaries",), packages.STATES, upgraders.CONFIG])
def test_what_cannot_be_known_is_not_nothing(silent: tuple[str, ...]) -> None:
    found = member()
    found.commands[silent] = Completed(1, "", "broken")
    with pytest.raises(Unreadable):
        answer(found)


def test_room_that_df_does_not_tell_of_is_not_enough_room() -> None:
    found = member()
    found.commands[node.SPACE] = Completed(1, "Avail Mounted on\n90000000000 /\n900000000 /boot\n", "df: no such file")
    with pytest.raises(Unreadable, match="df"):
        answer(found)


def test_boot_devices() -> None:
    found = member()
    shown = printed("pve-manager\t9.0.3\tinstalled\ngrub-pc\t2.12\tinstalled\n")
    found.commands[DPKG] = shown
    devices = "* grub-pc/install_devices: /dev/disk/by-id/ata-1, /dev/disk/by-id/ata-2\n  grub-pc/timeout: 5\n"
    found.commands[node.BOOT_DEVICES] = printed(devices)
    found.files["/dev/disk/by-id/ata-1"] = ""
    assert node.observe(found).boot_devices == {"/dev/disk/by-id/ata-1": True, "/dev/disk/by-id/ata-2": False}


def test_clocks() -> None:
    assert node.parse_clock("0A0A0A01,10.10.10.1,3,1764500000.1,-0.25,0.1,0.1,1\n") == 0.25
    assert node.parse_clock("506 Cannot talk to daemon\n") is None


def test_why_others_want_a_boot() -> None:
    found = member()
    found.files["/run/baremetal.virt/reboot/gpu_host"] = "0000:01:00.0 is bound to nouveau, not to vfio-pci\n"
    told = answer(found)
    assert told["reboot"][-1] == "0000:01:00.0 is bound to nouveau, not to vfio-pci"
    assert not told["current"]
