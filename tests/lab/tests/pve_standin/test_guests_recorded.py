"""Machines and containers: what a real cluster was asked, and what it answered; the stand-in answers the same.

The recorded cluster had a history that is not played here. What a call needs is made before it, in the same words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import listed, places
from pve_standin.api import registry
from pve_standin.core import cfs, pace, paths, release, tasks
from pve_standin.core.errors import ApiError
from pve_standin.guest import config, run_state
from pve_standin.pmxcfs import control
from pve_standin.storage import config as storage_config

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
#: Another one each time, or what the lab's storages have otherwise.
VARYING = ("digest", "meta", "smbios1", "vmgenid", "snaptime")
_FAILED: list[str] = []


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An API without a network; a task is done before its number is told."""
    for name, place in places(tmp_path).items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(release, "OS_RELEASE", tmp_path / "os-release")
    (tmp_path / "os-release").write_text("VERSION_CODENAME=trixie\n", encoding="utf-8")
    release.current.cache_clear()
    monkeypatch.setattr(control, "published", lambda key: {})
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(cfs, "nodename", lambda: "pve1")
    monkeypatch.setattr(run_state, "FOLDER", tmp_path / "run")
    monkeypatch.setattr(tasks, "fork_worker", at_once)
    monkeypatch.setattr(config, "guests", listed)
    monkeypatch.setattr(storage_config, "LOCAL", {**storage_config.LOCAL, "path": str(tmp_path / "local")})
    paths.PRIV.mkdir(parents=True)
    (paths.PVE / ".members").write_text(json.dumps({"nodename": "pve1", "version": 1}), encoding="utf-8")
    kinds = "images,rootdir,iso,vztmpl,import,snippets"
    stores = (f"dir: {name}\n\tpath {tmp_path / name}\n\tcontent {kinds}\n" for name in ("shared", "local", "fast"))
    (paths.PVE / "storage.cfg").write_text("\n".join(stores), encoding="utf-8")
    for name in ("template/cache/tiny-13_1_amd64.tar.gz", "template/iso/x.iso", "import/tiny.qcow2"):
        file = tmp_path / "shared" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(1 << 20))
    yield tmp_path
    release.current.cache_clear()


def at_once(kind: str, identity: str, user: str, work: Any) -> str:
    try:
        work()
    except ApiError as error:
        _FAILED.append(error.message)
    return f"UPID:pve1:00000001:00000001:00000001:{kind}:{identity}:{user}:"


def ask(verb: str, path: str, **params: Any) -> Any:
    return registry.call(verb, path, params, user="root@pam")


def played(name: str) -> None:
    """The recorded call answers as it did: status, document, and how its task ended."""
    (path,) = TRANSCRIPTS.glob(f"{name}-*.json")
    recorded = json.loads(path.read_text(encoding="utf-8"))
    _FAILED.clear()
    body: dict[str, Any]
    try:
        place, caller = recorded["path"].removeprefix("/api2/json"), recorded["auth"].rpartition(" ")[2]
        body = {"data": registry.call(recorded["method"], place, recorded["params"], user=caller)}
        status = 200
    except ApiError as error:
        body = {"data": None, "message": error.message.rstrip("\n") + "\n"}
        body.update({"errors": error.errors} if error.errors else {})
        status = error.code
    assert (status, alike(body)) == (recorded["status"], alike(recorded["body"])), name
    if "task" in recorded:
        assert (_FAILED or ["OK"])[0] == recorded["task"]["exitstatus"], name


