"""What a join is that loses its quorum right after it has found it: text that says so, and exit code 0.

On a real cluster of version 9 the member was cut off at that moment, six times, and pvecm ended with 0 each time. So
the stand-in has to do it, and the collection has to see it.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.cluster import JOIN_FAILED
from pve_standin.cli import pvecm
from pve_standin.cluster import join, updatecerts
from pve_standin.core import cfs, paths, tasklog, tasks

MAKE = os.mkdir


def mkdir(path: str | Path, mode: int = 0o777) -> None:
    """/etc/pve takes no changes."""
    if str(path).startswith(f"{paths.PVE}/"):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    MAKE(path, mode)


@pytest.fixture
def joining(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The member has let this node in; pmxcfs starts anew, finds quorum, and then takes no changes."""
    for name in ("COROSYNC_DIR", "COROSYNC_AUTHKEY", "COROSYNC_CONF", "CLUSTER_CONF", "PVECM_LOCK"):
        monkeypatch.setattr(paths, name, tmp_path / name)
    (tmp_path / "COROSYNC_DIR").mkdir()
    (tmp_path / "CLUSTER_CONF").touch()
    monkeypatch.setattr(tasklog, "log_path", lambda upid: tmp_path / "task")
    monkeypatch.setattr(tasklog, "started", lambda upid: None)
    monkeypatch.setattr(tasks, "_record_end", lambda upid, status: None)
    monkeypatch.setattr(cfs, "nodename", lambda: "pve2")
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(updatecerts, "quorate", lambda: True)
    monkeypatch.setattr(updatecerts, "nodename", lambda: "pve2")
    monkeypatch.setattr(join, "run_visible", lambda argv: None)
    monkeypatch.setattr(join, "backup_database", lambda: None)
    monkeypatch.setattr(join, "join_by_api", lambda request: join.finish("totem {}\n", b"key"))
    monkeypatch.setattr(pvecm, "read_password", lambda prompt: "secret")
    monkeypatch.setattr("os.mkdir", mkdir)


@pytest.mark.usefixtures("joining")
def test_pvecm_add_ends_with_0_and_permission_denied(capfd: pytest.CaptureFixture[str]) -> None:
    assert pvecm.add({"hostname": "10.10.1.11"}) == 0
    said = "".join(capfd.readouterr())
    assert "waiting for quorum...OK" in said and "Permission denied" in said
    assert "successfully added node" not in said
    assert any(re.search(pattern, said) for pattern in JOIN_FAILED), "which is how the collection knows it"
