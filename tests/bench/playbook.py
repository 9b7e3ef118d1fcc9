"""Run a playbook as `make site` does, and say what it cost the controller."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "playbooks" / "site.yml"
REPORT = ROOT / "playbooks" / "report.yml"
PING = ROOT / "tests" / "bench" / "ping.yml"
_RECAP = re.compile(r"^(\S+)\s*: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Probe:
    """What one run sent to the nodes: ``module``, ``round trip`` or ``API call`` → host → how often.

    hosts: how many there were.
    """

    hosts: int
    counts: dict[str, Counter[str]]


class BenchError(Exception):
    """The measurement cannot be made, or would not mean what it says."""


@dataclass(frozen=True)
class Group:
    """The nodes to measure on. ``prefix`` goes before the command (to enter a network), ``arguments`` after it.

    ``control_paths`` is where ssh keeps its connections open from one run to the next.
    """

    title: str
    inventory: Path
    control_paths: Path
    prefix: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """One run. ``cpu``: seconds of user and system time of ansible-playbook and of every process it waited for."""

    wall: float
    cpu: float
    changed: dict[str, int]
    output: str


def run(
    group: Group, playbook: Path, *arguments: str, env: Optional[dict[str, str]] = None, may_fail: bool = False
) -> Result:
    """Run to the end; a failed or unreachable host is an error, unless it may be."""
    command = [
        *group.prefix,
        "ansible-playbook",
        "-i",
        str(group.inventory),
        *group.arguments,
        *arguments,
        str(playbook),
    ]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    environment["ANSIBLE_STDOUT_CALLBACK"] = "ansible.builtin.default"  # everything, to be searched
    environment.update({"ANSIBLE_SSH_CONTROL_PATH_DIR": str(group.control_paths), **(env or {})})
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, started = _children_cpu(), time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    wall, cpu = time.monotonic() - started, _children_cpu() - before
    recap = _RECAP.findall(done.stdout)
    broken = done.returncode != 0 or not recap or any(int(row[2]) or int(row[3]) for row in recap)
    if broken and not may_fail:
        raise BenchError(f"{playbook.name} failed on {group.title}:\n{done.stdout[-4000:]}")
    return Result(wall, cpu, {row[0]: int(row[1]) for row in recap}, done.stdout)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def close_connections(control_paths: Path) -> None:
    """End the ssh processes that keep connections open: their targets go away, and nobody would answer again."""
    for control in control_paths.glob("*"):
        subprocess.run(["ssh", "-O", "exit", "-S", str(control), "any"], capture_output=True, check=False)


def probed(group: Group, playbook: Path, work: Path, arguments: Sequence[str] = ()) -> Probe:
    """A run that finds nothing to do. Its recordings go to ``work``."""
    log = work / "probe.jsonl"
    log.unlink(missing_ok=True)
    environment = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "bench" / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "bench_probe",
        "BENCH_PROBE": str(log),
        "BENCH_RECORDINGS": str(work / "recordings"),
    }
    result = run(group, playbook, *arguments, env=environment)
    if any(result.changed.values()):
        raise BenchError(f"{playbook.name} changed something on {group.title}: {result.changed}; that counts nothing.")
    if not log.exists():
        raise BenchError(f"Nobody has counted what {playbook.name} sent to {group.title}.")
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("module", "round trip", "API call")}
    for line in log.read_text().splitlines():
        event = json.loads(line)
        counts[event["kind"]][event["host"]] += 1
    return Probe(len(result.changed), counts)
