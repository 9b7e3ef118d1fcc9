"""When /etc/pve takes changes: while corosync has quorum, whether or not the cluster's data has arrived."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from pve_standin.core import lab_faults
from pve_standin.pmxcfs.cluster_thread import ClusterThread
from pve_standin.pmxcfs.corosync import CorosyncError
from pve_standin.pmxcfs.filesystem import FileSystem
from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import Store

CONF = (Path(__file__).parent / "data" / "corosync.conf.3nodes").read_text(encoding="utf-8")


@pytest.fixture
def status() -> Status:
    made = Status("pve2", "172.10.10.12")
    made.load_conf(CONF)
    return made


@pytest.fixture
def thread(tmp_path: Path, status: Status) -> ClusterThread:
    return ClusterThread(Store(tmp_path / "config.db"), status)


def members(status: Status) -> dict[str, int]:
    return {name: one["online"] for name, one in json.loads(status.members_text())["nodelist"].items()}


def test_quorum_of_corosync_is_enough_for_an_empty_tree_to_take_changes(thread: ClusterThread, status: Status) -> None:
    filesystem = FileSystem(thread._store, status, lambda change: 0, 33)
    with pytest.raises(OSError) as caught:
        filesystem.mkdir("/nodes")
    assert caught.value.errno == errno.EACCES, "what pvecm add calls Permission denied"
    thread._on_quorum(True)
    filesystem.mkdir("/nodes")
    assert json.loads(status.members_text())["cluster"]["quorate"] == 1
    assert set(members(status).values()) == {0}, "no member is there yet, also not in the group"


def test_it_ends_with_corosync(thread: ClusterThread, status: Status) -> None:
    thread._on_quorum(True)
    thread._disconnected()
    assert not status.quorate


@pytest.mark.parametrize(("wanted", "pauses"), [([], [0.5, 0.5]), (["pmxcfs-late"], [6.0, 0.5])])
def test_corosync_is_looked_for_again_late_when_the_lab_asks_for_it(
    wanted: list[str], pauses: list[float], thread: ClusterThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_faults, "WANTED", tmp_path / "faults.json")
    lab_faults.WANTED.write_text(json.dumps(wanted))
    found: list[float] = []

    class Enough(Exception):
        pass

    def wait(seconds: float) -> None:
        found.append(seconds)
        if len(found) == len(pauses):
            raise Enough

    def fail() -> None:
        raise CorosyncError("no corosync")

    monkeypatch.setattr(thread, "_serve_connection", fail)
    monkeypatch.setattr(thread, "_refuse_waiting", wait)
    with pytest.raises(Enough):
        thread.run()
    assert found == pauses
