"""Where the lab asks for it, a machine really runs: on Debian's QEMU, in software emulation, one at a time on a node.

Asked for while /etc/lab/hypervisor exists. Disks of storages that are directories, cards on bridges of the node, a
cloud-init drive and a serial console are there as upstream's command line has them; what else a configuration may hold
is refused, and nothing of it is left out in silence.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.guest import config, disk, run_state
from pve_standin.guest.config import Config
from pve_standin.storage import manage
from pve_standin.storage.volumes import split_volid

SWITCH = Path("/etc/lab/hypervisor")
_STOP_SECONDS = 30
_SHUTDOWN_SECONDS = 60
_UNKNOWN = re.compile(r"(hostpci|usb|parallel|numa|tpmstate|efidisk|rng|virtiofs|audio)\d*|args|hugepages")
_CONTROLLERS = {"virtio-scsi-pci": "virtio-scsi-pci", "virtio-scsi-single": "virtio-scsi-pci", "lsi": "lsi53c895a"}


def start(vmid: int, current: Config) -> None:
    """QEMU goes to the background once the machine runs; its number is what marks the machine as running."""
    others = [other for other in run_state.really_running() if other != vmid]
    if others:
        raise ApiError(500, f"the lab really runs one machine at a time: VM {others[0]} runs")
    pid_file = run_state.FOLDER / f"{vmid}.pid"
    run_state.FOLDER.mkdir(parents=True, exist_ok=True)
    argv = command(vmid, current, path_of)
    for name, bridge in _taps(vmid, current):
        run(["ip", "link", "delete", name], check=False)
        run(["ip", "tuntap", "add", "dev", name, "mode", "tap"])
        run(["ip", "link", "set", name, "master", bridge, "up"])
    run(argv)
    run_state.start(vmid, int(pid_file.read_text(encoding="ascii")))


def path_of(volume: str) -> str:
    storage, name = split_volid(volume)
    return manage.usable(storage).path(name)


def command(vmid: int, current: Config, path: Callable[[str], str]) -> list[str]:
    """QEMU's command line. ``path``: volume -> where it is."""
    _check(current)
    memory = str(current.get("memory", 512)).rpartition("=")[2]
    processors = int(current.get("cores", 1)) * int(current.get("sockets", 1))
    machine = "q35" if str(current.get("machine", "")).endswith("q35") else "pc"
    words = ["qemu-system-x86_64", "-name", str(current.get("name", f"VM{vmid}")), "-daemonize"]
    words += ["-accel", "tcg,thread=multi", "-machine", machine, "-cpu", "max", "-smp", str(processors), "-m", memory]
    words += ["-nodefaults", "-display", "none", "-pidfile", str(run_state.FOLDER / f"{vmid}.pid")]
    words += ["-qmp", f"unix:{_monitor(vmid)},server=on,wait=off"]
    identity = re.search(r"uuid=([0-9a-f-]+)", str(current.get("smbios1", "")))
    words += ["-smbios", f"type=1,uuid={identity[1]}"] if identity else []
    if current.get("serial0") == "socket":
        place = run_state.FOLDER / f"{vmid}.serial0"
        words += ["-chardev", f"socket,id=serial0,path={place},server=on,wait=off,logfile={place}.log"]
        words += ["-device", "isa-serial,chardev=serial0"]
    for word in (*_drives(current, machine, path), *_cards(vmid, current)):
        words += word
    return words


def _check(current: Config) -> None:
    for key in current:
        if _UNKNOWN.fullmatch(key):
            raise ApiError(501, f"the lab does not run machines with {key}")
    if current.get("bios", "seabios") != "seabios":
        raise ApiError(501, f"the lab does not run machines with the BIOS {current['bios']}")
    if current.get("scsihw", "lsi") not in _CONTROLLERS:
        raise ApiError(501, f"the lab does not run machines with the controller {current['scsihw']}")


def _drives(current: Config, machine: str, path: Callable[[str], str]) -> Iterator[list[str]]:
    order = str(current.get("boot", "")).removeprefix("order=").split(";")
    keys = sorted(config.disk_keys(current))
    if any(key.startswith("scsi") for key in keys):
        yield ["-device", f"{_CONTROLLERS[str(current.get('scsihw', 'lsi'))]},id=scsihw0"]
    for key in keys:
        volume, options = disk.split(str(current[key]))
        medium = "cd" if "media=cdrom" in options else "hd"
        if volume == "none":
            continue
        name = path(volume)
        form = "qcow2" if name.endswith(".qcow2") else "raw"
        yield ["-drive", f"file={name},if=none,id=drive-{key},format={form}" + (",readonly=on" * (medium == "cd"))]
        serial = "".join(f",serial={one.partition('=')[2]}" for one in options if one.startswith("serial="))
        index = f",bootindex={100 + order.index(key)}" if key in order else ""
        yield ["-device", f"{_device(key, machine, medium)},drive=drive-{key},id={key}{serial}{index}"]


def _device(key: str, machine: str, medium: str) -> str:
    bus = key.rstrip("0123456789")
    number = int(key[len(bus) :])
    if bus == "scsi":
        return f"scsi-{medium},bus=scsihw0.0,scsi-id={number}"
    if bus == "virtio":
        return "virtio-blk-pci"
    if bus == "ide" and machine == "pc":
        return f"ide-{medium},bus=ide.{number // 2},unit={number % 2}"
    if bus == "ide":
        return f"ide-{medium},bus=ide.{number}"
    raise ApiError(501, f"the lab does not run machines with {key}")


def _taps(vmid: int, current: Config) -> Iterator[tuple[str, str]]:
    """The node's end of each card, and the bridge that it is plugged into."""
    for key in sorted(key for key in current if config.is_net(key)):
        options = dict(part.partition("=")[::2] for part in str(current[key]).split(","))
        if "tag" in options or "trunks" in options:
            raise ApiError(501, f"the lab does not run machines with VLANs: {key}")
        yield f"tap{vmid}i{key[3:]}", options["bridge"]


def _cards(vmid: int, current: Config) -> Iterator[list[str]]:
    for name, _ in _taps(vmid, current):
        key = f"net{name.rpartition('i')[2]}"
        model, _, address = str(current[key]).partition(",")[0].partition("=")
        device = "virtio-net-pci" if model == "virtio" else model
        yield ["-netdev", f"tap,id={key},ifname={name},script=no,downscript=no"]
        yield ["-device", f"{device},mac={address},netdev={key},id={key}"]


def shutdown(vmid: int, timeout: int | None) -> None:
    """What pressing the button does; whether the guest does it is up to the guest."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(_monitor(vmid))
        lines = monitor.makefile("rw", encoding="utf-8")
        lines.readline()
        for order in ("qmp_capabilities", "system_powerdown"):
            lines.write(json.dumps({"execute": order}) + "\n")
            lines.flush()
            lines.readline()
    if not _gone(vmid, timeout or _SHUTDOWN_SECONDS):
        raise ApiError(500, "VM quit/powerdown failed - got timeout")


def stop(vmid: int) -> None:
    pid = run_state.process(vmid)
    if pid:
        os.kill(pid, signal.SIGTERM)
    if not _gone(vmid, _STOP_SECONDS):
        raise ApiError(500, f"VM {vmid} does not end")


def _gone(vmid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while run_state.is_running(vmid):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.5)
    return True


def _monitor(vmid: int) -> str:
    return str(run_state.FOLDER / f"{vmid}.qmp")
