"""The rules of /etc/pve without a mount: modes, quorum, virtual entries, guests."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from pve_standin.pmxcfs.filesystem import FileSystem
from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import Store

CONF = (Path(__file__).parent / "data" / "corosync.conf.3nodes").read_text(encoding="utf-8")
GROUP = 33


@pytest.fixture
def status() -> Status:
    made = Status("pve1", "172.10.10.11")
    made.set_quorate(True)
    return made


@pytest.fixture
def fs(tmp_path: Path, status: Status) -> FileSystem:
    store = Store(tmp_path / "config.db")
    made = FileSystem(store, status, store.apply, GROUP)
    for path in ("/priv", "/nodes", "/nodes/pve1", "/nodes/pve1/qemu-server", "/nodes/pve2", "/nodes/pve2/qemu-server"):
        made.mkdir(path)
    made.create("/storage.cfg")
    made.create("/priv/key")
    return made


def permissions(fs: FileSystem, path: str) -> int:
    return stat.S_IMODE(fs.getattr(path)["st_mode"])


def code(caught: pytest.ExceptionInfo[OSError]) -> int:
    return caught.value.errno or 0


def test_modes_follow_the_path(fs: FileSystem) -> None:
    assert permissions(fs, "/storage.cfg") == 0o640
    assert permissions(fs, "/priv/key") == 0o600
    assert permissions(fs, "/priv") == 0o700
    assert permissions(fs, "/nodes/pve1") == 0o755
    assert permissions(fs, "/.members") == 0o440


def test_without_quorum_nothing_is_writable(fs: FileSystem, status: Status) -> None:
    status.set_quorate(False)
    assert permissions(fs, "/storage.cfg") == 0o440
    assert permissions(fs, "/local") == 0o555
    for attempt in (
        lambda: fs.create("/x"),
        lambda: fs.mkdir("/d"),
        lambda: fs.unlink("/storage.cfg"),
        lambda: fs.write("/storage.cfg", b"x", 0),
        lambda: fs.open("/storage.cfg", os.O_WRONLY),
        lambda: fs.rename("/storage.cfg", "/y"),
    ):
        with pytest.raises(OSError) as caught:
            attempt()
        assert code(caught) == errno.EACCES
    assert fs.open("/storage.cfg", os.O_RDONLY) == 0


def test_only_the_own_mode_and_owner_may_be_asked_for(fs: FileSystem) -> None:
    fs.chmod("/storage.cfg", 0o640)
    fs.chmod("/priv/key", 0o600)
    fs.chown("/storage.cfg", 0, GROUP)
    with pytest.raises(OSError) as caught:
        fs.chmod("/storage.cfg", 0o644)
    assert code(caught) == errno.EPERM


def test_links_lead_to_the_local_node(fs: FileSystem) -> None:
    assert fs.readlink("/local") == "nodes/pve1"
    assert fs.readlink("/qemu-server") == "nodes/pve1/qemu-server"


def test_a_guest_id_exists_once_in_the_cluster(fs: FileSystem) -> None:
    fs.create("/nodes/pve1/qemu-server/100.conf")
    with pytest.raises(OSError) as caught:
        fs.create("/nodes/pve2/qemu-server/100.conf")
    assert code(caught) == errno.EEXIST
    fs.rename("/nodes/pve1/qemu-server/100.conf", "/nodes/pve2/qemu-server/100.conf")
    handle = fs.open("/.vmlist", os.O_RDONLY)
    assert json.loads(fs.read("/.vmlist", 4096, 0, handle))["ids"]["100"]["node"] == "pve2"


def test_members_of_a_standalone_node(fs: FileSystem, status: Status) -> None:
    status.member_version = 0
    assert status.members_text() == '{\n"nodename": "pve1",\n"version": 0\n}\n'


def test_members_of_a_cluster(status: Status) -> None:
    status.load_conf(CONF)
    status.set_online({1, 2})
    status.set_value("pve2", "nodeip", "172.10.10.12")
    content = json.loads(status.members_text())
    assert content["cluster"] == {"name": "clust1", "version": 3, "nodes": 3, "quorate": 1}
    assert content["nodelist"] == {
        "pve1": {"id": 1, "online": 1, "ip": "172.10.10.11"},
        "pve2": {"id": 2, "online": 1, "ip": "172.10.10.12"},
        "pve3": {"id": 3, "online": 0},
    }


def test_a_broken_configuration_changes_nothing(status: Status) -> None:
    status.load_conf(CONF)
    before = status.members_text()
    status.load_conf("totem {")
    assert status.members_text() == before


def test_the_version_file_follows_the_watched_files(fs: FileSystem) -> None:
    def version() -> int:
        handle = fs.open("/.version", os.O_RDONLY)
        return int(json.loads(fs.read("/.version", 65536, 0, handle))["storage.cfg"])

    before = version()
    fs.write("/storage.cfg", b"dir: d\n", 0)
    assert version() > before
