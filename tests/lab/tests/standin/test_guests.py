"""Guests: configuration text, network cards, sizes and the printed list."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from pve_standin.cli import qm
from pve_standin.guest import config, disk, machine, mapping, migration, values
from pve_standin.storage import config as storage_config

from .support import text


def test_a_configuration_is_written_back_as_it_was() -> None:
    assert config.dump(config.parse(text("qm-config.txt"))) == text("qm-config.txt")


def test_options_have_their_types() -> None:
    read = config.parse("cores: 2\nmemory: 2048\nonboot: 1\nname: a\n[snap]\nname: b\n")
    assert read == {"cores": 2, "memory": "2048", "onboot": 1, "name": "a"}


def test_a_description_is_kept_as_comments() -> None:
    read = config.parse("#one\n#two\nname: a\n")
    assert read["description"] == "one\ntwo\n"
    assert config.dump(read) == "#one\n#two\nname: a\n"


def test_list_of_machines(capsys: pytest.CaptureFixture[str]) -> None:
    qm.render_list([machine.summary(100, config.parse(text("qm-config.txt")))], {})
    assert capsys.readouterr().out == text("qm-list.txt")


def test_a_card_without_address_gets_one() -> None:
    assert re.fullmatch(r"virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0", values.machine_card("virtio,bridge=vmbr0"))
    assert values.machine_card("virtio=AA:BB:CC:00:11:22,bridge=x") == "virtio=AA:BB:CC:00:11:22,bridge=x"


@pytest.mark.parametrize(("kib", "shown"), [(1 << 20, "1G"), (4096, "4M"), (528, "528K"), (1 << 30, "1T")])
def test_sizes(kib: int, shown: str) -> None:
    assert disk.size_text(kib) == shown


def test_volumes_that_go_with_the_machine() -> None:
    read = {
        "scsi0": "vmpool:vm-100-disk-0,size=1G",
        "scsi1": "vmpool:vm-101-disk-0,size=1G",
        "ide2": "local:iso/x.iso,media=cdrom",
    }
    assert disk.owned_volumes(100, read) == ["vmpool:vm-100-disk-0"]
    assert disk.boot_disk_bytes({**read, "boot": "order=ide2;scsi0"}) == 1 << 30


def test_the_file_of_mappings_is_written_back_as_it_was() -> None:
    sample = text("mapping-pci.cfg.sample")
    assert mapping.dump(mapping.parse(sample)).rstrip("\n") == sample.rstrip("\n")


def test_what_moves_with_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"local": {}, "scratch": {"nodes": ["pve3"]}, "vms": {"shared": 1}}
    monkeypatch.setattr(storage_config, "read", lambda: SimpleNamespace(storages=known))
    read = {"scsi0": "vms:vm-100-disk-0", "scsi1": "scratch:100/a.raw", "ide2": "local:iso/x.iso,media=cdrom"}
    read |= {"ide0": "local:100/vm-100-cloudinit.raw,media=cdrom"}
    assert migration.local_disks(read) == {
        "local:100/vm-100-cloudinit.raw": False,
        "local:iso/x.iso": True,
        "scratch:100/a.raw": False,
    }
    assert migration.why_not("scratch:100/a.raw", False, "pve1", False) == (
        "storage 'scratch' is not available on node 'pve1'"
    )
    assert migration.why_not("local:iso/x.iso", True, "pve1", False) == "local cdrom image"
    assert "with-local-disks" in migration.why_not("local:100/b.raw", False, "pve1", True)
    assert migration.why_not("local:100/b.raw", False, "pve1", False) == ""


def test_a_disk_that_is_deleted_is_unused_and_one_that_is_unused_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[str] = []
    monkeypatch.setattr(disk, "free", freed.append)
    current = {"scsi1": "local:102/vm-102-disk-0.raw,size=1G"}
    machine._remove(102, current, "scsi1")
    assert (current, freed) == ({"unused0": "local:102/vm-102-disk-0.raw"}, [])
    machine._remove(102, current, "unused0")
    assert (current, freed) == ({}, ["local:102/vm-102-disk-0.raw"])


def test_what_a_running_machine_takes_at_once() -> None:
    drive = {"ide2": "local:iso/debian.iso,media=cdrom"}
    assert machine._is_hot("unused0", "", {})
    assert machine._is_hot("ide2", "none,media=cdrom", drive)
    assert not machine._is_hot("ide2", "none,media=cdrom", {})
    assert not machine._is_hot("memory", "4096", {})
