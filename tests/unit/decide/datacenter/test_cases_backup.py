"""Backups that were none, as users have reported them elsewhere, and what is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.decide.datacenter.backup import uncovered
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.section_config import parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.datacenter.backup import (
    JobGuest,
    ObservedBackup,
    coverage,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.observe.datacenter.backup import parse_job

FOLDER = Path(__file__).parents[2] / "cases" / "datacenter"
NEVER_RUNS = FOLDER / "covered-by-a-job-that-never-runs"
NAS = {"nas": StorageEntry("nfs", {"content": frozenset(("backup",))})}


def _right(folder: Path) -> Any:
    return yaml.safe_load((folder / "right.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("state", "file"), [("before", "before"), ("after_drain", "after-drain")])
def test_a_job_that_never_runs_covers_nobody(state: str, file: str) -> None:
    right = _right(NEVER_RUNS)
    assert json.loads((NEVER_RUNS / "not-backed-up.json").read_text(encoding="utf-8")) == {"data": []}
    jobs = parse_sections((NEVER_RUNS / "jobs.cfg").read_text(encoding="utf-8"))
    listed = json.loads((NEVER_RUNS / f"vmlist.{file}.json").read_text(encoding="utf-8"))["ids"]
    guests = tuple(JobGuest(int(vmid), "qemu", one["node"]) for vmid, one in listed.items())
    found = coverage({name: parse_job(job) for name, job in jobs.items()}, guests, NAS)
    assert sorted(found.covered) == right[state]["covered"]
    assert sorted(found.uncovered) == right[state]["uncovered"]
    assert dict(found.bound) == right[state].get("bound_to_a_node", {})
    observed = ObservedBackup(9, guests=guests, nodes=frozenset(("pve1", "pve2", "pve3")))
    assert right["verdict"] == "warn"
    assert list(uncovered(found, observed))