#: A token that makes the guests of a course, and two guests: its own, and somebody else's.
FLEET = """user:root@pam:1:0::::::
user:fleet@pve:1:0::::::
token:fleet@pve!tok:0:1::
pool:course::312::
role:Fleet:{}:
role:Space:Datastore.AllocateSpace,Datastore.Audit:
acl:1:/pool/course:fleet@pve,fleet@pve!tok:Fleet:
acl:1:/storage/shared:fleet@pve,fleet@pve!tok:Space:
"""
PRIVILEGES = "Pool.Allocate Pool.Audit VM.Allocate VM.Audit VM.Backup VM.PowerMgmt VM.Snapshot".split() + [
    f"VM.Config.{part}" for part in "CDROM CPU Cloudinit Disk HWType Memory Network Options".split()
]


def alike(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((alike(one) for one in value), key=repr)
    if isinstance(value, dict):
        kept = {key: alike(one) for key, one in value.items() if key not in VARYING}
        return {key: one for key, one in sorted(kept.items()) if not (value.get("key") in VARYING and key == "value")}
    if isinstance(value, str) and value.startswith("UPID:"):
        return value.split(":")[5:]
    return re.sub(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}", "MAC", value) if isinstance(value, str) else value


def machine(vmid: int, **more: Any) -> None:
    ask("POST", "/nodes/pve1/qemu", vmid=vmid, name=f"g{vmid}", **more)


def test_what_a_machine_is_made_of(node: Path) -> None:
    machine(400)
    ask("POST", "/nodes/pve1/lxc", vmid=500, ostemplate="shared:vztmpl/tiny-13_1_amd64.tar.gz", rootfs="local:0")
    for name in ("372", "396", "459ml"):
        played(name)


def test_what_is_changed_of_a_machine(node: Path) -> None:
    machine(402, scsi1="shared:1")
    for name in ("422", "423", "424", "425", "454", "459ao"):
        played(name)
    assert ask("GET", "/nodes/pve1/qemu/402/config")["tags"] == "db;lab;web;zeta"
    played("415")
    (path,) = TRANSCRIPTS.glob("416-*.json")
    normal = json.loads(path.read_text(encoding="utf-8"))["body"]["data"]["net0"]
    assert ask("GET", "/nodes/pve1/qemu/402/config")["net0"] == normal


def test_cloud_init(node: Path) -> None:
    machine(404)
    for name in ("459bc", "459bd", "459be"):
        played(name)
    ask("PUT", "/nodes/pve1/qemu/404/config", cipassword="$5$xxxxxxxx$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
    for name in ("459bl", "459bu", "459bx"):
        played(name)
    ask("PUT", "/nodes/pve1/qemu/404/config", net0="virtio=BC:24:11:00:04:04,bridge=vmbr0")
    for name in ("459bt", "459by"):
        played(name)


def test_another_field_is_another_identity_to_cloud_init(node: Path) -> None:
    machine(404, ide2="shared:cloudinit", ciuser="stu", net0="virtio,bridge=vmbr0", ipconfig0="ip=dhcp")

    def identity() -> str:
        return str(ask("GET", "/nodes/pve1/qemu/404/cloudinit/dump", type="meta"))

    before = identity()
    assert re.fullmatch(r"instance-id: [0-9a-f]{40}\n", before)
    ask("PUT", "/nodes/pve1/qemu/404/config", memory="1024")
    assert identity() == before
    ask("PUT", "/nodes/pve1/qemu/404/config", searchdomain="lab.test")
    assert identity() != before


def test_firewalls(node: Path) -> None:
    """Sets of addresses were recorded on the cluster's own firewall; those of a guest answer alike."""
    played("490")
    machine(402)
    for name in ("519cu", "519cv", "519cy", "519de"):
        played(name)
    assert (paths.PVE / "firewall/402.fw").read_text(encoding="utf-8").startswith("[OPTIONS]\n\n")
    base = "/nodes/pve1/qemu/402/firewall/ipset"
    with pytest.raises(ApiError, match="verification failed") as again:
        ask("POST", base, name="ipfilter-net0")
    assert again.value.errors == {"name": "IPSet 'ipfilter-net0' already exists"}
    ask("POST", f"{base}/ipfilter-net0", cidr="10.20.9.0/24")
    ask("POST", f"{base}/ipfilter-net0", cidr="10.20.9.5")
    assert [row["cidr"] for row in ask("GET", f"{base}/ipfilter-net0")] == ["10.20.9.5", "10.20.9.0/24"]
    wrong = {"10.20.9.5": "address '10.20.9.5' already exists", "::/0": "a zero prefix is not allowed in ipset entries"}
    for cidr, words in wrong.items():
        with pytest.raises(ApiError) as refused:
            ask("POST", f"{base}/ipfilter-net0", cidr=cidr)
        assert refused.value.errors == {"cidr": words}
    ask("DELETE", f"{base}/ipfilter-net0/10.9.9.9")
    with pytest.raises(ApiError, match="IPSet 'ipfilter-net0' is not empty"):
        ask("DELETE", f"{base}/ipfilter-net0")
    ask("DELETE", f"{base}/ipfilter-net0", force=1)
    with pytest.raises(ApiError, match="no such IPSet 'ipfilter-net0'"):
        ask("GET", f"{base}/ipfilter-net0")


def test_a_clone_has_the_firewall_of_its_source_and_takes_it_along(node: Path) -> None:
    machine(420, scsi0="shared:0.0625")
    ask("PUT", "/nodes/pve1/qemu/420/firewall/options", enable=1)
    ask("POST", "/nodes/pve1/qemu/420/clone", newid=421, full=1)
    assert ask("GET", "/nodes/pve1/qemu/421/firewall/options")["enable"] == 1
    ask("DELETE", "/nodes/pve1/qemu/421")
    assert "enable" not in ask("GET", "/nodes/pve1/qemu/421/firewall/options")


def test_sizes(node: Path) -> None:
    machine(403, scsi0="shared:0.5")
    machine(404, ide2="shared:cloudinit")
    for name in ("459cp", "459cq", "459cr", "459cs", "459cv"):
        played(name)


def test_snapshots_and_clones(node: Path) -> None:
    machine(420, scsi0="shared:0.0625")
    for name in ("459du", "459dv", "459dy"):
        played(name)
    ask("DELETE", "/nodes/pve1/qemu/420/snapshot/clean")
    played("459ff")
    played("459gf")
    machine(432)
    played("459fv")
    machine(450, scsi0="shared:0.0625")
    ask("POST", "/nodes/pve1/qemu/450/template")
    played("459kt")


def test_a_rollback_keeps_what_people_wrote_and_volumes_that_came_later(node: Path) -> None:
    machine(420, scsi0="shared:0.0625", memory="64", tags="golden")
    ask("POST", "/nodes/pve1/qemu/420/snapshot", snapname="clean")
    ask("PUT", "/nodes/pve1/qemu/420/config", memory="128", description="changed", scsi1="shared:0.0625")
    ask("POST", "/nodes/pve1/qemu/420/status/start")
    for name in ("459es", "459et"):
        played(name)
    found = ask("GET", "/nodes/pve1/qemu/420/config")
    (path,) = TRANSCRIPTS.glob("459eu-*.json")
    there = json.loads(path.read_text(encoding="utf-8"))["body"]["data"]
    same = ("parent", "memory", "tags", "description")
    assert [found[key] for key in same] == [there[key] for key in same]
    assert "scsi1" not in found
    assert found["unused0"].endswith("vm-420-disk-1.raw")
    assert not run_state.is_running(420)


def test_protection_and_locks(node: Path) -> None:
    machine(431)
    for name in ("459go", "459gp"):
        played(name)
    ask("PUT", "/nodes/pve1/qemu/431/config", protection=0)
    file = config.path(431, "pve1")
    file.write_text(file.read_text(encoding="utf-8") + "lock: backup\n", encoding="utf-8")
    for name in ("459gw", "459gx"):
        played(name)


def test_containers(node: Path) -> None:
    machine(402)
    for name in ("459mk", "459mn", "459mo", "459mg"):
        played(name)
    made = ask("GET", "/nodes/pve1/lxc/500/config")
    (path,) = TRANSCRIPTS.glob("459mh-*.json")
    there = json.loads(path.read_text(encoding="utf-8"))["body"]["data"]
    assert sorted(made) == sorted(there)
    same = ("hostname", "unprivileged", "ostype", "description", "memory", "tags", "swap", "arch")
    assert [made[key] for key in same] == [there[key] for key in same]
    assert alike(made["net0"]) == alike(there["net0"])
    for name in ("459pz", "459qa", "459qb", "459qh"):
        played(name)
    assert ask("GET", "/nodes/pve1/lxc/500/config")["ostype"] == "alpine"


def test_a_container_is_copied_by_one_at_a_time(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("POST", "/nodes/pve1/lxc", vmid=500, ostemplate="shared:vztmpl/tiny-13_1_amd64.tar.gz", rootfs="local:0")
    refused: list[str] = []

    def meanwhile(task: str) -> None:
        with pytest.raises(ApiError) as error:
            ask("POST", "/nodes/pve1/lxc/500/clone", newid=502, full=1)
        refused.append(error.value.message)

    monkeypatch.setattr(pace, "work", meanwhile)
    ask("POST", "/nodes/pve1/lxc/500/clone", newid=501, full=1)
    assert refused == ["CT is locked (disk)"]
    assert [("lock" in ask("GET", f"/nodes/pve1/lxc/{vmid}/config")) for vmid in (500, 501)] == [False, False]


def test_a_mount_point_is_detached_and_then_freed(node: Path) -> None:
    """Of a container that runs when it is started again; a new one is there at once."""
    ask("POST", "/nodes/pve1/lxc", vmid=500, ostemplate="shared:vztmpl/tiny-13_1_amd64.tar.gz", rootfs="local:0")
    ask("PUT", "/nodes/pve1/lxc/500/config", mp1="/mnt/shared,mp=/shared")
    for name in ("459qc", "459qe"):
        played(name)
    found = ask("GET", "/nodes/pve1/lxc/500/config")
    assert not {"mp0", "mp1", "unused1"} & set(found)
    (volume,) = (node / "local/images/500").glob(f"{found['unused0'].rpartition('/')[2]}*")
    ask("POST", "/nodes/pve1/lxc/500/status/start")
    ask("PUT", "/nodes/pve1/lxc/500/config", delete="unused0")
    assert not volume.exists()
    played("459qc")
    assert "mp0" in ask("GET", "/nodes/pve1/lxc/500/config", current=1)
    ask("PUT", "/nodes/pve1/lxc/500/config", delete="mp0")
    waiting = [row["key"] for row in ask("GET", "/nodes/pve1/lxc/500/pending") if "delete" in row]
    assert waiting == ["mp0"]
    ask("POST", "/nodes/pve1/lxc/500/status/stop")
    ask("POST", "/nodes/pve1/lxc/500/status/start")
    found = ask("GET", "/nodes/pve1/lxc/500/config")
    assert "mp0" not in found
    assert found["unused0"].startswith("local:500/")


def test_what_a_token_lacks_is_named(node: Path) -> None:
    """Options of a guest, new volumes and networks each need their own right; what is root's alone no right gives."""
    paths.USER_CFG.write_text(FLEET.format(",".join(PRIVILEGES)), encoding="utf-8")
    machine(301)
    machine(312)
    for name in ("369aw", "369ax", "369az", "369ba", "369bb", "369bc", "369be", "369bf"):
        played(name)
    for name in ("369bz", "369ca", "369cb", "369cc", "369ce", "369ch"):
        played(name)
    played("369ay")
    assert not config.path(311).exists()
    machine(311, pool="course")
    for name in ("369bh", "369bi", "369bj", "369bm", "369bo"):
        played(name)
