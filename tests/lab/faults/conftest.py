"""The lab these tests break: three nodes on which site.yml has run. LAB_NAME says which; `make faults` prepares it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(__file__).resolve().parents[1] / "lab"
SETTLED_SECONDS = 90


class Lab:
    """The lab's own command line, as a person uses it."""

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(COMMAND), *words], capture_output=True, text=True, check=False)

    def fault(self, *words: str) -> None:
        done = self.command("fault", *words)
        assert done.returncode == 0, done.stderr

    def heal(self) -> None:
        done = self.command("heal")
        assert done.returncode == 0, done.stderr
        assert json.loads(self.command("status").stdout)["faults"] == []

    def on(self, node: str, command: str) -> subprocess.CompletedProcess[str]:
        """A shell command in a node, past its network."""
        return self.command("exec", node, "--", "sh", "-c", command)

    def out(self, node: str, command: str) -> str:
        done = self.on(node, command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, node: str, command: str) -> Any:
        return json.loads(self.out(node, command))


def eventually(condition: Callable[[], bool], what: str, seconds: float = SETTLED_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still waiting for {what}"
        time.sleep(0.5)


@pytest.fixture(scope="session")
def prepared() -> Lab:
    lab = Lab()
    done = lab.on("pve1", "pvecm status && ceph quorum_status")
    name = os.environ.get("LAB_NAME", "lab")
    assert done.returncode == 0, f"lab {name!r} has no cluster with Ceph: `make faults` makes one\n{done.stderr}"
    return lab


@pytest.fixture
def lab(prepared: Lab) -> Iterator[Lab]:
    """The lab without a fault, before and after the test."""
    prepared.heal()
    yield prepared
    prepared.heal()
