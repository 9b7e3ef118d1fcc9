"""Many cheap machines to log in to: an sshd each, in namespaces of its own, over one shared file tree.

A target is one process tree with its own network, mounts, host name and process numbers. Its root is an overlay:
the lab's base image below, what makes it this target above, its own writes on top in memory. Ending the first
process of a target ends everything in it, mounts included; the networks are removed by name.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playbook import BenchError, close_connections

NETWORK = "bench-replicas"  # not a name that a lab may have
#: As in the lab: the management network, then the cluster's. Nothing outside of the namespace can see them.
NETWORKS = ("10.10.1", "10.10.2")

#: Runs in the target's namespaces, before its root is entered: sshd needs /dev, /proc, a host name of its own and a lo.
_ENTER = """
set -eu
mount -t tmpfs none "$WORK"
mkdir "$WORK/upper" "$WORK/work" "$WORK/root"
mount -t overlay none -o "lowerdir=$LAYER:$BASE,upperdir=$WORK/upper,workdir=$WORK/work" "$WORK/root"
cd "$WORK/root"
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs run
mkdir -p run/sshd
hostname "$NAME"
if [ -e var/lib/replica/certificate.pem ]; then
    chroot . openssl s_server -quiet -accept 127.0.0.1:8006 -cert /var/lib/replica/certificate.pem -naccept 1000000 &
fi
exec chroot . /usr/sbin/sshd -D -e -o UseDNS=no -o PidFile=none
"""


@dataclass(frozen=True)
class Target:
    """``layer``: a folder whose files lie over the base image."""

    name: str
    number: int
    layer: Path

    @property
    def address(self) -> str:
        return f"{NETWORKS[0]}.{10 + self.number}"

    @property
    def network(self) -> str:
        return f"{NETWORK}-{self.number}"


class Targets:
    """A set of running targets; use it as a context, so that nothing stays behind."""

    def __init__(self, base: Path, targets: list[Target], work: Path) -> None:
        self._base = base
        self._targets = targets
        self._work = work
        self._processes: list[subprocess.Popen[bytes]] = []
        self.control_paths = Path(tempfile.mkdtemp(prefix="bench-"))  # the path of a socket must be short

    def __enter__(self) -> Targets:
        self._remove_networks()
        try:
            self._make_keys()
            self._make_networks()
            for target in self._targets:
                self._start(target)
            for target in self._targets:
                self._wait_for_login(target)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        close_connections(self.control_paths)
        shutil.rmtree(self.control_paths, ignore_errors=True)
        for process in self._processes:
            process.kill()  # number 1 of its process namespace: all others die with it
            process.wait()
        self._remove_networks()

    @property
    def prefix(self) -> tuple[str, ...]:
        """What to put before a command that shall reach the targets."""
        return ("nsenter", f"--net=/run/netns/{NETWORK}")

    def inventory(self, host_vars: Mapping[str, Mapping[str, object]], group_vars: Mapping[str, object]) -> Path:
        """Write an inventory of these targets; returns its folder."""
        folder = self._work / "inventory"
        folder.mkdir(parents=True, exist_ok=True)
        options = f"-o UserKnownHostsFile={self._work / 'known_hosts'} -o StrictHostKeyChecking=yes"
        hosts = {
            target.name: {"ansible_host": target.address, **host_vars.get(target.name, {})} for target in self._targets
        }
        own = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._work / "key"),
            "ansible_ssh_common_args": options,
        }
        document = {"proxmox": {"hosts": hosts, "vars": {**own, **group_vars}}}
        (folder / "hosts.yml").write_text(json.dumps(document, indent=1))
        return folder

    def _make_keys(self) -> None:
        """One login key, and one host key for all targets."""
        for name in ("key", "host_key"):
            if not (self._work / name).exists():
                _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._work / name))
        public = (self._work / "host_key.pub").read_text().strip()
        self._work.joinpath("known_hosts").write_text("".join(f"{t.address} {public}\n" for t in self._targets))
        for target in self._targets:
            files = {
                "etc/ssh/ssh_host_ed25519_key": ((self._work / "host_key").read_text(), 0o600),
                "root/.ssh/authorized_keys": ((self._work / "key.pub").read_text(), 0o600),
            }
            for path, (text, mode) in files.items():
                file = target.layer / path
                if file.is_symlink():  # as on a member of a cluster
                    file = target.layer / str(file.readlink()).lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                file.chmod(mode)
            (target.layer / "root").chmod(0o700)
            (target.layer / "root/.ssh").chmod(0o700)

    def _make_networks(self) -> None:
        _run("ip", "netns", "add", NETWORK)
        _ip(NETWORK, "link set lo up", f"link add {_bridge(0)} type bridge", f"link add {_bridge(1)} type bridge")
        for link, network in enumerate(NETWORKS):
            _ip(NETWORK, f"addr add {network}.1/24 dev {_bridge(link)}", f"link set {_bridge(link)} up")
        for target in self._targets:
            _run("ip", "netns", "add", target.network)
            _ip(target.network, "link set lo up")
            for link, network in enumerate(NETWORKS):
                self._plug_in(target, link, f"{network}.{10 + target.number}/24")

    def _plug_in(self, target: Target, link: int, address: str) -> None:
        cable, interface = f"t{target.number}-{link}", f"eno{link + 1}"
        _ip(
            NETWORK,
            f"link add {cable} type veth peer name {interface} netns {target.network}",
            f"link set {cable} master {_bridge(link)}",
            f"link set {cable} up",
        )
        _ip(target.network, f"addr add {address} dev {interface}", f"link set {interface} up")

    def _remove_networks(self) -> None:
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            name = line.split()[0]
            if name == NETWORK or name.startswith(f"{NETWORK}-"):
                _run("ip", "netns", "delete", name)

    def _start(self, target: Target) -> None:
        work = self._work / "roots" / target.name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        variables = {"LAYER": target.layer, "BASE": self._base, "WORK": work, "NAME": target.name}
        environment = {name: str(value) for name, value in variables.items()}
        enter = ["nsenter", f"--net=/run/netns/{target.network}"]
        isolate = [
            "unshare",
            "--mount",
            "--uts",
            "--ipc",
            "--pid",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
        ]
        with (self._work / f"{target.name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [*enter, *isolate, "/bin/sh", "-c", _ENTER],
                    env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    def _wait_for_login(self, target: Target) -> None:
        deadline = time.monotonic() + 30
        command = [*self.prefix, "ssh-keyscan", "-T", "1", "-t", "ed25519", target.address]
        while not subprocess.run(command, capture_output=True, check=False).stdout:
            if time.monotonic() > deadline:
                log = (self._work / f"{target.name}.log").read_text()
                raise BenchError(f"{target.name} does not answer:\n{log}")
            time.sleep(0.2)


def _bridge(link: int) -> str:
    return f"bench{link}"


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


def _ip(namespace: str, *lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    subprocess.run(["ip", "-n", namespace, "-batch", "-"], input=text, text=True, check=True)
