"""One virtual machine with Debian's own kernel, for what nodes on the host's kernel cannot show: its NFS server.

    vm up           start it, from a cached image (the first time: made from Debian's packages, some minutes)
    vm down         end it; nothing of what was done in it stays
    vm ssh [CMD]    log in, or run a command
    vm --list       its Ansible inventory

Without KVM (the default, as many build machines cannot) it starts in one to three minutes; LAB_VM_ACCEL=kvm is faster.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .locks import locked
from .mirror import debian_upstreams
from .settings import CACHE, LAB_SOURCE, STATE_ROOT, LabError
from .shell import run, stage, wait_until

STATE = STATE_ROOT / "vm"
RECIPE = LAB_SOURCE / "vm_image.sh"
ACCEL = os.environ.get("LAB_VM_ACCEL", "tcg,thread=multi")
#: Emulated processors lack what QEMU 7 emulates wrongly.
PROCESSOR = {"kvm": "host", "tcg": "max,la57=off,cx16=off"}
#: An emulated machine on a busy host is slow, not broken: units get their time.
KERNEL_ARGUMENTS = (
    "root=/dev/vda rw console=ttyS0 mitigations=off nokaslr"
    " systemd.default_timeout_start_sec=1800 systemd.service_watchdogs=0"
)
START_SECONDS = 1200
TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}


def image() -> Path:
    """The folder with disk, kernel and keys; another recipe is another image."""
    return CACHE / "vm" / hashlib.sha256(RECIPE.read_bytes()).hexdigest()[:12]


def _ensure_image() -> Path:
    folder = image()
    with locked(CACHE / ".vm.lock"):
        if not folder.exists():
            with stage("making the image of the virtual machine"):
                _make(folder)
    return folder


def _make(folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in ("login", "host"):
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab-vm-{name}", "-f", partial / name])
    # in a tmpfs nobody else sees: dpkg's many fsyncs cost nothing there, and nothing is left of it after a crash
    run(["unshare", "--mount", "--propagation", "private", "sh", RECIPE, partial, debian_upstreams()["debian"]])
    partial.replace(folder)


def up() -> None:
    if is_up():
        print("the virtual machine runs")
        return
    _need_tools()
    made = _ensure_image()
    STATE.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    (STATE / "port").write_text(str(port))
    public = " ".join((made / "host.pub").read_text().split()[:2])
    (STATE / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}\n")
    with stage("starting the virtual machine"):
        run(_qemu(made, port))
        wait_until(_answers, START_SECONDS, "ssh of the virtual machine", interval=2)
    print("started")


def _qemu(made: Path, port: int) -> list[str]:
    machine = ["qemu-system-x86_64", "-accel", ACCEL, "-cpu", PROCESSOR[ACCEL.partition(",")[0]], "-smp", "2"]
    boot = ["-kernel", str(made / "vmlinuz"), "-initrd", str(made / "initrd"), "-append", KERNEL_ARGUMENTS]
    disk = f"file={made / 'disk.img'},if=virtio,format=raw,cache=unsafe,snapshot=on"
    network = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"
    devices = ["-drive", disk, "-netdev", network, "-device", "virtio-net-pci,netdev=net"]
    console = ["-display", "none", "-serial", f"file:{STATE / 'console'}", "-no-reboot"]
    return [*machine, "-m", "1024", *boot, *devices, *console, "-daemonize", "-pidfile", str(STATE / "pid")]


def down() -> None:
    if is_up():
        os.kill(_pid(), signal.SIGKILL)
        wait_until(lambda: not is_up(), 10, "the end of the virtual machine")
    shutil.rmtree(STATE, ignore_errors=True)


def is_up() -> bool:
    """Is the process that was noted still this machine?"""
    try:
        return str(STATE / "pid") in Path(f"/proc/{_pid()}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _pid() -> int:
    noted = STATE / "pid"
    return int(noted.read_text()) if noted.exists() else 0


def _answers() -> bool:
    if not is_up():
        console = (STATE / "console").read_text(errors="replace")[-2000:]
        raise LabError(f"the virtual machine has ended; its console said:\n{console}")
    return subprocess.run([*login(), "true"], capture_output=True, check=False, timeout=60).returncode == 0


def variables() -> dict[str, str]:
    """How Ansible reaches it."""
    key = image() / "login"
    options = f"-o UserKnownHostsFile={STATE / 'known_hosts'} -o StrictHostKeyChecking=yes -o ConnectTimeout=20"
    port = (STATE / "port").read_text() if (STATE / "port").exists() else "22"
    return {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(key),
        "ansible_ssh_common_args": options,
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def login() -> list[str]:
    found = variables()
    key, port = found["ansible_ssh_private_key_file"], found["ansible_port"]
    return ["ssh", "-q", "-i", key, "-p", port, *found["ansible_ssh_common_args"].split(), "root@127.0.0.1"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _need_tools() -> None:
    missing = sorted(package for command, package in TOOLS.items() if shutil.which(command) is None)
    if missing:
        with stage(f"installing {' '.join(missing)} on this host"):
            run(["apt-get", "update", "-q"])
            run(
                [
                    "env",
                    "DEBIAN_FRONTEND=noninteractive",
                    "apt-get",
                    "-qy",
                    "install",
                    "--no-install-recommends",
                    *missing,
                ]
            )


def main(words: list[str]) -> int:
    try:
        if words[:1] == ["ssh"]:
            return subprocess.run([*login(), *words[1:]], check=False).returncode
        if words == ["--list"]:
            print(json.dumps({"vm": {"hosts": ["nfs1"]}, "_meta": {"hostvars": {"nfs1": variables()}}}))
        elif words in (["up"], ["down"]):
            started = time.monotonic()
            {"up": up, "down": down}[words[0]]()
            print(f"{time.monotonic() - started:.0f} s")
        else:
            print(__doc__)
            return 2
    except LabError as error:
        print(f"vm: {error}", file=sys.stderr)
        return 1
    return 0
