"""Each fault really happens, and `lab heal` really undoes it. Needs a lab: `make faults`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from .conftest import Lab, eventually

READ_ONLY = "cannot create /etc/pve/x: Permission denied"
"""Recorded on a real cluster: a shell's words for a write without quorum (transcript 099)."""
REQUEST = """python3 - <<'END'
import http.client, ssl
connection = http.client.HTTPSConnection("10.10.1.11", 8006, context=ssl._create_unverified_context(), timeout=20)
connection.request("GET", "/api2/json/version")
print(connection.getresponse().status)
END"""


def quorate(lab: Lab, node: str) -> bool:
    return "Quorate:          Yes" in lab.on(node, "pvecm status").stdout


def test_power_cut(lab: Lab) -> None:
    """One node less is no harm; with two of three gone, /etc/pve refuses every write in the recorded words."""
    lab.fault("power-cut", "pve3")
    eventually(lambda: "Total votes:      2" in lab.on("pve1", "pvecm status").stdout, "two votes of three")
    assert quorate(lab, "pve1")
    lab.fault("power-cut", "pve2")
    eventually(lambda: not quorate(lab, "pve1"), "quorum to be lost")
    eventually(lambda: READ_ONLY in lab.on("pve1", "echo hi > /etc/pve/x").stderr, "/etc/pve to be read-only")
    lab.heal()
    eventually(lambda: "Total votes:      3" in lab.on("pve1", "pvecm status").stdout, "three votes")
    eventually(lambda: lab.on("pve3", "echo hi > /etc/pve/x && rm /etc/pve/x").returncode == 0, "a write to /etc/pve")


def connected_links(lab: Lab, node: str) -> dict[str, int]:
    """Link address -> how many other nodes are connected over it, as corosync on this node says."""
    blocks = re.split(r"(?=LINK ID)", lab.out(node, "corosync-cfgtool -s"))[1:]
    found = {}
    for block in blocks:
        address = re.search(r"addr\s*=\s*(\S+)", block)
        assert address is not None
        found[address.group(1)] = len(re.findall(r"nodeid.*:\s*connected", block))
    return found


def test_partition(lab: Lab) -> None:
    """One pulled cable leaves the other link; both pulled make the node a minority of one."""
    lab.fault("partition", "pve3", "1")
    eventually(lambda: connected_links(lab, "pve3") == {"10.10.1.13": 2, "10.10.2.13": 0}, "one link to be down")
    assert quorate(lab, "pve3")
    lab.fault("partition", "pve3", "0")
    eventually(lambda: not quorate(lab, "pve3"), "pve3 to be alone")
    assert quorate(lab, "pve1")
    lab.heal()
    eventually(lambda: quorate(lab, "pve3"), "pve3 to be back")
    eventually(lambda: connected_links(lab, "pve3") == {"10.10.1.13": 2, "10.10.2.13": 2}, "both links to be up")


def ping(lab: Lab, count: int) -> tuple[int, float]:
    """Answers received, and the shortest way there and back in milliseconds."""
    said = lab.on("pve2", f"ping -q -c {count} -i 0.1 -W 2 10.10.2.11").stdout
    received = re.search(r"(\d+) received", said)
    shortest = re.search(r"= ([\d.]+)/", said)
    assert received is not None and shortest is not None, said
    return int(received.group(1)), float(shortest.group(1))


def test_slow_link(lab: Lab) -> None:
    """Frames take their time in both directions, and a share of them never arrives; large ones pass as well."""
    lab.fault("slow-link", "pve1", "1", "--delay", "60", "--loss", "25")
    received, shortest = ping(lab, 60)
    assert shortest >= 120
    assert 10 < received < 55
    assert quorate(lab, "pve1")
    lab.heal()
    received, shortest = ping(lab, 20)
    assert received == 20
    assert shortest < 60


