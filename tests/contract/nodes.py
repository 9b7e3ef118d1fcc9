"""The lab in which the commands are run again: nodes with the stand-in packages, not yet in any cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from labtool import addresses, disks, identity, namespace, node
from labtool.settings import Lab, LabError
from labtool.shell import in_parallel
from recorded import Answer

HERE = Path(__file__).resolve().parent
LAB = HERE.parent / "lab" / "lab"
ROOT_PASSWORD = "contract"
SECONDS = 180
"""No command takes longer, on the slowest machine."""


class Nodes:
    """Nodes pve1, pve2, pve3 of the lab LAB_NAME."""

    def __init__(self) -> None:
        self.lab = Lab(os.environ.get("LAB_NAME") or "contract")

    def make(self) -> None:
        """New nodes, whatever was there, with the packages of Proxmox VE and Ceph."""
        self.remove()
        self._lab("up", "--nodes", str(self.lab.nodes), "--disks", str(self.lab.disks), "--release", str(self.lab.pve))
        in_parallel(self._install, self.lab.numbers)

    def remove(self) -> None:
        self._lab("down")

    def _lab(self, *words: str) -> None:
        environment = {**os.environ, "LAB_NAME": self.lab.name}
        if subprocess.run([str(LAB), *words], env=environment, stdout=sys.stderr, check=False).returncode != 0:
            raise LabError(f"`lab {' '.join(words)}` failed, see above")

    def _install(self, number: int) -> None:
        script = (HERE / "install.sh").read_text(encoding="utf-8")
        self.do(addresses.node_name(number), "bash", "-s", "--", ROOT_PASSWORD, stdin=script, seconds=900)

    def ask(self, name: str, argv: Sequence[str], stdin: str | None = None, seconds: float = SECONDS) -> Answer:
        """Run a command on a node as root, without a terminal."""
        return _run(node.inside(self.lab, addresses.node_number(name), list(argv)), stdin, seconds)

    def do(self, name: str, *argv: str, stdin: str | None = None, seconds: float = SECONDS) -> str:
        """Run a command that must succeed; what it printed."""
        answer = self.ask(name, argv, stdin, seconds)
        if answer.rc != 0:
            raise LabError(f"{name}: {' '.join(argv)} ended with {answer.rc}\n{answer.stdout}{answer.stderr}")
        return answer.stdout

    def on_host(self, argv: Sequence[str], stdin: str | None = None) -> Answer:
        """Run a command of the host in the lab's network."""
        return _run(namespace.within(self.lab.namespace, *argv), stdin, SECONDS)

    def ssh(self, argv: Sequence[str], key: Path | None = None) -> Answer:
        """`ssh ...` from the host with the lab's login key or another one, and nothing but keys."""
        options = ["-i", str(key or identity.login_key(self.lab)), *identity.ssh_options(self.lab)]
        return self.on_host(["ssh", *options, *argv[1:]])

    def give_disks(self) -> None:
        """As the recorded machines got theirs: late, rotating, with neither a name nor a serial number."""
        for number in self.lab.numbers:
            devices = [disk.dev for disk in disks.of_node(self.lab, number)]
            for device in devices:
                Path("/sys/block", Path(device).name, "queue/rotational").write_text("1", encoding="utf-8")
            listed = json.dumps([{"dev": device} for device in devices])
            self.do(addresses.node_name(number), "tee", "/etc/lab/disks.json", stdin=listed)

    def disk(self, name: str, number: int) -> str:
        """The device of a node's first, second, ... disk."""
        return disks.of_node(self.lab, addresses.node_number(name))[number - 1].dev

    def wait(self, name: str, what: str, condition: Callable[[Answer], bool], *argv: str, seconds: float = 90) -> None:
        """Ask again and again until the answer is the wanted one."""
        deadline = time.monotonic() + seconds
        answer = self.ask(name, argv)
        while not condition(answer):
            if time.monotonic() > deadline:
                raise LabError(
                    f"{name}: after {seconds:.0f} s still waiting for {what}\n{answer.stdout}{answer.stderr}"
                )
            time.sleep(0.5)
            answer = self.ask(name, argv)


def _run(argv: Sequence[str], stdin: str | None, seconds: float) -> Answer:
    """A command that takes too long has no exit code: it counts as 124, as timeout(1) says it."""
    source = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    try:
        done = subprocess.run(list(argv), capture_output=True, text=True, timeout=seconds, check=False, **source)
    except subprocess.TimeoutExpired as error:
        return Answer(124, _text(error.stdout), f"{_text(error.stderr)}no end after {seconds:.0f} s\n")
    return Answer(done.returncode, done.stdout, done.stderr)


def _text(output: bytes | str | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""
