"""One node: its file system, its container, and every way to start and stop it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from . import addresses, certificate, cgroup, disks, identity, image, kept, network, own_kernel, repositories
from .namespace import banner
from .settings import LAB_SOURCE, Lab, LabError
from .shell import run, wait_until
from .signing import Signer

START_SECONDS = 90
STOP_SECONDS = 180


def group(lab: Lab, node: int) -> Path:
    return cgroup.group(lab.namespace, addresses.node_name(node))


def init(lab: Lab, node: int) -> int:
    """The node's init as the host numbers it; 0 when the node is off."""
    return cgroup.init_of(group(lab, node))


def is_on(lab: Lab, node: int) -> bool:
    return bool(cgroup.processes(group(lab, node)))


def layer(lab: Lab, node: int) -> dict[str, tuple[str, int]]:
    """What makes this node out of the base image: path -> (text, mode)."""
    name = addresses.node_name(node)
    own_disks = disks.of_node(lab, node)
    files = {
        "etc/hostname": (f"{name}\n", 0o644),
        "etc/hosts": (addresses.hosts_file(), 0o644),
        "etc/machine-id": (f"{identity.machine_id(lab, node)}\n", 0o444),
        "etc/network/interfaces": (addresses.interfaces_file(node, lab.own_network), 0o644),
        "etc/resolv.conf": ("", 0o644),
        "etc/lab/disks.json": (disks.disks_json(own_disks), 0o644),
        "etc/lab/record-calls": ("", 0o644),  # the stand-ins write down what they are asked; see tests/contract
        "root/.ssh/authorized_keys": (identity.login_key(lab).with_suffix(".pub").read_text(), 0o600),
    }
    if lab.own_kernel:
        files |= {path: (text, 0o644) for path, text in own_kernel.layer(lab, node).items()}
    else:
        files["etc/tmpfiles.d/lab-disks.conf"] = (disks.device_links(own_disks), 0o644)
        files |= {path: (text, 0o644) for path, text in network.layer(lab).items()}
        files["usr/local/bin/lsblk"] = ((LAB_SOURCE / "standin/lsblk.py").read_text(), 0o755)
    for kind in identity.HOST_KEY_TYPES:
        key = identity.host_key(lab, node, kind)
        files[f"etc/ssh/{key.name}"] = (key.read_text(), 0o600)
        files[f"etc/ssh/{key.name}.pub"] = (key.with_suffix(".pub").read_text(), 0o644)
    return files


def _write_layer(lab: Lab, node: int, target: Path) -> None:
    common = {name: (text, 0o644) for name, text in image.configuration(lab.release).items()}
    for name, (text, mode) in {**common, **layer(lab, node)}.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
    binary = {
        image.LAB_KEYRING.lstrip("/"): Signer().keyring,
        image.LAB_CERTIFICATE.lstrip("/"): certificate.ensure()[0].read_bytes(),
        **repositories.apt_lists(lab),
    }
    for name, content in binary.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    for unit in (*image.MASKED_UNITS, *(() if lab.own_kernel else image.HOST_KERNEL_UNITS)):
        link = target / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    (target / "root").chmod(0o700)
    (target / "root/.ssh").chmod(0o700)


def prepare(lab: Lab, node: int) -> None:
    """Write the node's layer and make room for its own changes."""
    folder = lab.node_dir(node)
    _write_layer(lab, node, folder / "layer")
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # a volatile overlay is mounted again only after this is gone; see _mount_options
    shutil.rmtree(folder / "work" / "work" / "incompat", ignore_errors=True)


def _mount_options(lab: Lab, node: int, base: Path) -> str:
    """The node's root: base image below, the node's layer above it, its own changes on top."""
    folder = lab.node_dir(node)
    kernel = [own_kernel.ensure()] if lab.own_kernel else []
    below = ":".join(str(path) for path in (*kept.layers(lab, node), folder / "layer", *kernel, base))
    return ",".join(
        [
            f"lowerdir={below}",
            f"upperdir={folder / 'upper'}",
            f"workdir={folder / 'work'}",
            # files have handles, as an NFS server needs them
            "index=on,nfs_export=on",
            # no fsync reaches the host's disk; a node's power cut loses nothing, only the host's own would
            "volatile",
        ]
    )


