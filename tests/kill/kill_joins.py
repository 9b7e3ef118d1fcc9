#!/usr/bin/env python3
"""Cut a join short at every step of it, in every way, run again, and compare where the two nodes end up.

The lab makes `pvecm add` stand still before a step (`lab fault join-halts`); just there one of these is done:

    module      SIGKILL to the module on the node; pvecm goes on, as it does when a controller dies
    both        SIGKILL to the module and to pvecm
    joiner      power cut of the joining node
    lead        power cut of the member it joins through; pvecm goes on when that is back
    lead-late   the same, but pvecm goes on while that is off, and pmxcfs of the member is back later than its corosync:
                if the joining node has begun by then, it has quorum, and an /etc/pve that is empty and takes changes

Then the playbook runs again to its end. Whatever was cut, the cluster must be the one of an undisturbed join, as the
programs themselves describe it.

    tests/kill/kill_joins.py [--ways both joiner] [--steps authkey stop]      (about half a minute for each)
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import kill_rounds as rounds
from kill_rounds import Playbook, RoundFailed, lab, on, wait_until

sys.path.insert(0, str(rounds.ROOT / "tests" / "lab"))
from labtool.faults_services import JOIN_STEPS, LET_GO

LOG = rounds.ROOT / ".cache" / "kill_joins.log"
PLAYBOOK = Path(__file__).with_suffix(".yml")
LEAD, JOINER = NODES = ("pve1", "pve2")
WAYS = ("module", "both", "joiner", "lead", "lead-late")
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


def join() -> Playbook:
    return Playbook(LOG, str(PLAYBOOK))


def prepare() -> None:
    """Two installed nodes, the first of them a cluster, put aside for every round to start from."""
    lab("up", "--nodes", "2")
    if "installed" in json.loads(lab("status"))["kept"]:
        return  # a lab that an earlier run of this has prepared
    for options in (("--tags", "repositories,proxmox_ve"), ("--tags", "cluster", "--limit", LEAD)):
        if Playbook(LOG, "playbooks/site.yml", *options).wait() != 0:
            raise SystemExit(f"The nodes could not be prepared; see {LOG}.")
    lab("keep", "installed")


def restore() -> None:
    """Both nodes as `prepare` left them."""
    lab("back", "installed")
    rounds.wait_for_quorum([LEAD])


def state() -> dict[str, Any]:
    return {node: rounds.answers(node) for node in NODES}


def kill(way: str) -> None:
    on(JOINER, "python3", "-c", KILL, MODULE_LOCK, way)


def cut_late() -> None:
    lab("fault", "pmxcfs-late", LEAD)
    lab("power-off", LEAD)
    on(JOINER, "sh", "-c", LET_GO)
    lab("power-on", LEAD)
    rounds.wait_for_quorum([LEAD])


def cut(way: str, step: str) -> None:
    """Bring the join that is under way to the step, and cut it there."""
    wait_until(JOINER, "ls /run/lab-halted | grep .", 120, f"the join to stand still at {step}")
    if way in ("module", "both"):
        kill(way)
    elif way == "lead-late":
        cut_late()
    else:
        rounds.power_cut(LEAD if way == "lead" else JOINER)
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
    except RoundFailed as failure:
        return False, f"{failure} | | "
    finally:
        first.kill()
    began = time.monotonic()
    code = join().wait()
    took = time.monotonic() - began
    wrong = rounds.differences(reference, state())
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
