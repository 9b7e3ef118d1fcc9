"""The generated inventory."""

from __future__ import annotations

import json
import shlex

from labtool.disks import Disk
from labtool.inventory import dynamic, inventory, text

DISK = Disk("/dev/loop1", "PVE1D0", "LABDISK", 6, rotational=False)
OPTIONS = ["-o", "StrictHostKeyChecking=yes", "-o", "ProxyCommand=nsenter --net=/run/netns/bmv-lab nc %h %p"]
DOCUMENT = inventory({1: [DISK], 2: []}, "/state/id", OPTIONS, "abc")


def test_hosts_carry_address_and_disks() -> None:
    host = DOCUMENT["proxmox"]["hosts"]["pve1"]
    assert host["ansible_host"] == "10.10.1.11"
    assert host["lab_disks"] == [
        {"path": "/dev/disk/by-id/lab-PVE1D0", "dev": "/dev/loop1", "serial": "PVE1D0", "size": 6}
    ]


def test_ssh_arguments_survive_the_shell_words_ansible_makes_of_them() -> None:
    assert shlex.split(DOCUMENT["proxmox"]["vars"]["ansible_ssh_common_args"]) == OPTIONS


def test_the_key_of_proxmox_itself_is_not_the_labs_to_pin() -> None:
    assert "lab_keyring_sha256" not in inventory({}, "/state/id", OPTIONS, None)["proxmox"]["vars"]


def test_file_and_script_say_the_same() -> None:
    listed = dynamic(json.loads(text(DOCUMENT)))
    assert listed["proxmox"]["hosts"] == ["pve1", "pve2"]
    assert listed["proxmox"]["vars"] == DOCUMENT["proxmox"]["vars"]
    assert listed["_meta"]["hostvars"] == DOCUMENT["proxmox"]["hosts"]
