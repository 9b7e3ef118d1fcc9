"""The lab these tests break: three nodes with two OSDs each, guests, and pools that take a loss in different ways.

LAB_NAME says which; `make losses` brings it up and converges it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..lab.faults.conftest import Lab, eventually

ROOT = Path(__file__).parents[2]
NODES = ("pve1", "pve2", "pve3")
BOTH_DISKS = {"ceph_osds": [{"device": "{{ lab_disks.0.path }}"}, {"device": "{{ lab_disks.1.path }}"}]}
#: Pool → size, min_size, OSDs or hosts that its copies lie on. Besides them there is what site.yml makes.
POOLS = {"two": (2, 2, "by-host"), "thin": (2, 1, "by-host"), "single": (1, 1, "by-host"), "near": (2, 2, "by-osd")}
GUESTS = {100: "pve1", 200: "pve2", 300: "pve3"}


def play(name: str, *words: str) -> str:
    """A playbook as a person runs it."""
    command = ["ansible-playbook", "-i", str(ROOT / "inventories" / "lab"), str(ROOT / "playbooks" / name), *words]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


def whole(lab: Lab) -> bool:
    """All daemons are there, and every placement group has all of its copies."""
    done = lab.on("pve1", "timeout 20 ceph status --format json")
    if done.returncode != 0:
        return False
    status = json.loads(done.stdout)
    osds, groups = status["osdmap"], status["pgmap"]
    clean = sum(one["count"] for one in groups["pgs_by_state"] if one["state_name"] == "active+clean")
    up = osds["num_up_osds"] == osds["num_in_osds"] == osds["num_osds"] == 2 * len(NODES)
    return up and clean == groups["num_pgs"] and len(status["quorum"]) == len(NODES) and status["mgrmap"]["available"]


@pytest.fixture(scope="session")
def prepared() -> Lab:
    """Pools with data in each of their groups, and a guest that runs on each node."""
    lab = Lab()
    if lab.on("pve1", "ceph-conf --lookup fsid").returncode == 0:
        mend(lab)  # as an earlier run has left it
    else:
        play("site.yml", "-e", json.dumps(BOTH_DISKS))
    ceph = [
        "ceph config set global mon_allow_pool_size_one true",
        "ceph osd set noautoscale 2>/dev/null || true",
        "ceph osd crush rule create-replicated by-host default host",
        "ceph osd crush rule create-replicated by-osd default osd",
    ]
    for name, (size, least, rule) in POOLS.items():
        ceph += [
            f"ceph osd pool create {name} 8 8 replicated {rule}",
            f"ceph osd pool set {name} pg_autoscale_mode off",
            f"ceph osd pool set {name} size {size} --yes-i-really-mean-it",
            f"ceph osd pool set {name} min_size {least}",
            f"ceph osd pool application enable {name} test",
            f"for i in $(seq 40); do echo $i | rados --pool {name} put object$i -; done",
        ]
    lab.out("pve1", "; ".join(["set -e", *(f"{one} >/dev/null" for one in ceph)]))
    start_guests(lab)
    return lab


def start_guests(lab: Lab) -> None:
    """The lab has no hypervisor: a process of its own stands for that of a machine, and ends with the node's power."""
    for vmid, node in GUESTS.items():
        made = f"qm status {vmid} >/dev/null 2>&1 || qm create {vmid} --name guest{vmid} --memory 64 --scsi0 vms:1"
        lab.out(node, f"{made}; qm status {vmid} | grep -q running || qm start {vmid}")
        unit = f"guest-{vmid}"
        process = f"systemctl is-active --quiet {unit} || systemd-run --quiet --unit={unit} sleep infinity"
        lab.out(node, f"{process}; systemctl show --value --property=MainPID {unit} > /run/qemu-server/{vmid}.pid")


def mend(lab: Lab) -> None:
    """Power, cables, and daemons: what was frozen goes on, what was killed is started, guests run again."""
    lab.heal()
    for node in NODES:
        lab.out(node, "pkill -CONT ceph- || true")
        osds = "$(ls /var/lib/ceph/osd | sed 's/ceph-/ceph-osd@/')"
        units = f"ceph-mon@$(hostname) ceph-mgr@$(hostname) {osds} pveproxy"
        lab.out(node, f"systemctl unmask --runtime {units}; systemctl reset-failed; systemctl start {units}")
    eventually(lambda: whole(lab), "all placement groups to be whole", 300)
    for node in NODES:
        lab.on(node, "timeout -s KILL 60 pvesm status")  # mounts what a node that has booted lacks
    start_guests(lab)


@pytest.fixture
def lab(prepared: Lab) -> Iterator[Lab]:
    """The lab with nothing wrong, before and after the test."""
    mend(prepared)
    yield prepared
    mend(prepared)