def _command(lab: Lab, node: int) -> list[str]:
    if lab.own_kernel:
        return own_kernel.command(lab, node)
    name = addresses.node_name(node)
    return [
        "systemd-nspawn",
        "--quiet",
        f"--directory={lab.node_dir(node) / 'root'}",
        "--boot",
        f"--machine={name}",
        f"--uuid={identity.machine_id(lab, node)}",
        "--register=no",
        "--keep-unit",
        f"--network-namespace-path={network.namespace_path(lab, node)}",
        "--capability=all",
        "--drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE",
        "--bind=/dev/fuse",
        *(f"--bind={disk.dev}" for disk in disks.of_node(lab, node)),
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=pipe",
    ]


def power_on(lab: Lab, node: int, base: Path) -> None:
    """Boot the node if it is off, and wait until it takes logins."""
    name = addresses.node_name(node)
    console = lab.node_dir(node) / "console.log"
    if not is_on(lab, node):
        prepare(lab, node)
        network.set_power(lab, node, on=True)
        _start(lab, node, base, console)

    def ready() -> bool:
        if not is_on(lab, node):
            raise LabError(f"{name} did not start: see {console}")
        return answers(lab, node)

    wait_until(ready, START_SECONDS, f"{name} to take logins (see {console})")


def _start(lab: Lab, node: int, base: Path, console: Path) -> None:
    # in a mount namespace of its own: the node's root is gone when its last process is
    supervise = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "labtool.supervisor"]
    supervise += [str(group(lab, node)), _mount_options(lab, node, base), str(lab.node_dir(node) / "root")]
    supervise += _command(lab, node)
    with console.open("ab") as log:
        process = subprocess.Popen(
            supervise,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(LAB_SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    cgroup.move(process.pid, group(lab, node))


def answers(lab: Lab, node: int) -> bool:
    """Does the node's sshd answer on the management network?"""
    outside = lab.own_kernel or lab.own_network
    namespace = lab.namespace if outside else lab.node_namespace(node)
    return banner(namespace, addresses.management_address(node), 22).startswith(b"SSH-")


def power_off(lab: Lab, node: int) -> None:
    """Cut the power: every process of the node dies at once."""
    cgroup.kill(group(lab, node))
    wait_until(lambda: not is_on(lab, node), STOP_SECONDS, f"{addresses.node_name(node)} to be dead")
    _after_power_off(lab, node)


def shut_down(lab: Lab, node: int) -> None:
    """Ask the node's init to power off, and wait for it."""
    pid = init(lab, node)
    if lab.own_kernel and is_on(lab, node):
        run(inside(lab, node, ["systemctl", "poweroff"]), check=False)  # it may hang up before it has answered
    elif pid:
        os.kill(pid, signal.SIGRTMIN + 4)
    wait_until(lambda: not is_on(lab, node), STOP_SECONDS, f"{addresses.node_name(node)} to shut down")
    _after_power_off(lab, node)


def _after_power_off(lab: Lab, node: int) -> None:
    network.set_power(lab, node, on=False)
    cgroup.remove(group(lab, node))


def erase(lab: Lab, node: int) -> None:
    """Forget everything the node wrote; it is off."""
    folder = lab.node_dir(node)
    for name in ("upper", "work", "layer"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("console.log", "root.img"):
        (folder / name).unlink(missing_ok=True)


def inside(lab: Lab, node: int, argv: list[str]) -> list[str]:
    """The command line that runs argv inside the node, without a login."""
    if lab.own_kernel:
        target = f"root@{addresses.management_address(node)}"
        key = str(identity.login_key(lab))
        return ["ssh", "-q", "-i", key, *identity.ssh_options(lab), target, "--", shlex.join(argv)]
    pid = init(lab, node)
    if not pid:
        raise LabError(f"{addresses.node_name(node)} is off")
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    clean = ["env", "-i", path, "HOME=/root", "LANG=C.UTF-8", f"TERM={os.environ.get('TERM', 'dumb')}"]
    return ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *clean, *argv]