def test_full_disk(lab: Lab) -> None:
    """apt finds no room to download to, and the host's own disk has not lost any; what was written stays after heal."""
    lab.out("pve2", "apt-get clean")
    before = free_on_host()
    lab.fault("full-disk", "pve2")
    download = "apt-get install -y --reinstall --download-only pve-manager 2>&1"
    assert "You don't have enough free space in /var/cache/apt/archives/" in lab.on("pve2", download).stdout
    assert "No space left on device" in lab.on("pve2", "LC_ALL=C cat /bin/sh > /var/cache/apt/archives/copy").stderr
    assert before - free_on_host() < 1 << 30
    lab.on("pve2", "rm -f /var/cache/apt/archives/copy; mkdir /var/cache/apt/archives/kept")
    lab.heal()
    assert "complete and in download only mode" in lab.out("pve2", download)
    lab.out("pve2", "rmdir /var/cache/apt/archives/kept")
    assert "lab-full-disk" not in lab.out("pve2", "cat /proc/mounts")


def free_on_host() -> int:
    return shutil.disk_usage("/var/lib").free


def test_full_disk_below_a_running_service(lab: Lab) -> None:
    """A service started on the full disk is brought back to its real files."""
    lab.fault("full-disk", "pve2", "/var/lib/pve-cluster")
    lab.out("pve2", "systemctl restart pve-cluster")
    big = "set -e; head -c 900000 /dev/urandom > /tmp/big; LC_ALL=C cp /tmp/big /etc/pve/big"
    eventually(lambda: "Input/output error" in lab.on("pve2", big).stderr, "the database to have no room left")
    lab.heal()
    eventually(lambda: lab.on("pve2", f"{big}; rm /etc/pve/big /tmp/big").returncode == 0, "a write to /etc/pve")
    assert "lab-full-disk" not in lab.out("pve2", "cat /proc/mounts")


def test_lock(lab: Lab) -> None:
    """A lock held on one node times out on another, in the recorded words."""
    lab.fault("lock", "pve2", "file-storage_cfg")
    change = "pvesm set local --content iso,vztmpl,backup"
    refused = lab.on("pve1", change)
    assert refused.returncode != 0
    assert refused.stderr.splitlines()[0] == "trying to acquire cfs lock 'file-storage_cfg' ..."
    last = "update storage failed: cfs-lock 'file-storage_cfg' error: got lock request timeout"
    assert refused.stderr.splitlines()[-1] == last
    lab.heal()
    lab.out("pve1", change)


def test_task_fails(lab: Lab) -> None:
    """The pool's task starts, ends in an error and leaves nothing; the command still exits with 0, as the real one."""
    lab.fault("task-fails", "pve1", "cephcreatepool")
    failed = lab.on("pve1", "pveceph pool create unlucky --pg_num 1")
    assert failed.returncode == 0
    assert "the lab made this task fail" in failed.stderr
    assert "unlucky" not in lab.json("pve1", "ceph osd pool ls --format json")
    newest = lab.json("pve1", "pvesh get /nodes/pve1/tasks --typefilter cephcreatepool --output-format json")[0]
    assert newest["status"] == "the lab made this task fail"
    assert lab.out("pve1", "cat /etc/lab/faults.json") == "[]"


def test_task_warns(lab: Lab) -> None:
    """The pool is there, and whoever asks for the task's end hears that there was something."""
    lab.fault("task-warns", "pve1", "cephcreatepool")
    warned = lab.on("pve1", "pveceph pool create warned --pg_num 1")
    assert warned.returncode == 0
    assert "Task finished with 1 warning(s)!" in warned.stderr
    assert "warned" in lab.json("pve1", "ceph osd pool ls --format json")
    newest = lab.json("pve1", "pvesh get /nodes/pve1/tasks --typefilter cephcreatepool --output-format json")[0]
    assert newest["status"] == "WARNINGS: 1"
    lab.out("pve1", "pveceph pool destroy warned")


