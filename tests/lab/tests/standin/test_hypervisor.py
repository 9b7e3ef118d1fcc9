"""What really runs: QEMU's command line, the drive that cloud-init reads, and when a machine has ended."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pve_standin.core.errors import ApiError
from pve_standin.guest import hypervisor, run_state, seed

MACHINE = {
    "name": "web1",
    "memory": "512",
    "cores": 2,
    "scsihw": "virtio-scsi-single",
    "boot": "order=scsi0",
    "scsi0": "local:1201/vm-1201-disk-0.raw,serial=A1,size=2G",
    "ide2": "local:1201/vm-1201-cloudinit.raw,media=cdrom",
    "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    "smbios1": "uuid=2c1b5f2e-93ee-4f37-9ab8-c1b9ab4f1a3f",
}


def command(**more: object) -> str:
    return " ".join(hypervisor.command(1201, {**MACHINE, **more}, lambda volume: "/" + volume.partition(":")[2]))


def test_what_the_configuration_says_stands_on_the_command_line() -> None:
    told = command()
    for part in (
        "-name web1",
        "-smp 2 -m 512",
        "-smbios type=1,uuid=2c1b5f2e-93ee-4f37-9ab8-c1b9ab4f1a3f",
        "-device virtio-scsi-pci,id=scsihw0",
        "-drive file=/1201/vm-1201-disk-0.raw,if=none,id=drive-scsi0,format=raw -device",
        "scsi-hd,bus=scsihw0.0,scsi-id=0,drive=drive-scsi0,id=scsi0,serial=A1,bootindex=100",
        "file=/1201/vm-1201-cloudinit.raw,if=none,id=drive-ide2,format=raw,readonly=on",
        "ide-cd,bus=ide.1,unit=0,drive=drive-ide2",
        "-netdev tap,id=net0,ifname=tap1201i0,script=no,downscript=no",
        "virtio-net-pci,mac=BC:24:11:00:00:01,netdev=net0,id=net0",
    ):
        assert part in told


@pytest.mark.parametrize(
    "more",
    [
        {"bios": "ovmf"},
        {"hostpci0": "mapping=gpu"},
        {"net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20"},
        {"scsihw": "pvscsi"},
        {"sata0": "local:1201/vm-1201-disk-1.raw"},
    ],
)
def test_nothing_is_left_out_in_silence(more: dict[str, str]) -> None:
    with pytest.raises(ApiError, match="the lab does not run machines with"):
        command(**more)


def test_cards_as_cloud_init_reads_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(seed, "RESOLV_CONF", tmp_path / "resolv.conf")
    current = {
        **MACHINE,
        "ipconfig0": "ip=192.0.2.31/24,gw=192.0.2.1,ip6=2001:db8::31/64,gw6=2001:db8::1",
        "net1": "virtio=BC:24:11:00:00:02,bridge=vmbr1",
        "net2": "virtio=BC:24:11:00:00:03,bridge=vmbr2",
        "ipconfig2": "ip=dhcp,ip6=dhcp",
    }
    told = seed.network_data(current)
    assert "name: eth1" not in told
    assert "- type: dhcp4\n      - type: dhcp6\n" in told
    assert "- type: static6\n        address: '2001:db8::31/64'\n        gateway: '2001:db8::1'\n" in told
    assert told.endswith("    - type: nameserver\n")
    (tmp_path / "resolv.conf").write_text("search lab.test\nnameserver 192.0.2.53\n", encoding="utf-8")
    servers = "      address:\n      - '192.0.2.53'\n      search:\n      - 'lab.test'\n"
    assert seed.network_data(current).endswith("nameserver\n" + servers)


@pytest.mark.skipif(shutil.which("genisoimage") is None, reason="only nodes that run machines need genisoimage")
def test_the_drive_is_an_image_of_four_files(tmp_path: Path) -> None:
    seed.write_image(tmp_path / "drive.raw", "#cloud-config\n", {**MACHINE, "ipconfig0": "ip=dhcp"})
    image = (tmp_path / "drive.raw").read_bytes()
    assert len(image) == 4 << 20
    assert image[0x8028:0x802E] == b"cidata"
    assert all(text in image for text in (b"#cloud-config\n", b"- type: dhcp4\n", b"instance-id: "))


def test_only_one_kind_of_drive_is_made(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="of the type nocloud only"):
        seed.write_image(tmp_path / "drive.raw", "", {"citype": "configdrive2"})


def test_a_machine_that_has_ended_by_itself_does_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run_state, "FOLDER", tmp_path)
    run_state.start(1201, os.getpid())
    assert (run_state.is_running(1201), run_state.really_running()) == (True, [1201])
    with pytest.raises(ApiError, match="one machine at a time: VM 1201 runs"):
        hypervisor.start(1202, MACHINE)
    ended = subprocess.Popen(["true"])
    ended.wait()
    run_state.start(1201, ended.pid)
    assert (run_state.is_running(1201), run_state.really_running()) == (False, [])
    run_state.start(1202)
    assert (run_state.is_running(1202), run_state.process(1202)) == (True, 0)
