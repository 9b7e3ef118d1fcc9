#!/usr/bin/env python3
"""Cut a join short at every step of it, in every way, run again, and compare where the two nodes end up.

The lab makes `pvecm add` stand still before a step (`lab fault join-halts`); just there one of these is done:

    module      SIGKILL to the module on the node; pvecm goes on, as it does when a controller dies
    both        SIGKILL to the module and to pvecm
    joiner      power cut of the joining node
    seed        power cut of the member it joins through; pvecm goes on when that is back

Then the playbook runs again to its end. Whatever was cut, the cluster must be the one of an undisturbed join, as the
programs themselves describe it.

    tests/tools/kill_joins.py [--ways both joiner] [--steps authkey stop]      (about half a minute for each)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
from labtool.faults_services import JOIN_STEPS  # noqa: E402 (found by the line above)

LAB = ROOT / "tests" / "lab" / "lab"
LOG = ROOT / ".cache" / "kill_joins.log"
SEED, JOINER = NODES = ("pve1", "pve2")
INSTALLED = "/var/tmp/installed.tar"
STATE = ("etc/corosync", "var/lib/corosync", "var/lib/pve-cluster", "root/.ssh")
WAYS = ("module", "both", "joiner", "seed")
# As in ansible.cfg, but a node without power is noticed sooner.
PATIENCE = "-o ControlMaster=auto -o ControlPersist=600s -o ServerAliveInterval=3 -o ServerAliveCountMax=4"
MODULE_LOCK = "/run/lock/baremetal-virt.lock"
KILL = """
import os, signal, sys
def files(pid):
    try:
        return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []
def words(pid):
    try:
        return open(f"/proc/{pid}/cmdline").read()
    except OSError:
        return ""
found = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
holds = [pid for pid in found if sys.argv[1] in files(pid)]
if sys.argv[2] == "both":
    holds += [pid for pid in found if "pvecm\\0add" in words(pid)]
for pid in sorted(set(holds)):
    os.kill(int(pid), signal.SIGKILL)