def test_heal_takes_back_a_failure_that_has_not_happened(lab: Lab) -> None:
    lab.fault("task-fails", "pve1", "aptupdate")
    lab.fault("api-596", "pve1")
    assert lab.json("pve1", "cat /etc/lab/faults.json") == ["task-fails aptupdate", "api-596"]
    lab.heal()
    assert lab.json("pve1", "cat /etc/lab/faults.json") == []


def test_heal_takes_back_a_halt_that_has_not_happened(lab: Lab) -> None:
    """That it happens, and what comes of it at every step, is `make kill-joins`."""
    lab.fault("join-halts", "pve1", "authkey")
    assert lab.json("pve1", "cat /etc/lab/faults.json") == ["join-halts authkey"]
    lab.heal()
    assert lab.json("pve1", "cat /etc/lab/faults.json") == []


def test_api_596(lab: Lab) -> None:
    """One request is answered with 596, the next one as ever."""
    lab.fault("api-596", "pve1")
    assert [lab.out("pve2", REQUEST).strip() for _ in range(2)] == ["596", "401"]


@pytest.mark.parametrize("fault", ["api-cut-before", "api-cut-after"])
def test_api_cut(lab: Lab, fault: str) -> None:
    """One request, which anybody may make, gets no answer; the next one as ever."""
    request = REQUEST.replace("/version", "/access/domains")
    lab.fault(fault, "pve1")
    assert "closed connection without response" in lab.on("pve2", request).stderr
    assert lab.out("pve2", request).strip() == "200"


def test_apt_locked(lab: Lab) -> None:
    lab.fault("apt-locked", "pve2")
    refused = lab.on("pve2", "apt-get install -y --reinstall pve-manager")
    assert refused.returncode == 100
    assert "Could not get lock /var/lib/dpkg/lock-frontend. It is held by process" in refused.stderr
    lab.heal()
    lab.out("pve2", "apt-get install -y --reinstall proxmox-archive-keyring")


def test_apt_401(lab: Lab) -> None:
    """Only the repository of Proxmox VE refuses; Ceph's goes on."""
    lab.fault("apt-401")
    update = "LC_ALL=C apt-get update -o APT::Update::Error-Mode=any 2>&1"
    refused = lab.on("pve1", update)
    assert refused.returncode != 0
    assert re.search(r"debian/pve trixie InRelease\s+401\s+Unauthorized", refused.stdout), refused.stdout
    assert not re.search(r"ceph-squid.*401", refused.stdout)
    lab.heal()
    lab.out("pve1", update)


def test_mon_down(lab: Lab) -> None:
    def in_quorum() -> list[str]:
        names: list[str] = lab.json("pve1", "ceph quorum_status --format json")["quorum_names"]
        return sorted(names)

    lab.fault("mon-down", "pve2")
    eventually(lambda: in_quorum() == ["pve1", "pve3"], "the monitor of pve2 to be out of quorum")
    assert "Unit ceph-mon@pve2.service is masked" in lab.on("pve2", "systemctl start ceph-mon@pve2").stderr
    lab.heal()
    eventually(lambda: in_quorum() == ["pve1", "pve2", "pve3"], "all monitors to be back")


@pytest.mark.parametrize("osd", [0, 1])
def test_osd_down(lab: Lab, osd: int) -> None:
    """Whichever node it lives on."""

    def is_up() -> bool:
        osds = lab.json("pve1", "ceph osd dump --format json")["osds"]
        return any(entry["osd"] == osd and entry["up"] == 1 for entry in osds)

    eventually(is_up, f"osd.{osd} to be up before")
    lab.fault("osd-down", str(osd))
    eventually(lambda: not is_up(), f"osd.{osd} to be down")
    lab.heal()
    eventually(is_up, f"osd.{osd} to be up again")


def test_what_cannot_be_made_is_said_and_not_noted(lab: Lab, tmp_path: Path) -> None:
    done = lab.command("fault", "osd-down", "99")
    assert (done.returncode, done.stderr) == (1, "lab: no running node has osd.99\n")
    assert lab.command("fault", "full-disk", "pve1", str(tmp_path)).returncode == 1
    assert '"faults": []' in lab.command("status").stdout
