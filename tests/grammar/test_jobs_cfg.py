"""jobs.cfg and replication.cfg: Proxmox VE's own parsers (PVE::Job::Registry, PVE::ReplicationConfig) agree with us."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.backup_jobs import nodes_of_jobs
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.replication import ReplicationJob, parse_jobs
from hypothesis import given
from hypothesis import strategies as st

from .proxmox import GUESTS, MODULES, STORAGE, asking, perl_modules
from .sandbox import Sandbox
from .tally import agreed, enough
from .test_ha_cfg import FLAGS, files
from .wild import Rows

JOBS, REPLICATION = asking("jobs_cfg.pl"), asking("replication_cfg.pl")

NODES: Rows = (["pve1", "pve2"], ["PVE-3", "9"], ["pve_1", "-x", "pve1.example.org", "", "pve1,pve2", "pve1 pve2"])
JOB_TYPES: Rows = (["vzdump"], [], ["Vzdump", "realm-sync", "future", "", "\u00e4"])
JOB_NAMES: Rows = (["backup-1", "a1"], ["backup-00000000-0000", "x"], ["a b", "1", "a:b", "\u00e4"])
OF_JOB: dict[str, Rows] = {
    "schedule": (["21:00", "mon..fri 3:30"], ["*/15"], ["", "x" * 129]),
    "node": NODES,
    "enabled": FLAGS,
    "all": FLAGS,
    "vmid": (["100", "100,101"], [], ["x"]),
    "storage": (["local"], [], ["1x"]),
    "mode": (["snapshot", "stop"], [], ["fast"]),
    "prune-backups": (["keep-last=3"], ["keep-all=1"], ["keep-last=x"]),
    "comment": (["a b"], ["%C3%A4"], [""]),
    "type": (["vzdump"], [], ["qemu"]),
    "bogus": (["1"], [], []),
}
REPLICATION_TYPES: Rows = (["local"], ["Local", "LOCAL"], ["future", "", "\u00e4"])
REPLICATION_NAMES: Rows = (
    ["100-0", "100-1", "4711-0"],
    ["0100-00", "100-12"],
    ["99-0", "100", "100-", "-1", "abc", "100-0-1", "1 00-0", "\u0661\u0661\u0661-0"],
)
OF_REPLICATION: dict[str, Rows] = {
    "target": NODES,
    "source": NODES,
    "schedule": (["*/15"], [], [""]),
    "rate": (["10", "1.5"], [], ["0", "x"]),
    "remove_job": (["local", "full"], [], ["both", ""]),
    "disable": FLAGS,
    "comment": (["a b"], [], [""]),
    "id": (["100-7"], [], [""]),
    "guest": (["100"], [], []),
}


@pytest.fixture
def parser(sandbox_root: Path) -> Iterator[Sandbox]:
    with Sandbox(sandbox_root, {MODULES: perl_modules(GUESTS, STORAGE)}) as opened:
        yield opened


def test_jobs_cfg(parser: Sandbox) -> None:
    @given(files(JOB_TYPES, JOB_NAMES, OF_JOB, ("schedule", "node")))
    def one(text: str) -> None:
        theirs = {name: job["node"] for name, job in parser.ask(JOBS, text).items() if job and "node" in job}
        assert nodes_of_jobs(text) == {name.encode("latin-1").decode(): node for name, node in theirs.items()}
        agreed("jobs.cfg", text, "read by both")

    one()
    enough("jobs.cfg")


def replication_files(needed: tuple[str, ...]) -> st.SearchStrategy[str]:
    return files(REPLICATION_TYPES, REPLICATION_NAMES, OF_REPLICATION, needed)


def our_jobs(text: str) -> dict[str, ReplicationJob] | None:
    try:
        return {job.id: job for job in parse_jobs(text)}
    except Unreadable:
        return None


def test_replication_cfg(parser: Sandbox) -> None:
    @given(st.sampled_from([("target",), ("target",), ()]).flatmap(replication_files))
    def one(text: str) -> None:
        found = parser.ask(REPLICATION, text)
        theirs = found and {
            name: ReplicationJob(name, job["guest"], job["target"], job.get("source", ""), "remove_job" in job)
            for name, job in found.items()
        }
        assert our_jobs(text) == theirs
        agreed("replication.cfg", text, "refused by both" if theirs is None else "read by both")

    one()
    enough("replication.cfg")