print(len(set(holds)))
"""


def lab(*words: str) -> str:
    return subprocess.run([str(LAB), *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def on(node: str, *argv: str) -> str:
    return lab("exec", node, "--", *argv)


def shell(node: str, script: str) -> str:
    return on(node, "sh", "-c", script)


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited {seconds:.0f} seconds for {what}; see {LOG}.")
        time.sleep(0.2)


def playbook(path: str, *options: str) -> subprocess.Popen[str]:
    LOG.parent.mkdir(exist_ok=True)
    log = LOG.open("a")
    command = ["ansible-playbook", "-i", str(ROOT / "inventories/lab"), str(ROOT / path), *options]
    environment = {**os.environ, "ANSIBLE_SSH_ARGS": PATIENCE}
    return subprocess.Popen(
        command, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=environment
    )


def join() -> subprocess.Popen[str]:
    return playbook("tests/tools/kill_joins.yml")


def prepare() -> None:
    """Two installed nodes, the first of them a cluster; what they are is put aside for every round to start from."""
    lab("up", "--nodes", "2")
    if shell(JOINER, f"test -e {INSTALLED} && echo there; true"):
        return  # a lab that an earlier run of this has prepared
    for options in (("--tags", "repositories,proxmox_ve"), ("--tags", "cluster", "--limit", SEED)):
        if playbook("playbooks/site.yml", *options).wait() != 0:
            raise SystemExit(f"The nodes could not be prepared; see {LOG}.")
    for node in NODES:
        names = " ".join(STATE)
        stop, start = "systemctl stop pve-cluster corosync", "systemctl start corosync pve-cluster"
        shell(node, f"{stop}; cd / && tar --create --file {INSTALLED} $(ls -d {names}); {start}")


def restore() -> None:
    """Both nodes as `prepare` left them."""
    names = " ".join(STATE)
    for node in NODES:
        shell(node, "systemctl stop pvestatd pvedaemon pveproxy pve-cluster corosync; true")
    for node in NODES:
        shell(node, f"cd / && rm -rf {names} && tar --extract --file {INSTALLED} && rm -rf /run/lab-halted")
    for node in NODES:
        shell(
            node, "systemctl reset-failed; systemctl start corosync pve-cluster && systemctl start pvedaemon pveproxy"
        )
    wait_until(lambda: '"quorate": 1' in on(SEED, "cat", "/etc/pve/.members"), 60, "the seed's quorum")


def state() -> dict[str, Any]:
    """What the programs say of the cluster, without what differs between two equal ones (versions, keys, times)."""
    return {node: _state(node) for node in NODES}


def _state(node: str) -> dict[str, Any]:
    quorum = shell(node, "corosync-quorumtool -s; true")
    verify = "openssl s_client -connect 127.0.0.1:8006 -CAfile /etc/pve/pve-root-ca.pem -brief </dev/null 2>&1; true"
    probe = f"/etc/pve/probe-{node}"
    return {
        "nodelist": re.findall(r"(name|nodeid|ring\d_addr): (\S+)", shell(node, "cat /etc/pve/corosync.conf; true")),
        "same file": shell(node, "cmp /etc/pve/corosync.conf /etc/corosync/corosync.conf && echo yes; true"),
        "votes": re.findall(r"(Quorate|Expected votes|Total votes): +(\S+)", quorum),
        "online": sorted(
            re.findall(r'"(pve\d)": { "id": \d+, "online": 1', shell(node, "cat /etc/pve/.members; true"))
        ),
        "writable": shell(node, f"touch {probe} && rm {probe} && echo yes; true"),
        "certificate": "Verification: OK" in shell(node, verify),
        "services": shell(node, "systemctl is-active pve-cluster corosync pvedaemon pveproxy; true").split(),
        "links": sorted(re.findall(r"nodeid:\s+\d:\s+(\S+)", shell(node, "corosync-cfgtool -s; true"))),
        "logins": sorted(re.findall(r"\S+$", shell(node, "cat /root/.ssh/authorized_keys; true"), re.MULTILINE)),
        "folders": sorted(shell(node, "ls /etc/pve/nodes /etc/corosync /root/.ssh; true").split()),
        "left behind": shell(node, "ls /etc/pve/priv/lock; pgrep -f '[p]vecm add'; true").split(),
    }


def halted() -> bool:
    return bool(shell(JOINER, "ls /run/lab-halted 2>/dev/null; true").strip())


def kill(way: str) -> None:
    on(JOINER, "python3", "-c", KILL, MODULE_LOCK, way)


def power_cut(node: str) -> None:
    lab("power-off", node)
    lab("power-on", node)


def cut(way: str, step: str) -> None:
    """Bring the join that is under way to the step, and cut it there."""
    wait_until(halted, 120, f"the join to stand still at {step}")
    if way in ("module", "both"):
        kill(way)
    else:
        power_cut(SEED if way == "seed" else JOINER)
    lab("heal")


def round_of(way: str, step: str, reference: dict[str, Any]) -> tuple[bool, str]:
    """One cut and one rerun; whether all is as it should be, and the rest of the table's line."""
    restore()
    lab("fault", "join-halts", JOINER, step)
    first = join()
    try:
        cut(way, step)
        # A run that was not cut itself ends: of a node that is gone, or of a join that failed.
        first_code = first.wait(timeout=420)
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
    began = time.monotonic()
    code = join().wait()
    took = time.monotonic() - began
    found = state()
    differs = [(node, key) for node in NODES for key in reference[node] if found[node][key] != reference[node][key]]
    wrong = [f"{node}: {key} {found[node][key]}" for node, key in differs]
    text = f"rc {first_code} | rc {code}, {took:.0f} s | {'yes' if not wrong else '; '.join(wrong)}"
    return code == 0 and not wrong, text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--steps", nargs="+", choices=JOIN_STEPS, default=JOIN_STEPS)
    options = parser.parse_args()
    prepare()
    restore()
    if join().wait() != 0:
        print(f"The undisturbed join failed; see {LOG}.", file=sys.stderr)
        return 1
    reference = state()
    print(json.dumps(reference, indent=1))
    print("| cut | before step | first run | rerun | same cluster |\n|---|---|---|---|---|")
    points = [(way, step) for step in options.steps for way in options.ways]
    passed = 0
    for way, step in points:
        good, text = round_of(way, step, reference)
        passed += good
        print(f"| {way} | {step} | {text} |", flush=True)
    print(f"{len(points)} kill points: {passed} passed, {len(points) - passed} failed")
    return 0 if passed == len(points) else 1


if __name__ == "__main__":
    sys.exit(main())
