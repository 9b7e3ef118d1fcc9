#!/usr/bin/env python3
"""Kill the controller at random moments of a first run, run again, and compare where the lab ends up.

One undisturbed run gives the reference. Then, for every round: empty nodes, start site.yml, SIGKILL to its whole
process group after a random part of the reference's time, run again to the end, and a third time, which must change
nothing.
The final states (what corosync, Ceph, the storages and the exports say themselves) must all be equal.

    tests/kill/kill_and_rerun.py --rounds 10 --seed 1     (about one and a half first runs per round)
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from typing import Any

from kill_rounds import ROOT, changes, lab, on

SITE = ["ansible-playbook", "-i", str(ROOT / "inventories/lab"), str(ROOT / "playbooks/site.yml")]
NFS_SERVER = "10.10.2.11"  # pve1 in the network of the share (inventories/lab)
LOG = ROOT / ".cache" / "kill_and_rerun.log"


def site(kill_after: float | None = None) -> tuple[int, str]:
    """Run site.yml; with ``kill_after`` seconds, SIGKILL it and everything it started here."""
    process = subprocess.Popen(
        SITE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
    with LOG.open("a") as log:
        log.write(output)
    return process.returncode, output


def last_task(output: str) -> str:
    plays = re.findall(r"^PLAY \[(.*?)\]", output, re.MULTILINE)
    tasks = re.findall(r"^TASK \[(.*?)\]", output, re.MULTILINE)
    return f"{plays[-1]}: {tasks[-1]}" if tasks else "before the first task"


def state(nodes: list[str]) -> dict[str, Any]:
    """What the programs themselves say, without what differs between two equal clusters (ids, times, usage)."""
    first = nodes[0]
    status = json.loads(on(first, "ceph", "status", "--format", "json"))
    pools = json.loads(on(first, "ceph", "osd", "pool", "ls", "detail", "--format", "json"))
    quorum = [re.search(r"Total votes: +(\d+)", on(node, "corosync-quorumtool", "-s")) for node in nodes]
    storages = re.findall(r"^(\S+) +(\S+) +(\S+)", on(first, "pvesm", "status"), re.MULTILINE)
    corosync = on(first, "cat", "/etc/pve/corosync.conf")
    return {
        "votes seen by each node": [int(match.group(1)) if match else 0 for match in quorum],
        "links": sorted(re.findall(r"ring\d_addr: (\S+)", corosync)),
        "mons": sorted(status["quorum_names"]),
        "osds up and in": [status["osdmap"]["num_up_osds"], status["osdmap"]["num_in_osds"]],
        "pools": sorted(
            (pool["pool_name"], pool["size"], pool["min_size"]) for pool in pools if pool["pool_name"][0] != "."
        ),
        "storages": sorted(storages),
        "exports": sorted(on(nodes[-1], "showmount", "--no-headers", "--exports", NFS_SERVER).splitlines()),
        "leftovers": sorted(on(first, "ls", "/etc/pve/priv/lock").split()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    moments = random.Random(options.seed)
    LOG.parent.mkdir(exist_ok=True)
    lab("up")
    lab("reset")
    began = time.monotonic()
    code, output = site()
    reference_time = time.monotonic() - began
    if code != 0:
        print(f"The undisturbed run failed; see {LOG}.", file=sys.stderr)
        return 1
    nodes = sorted(set(re.findall(r"^(\S+) +: ok=", output, re.MULTILINE)))
    reference = state(nodes)
    print(f"seed {options.seed}; undisturbed first run: {reference_time:.0f} s\n{json.dumps(reference)}")
    print("| round | killed after | in the middle of | rerun | third run changed | same state |")
    print("|---|---|---|---|---|---|")
    passed = 0
    for number in range(1, options.rounds + 1):
        moment = moments.uniform(0.03, 0.97) * reference_time
        lab("reset")
        _, killed = site(kill_after=moment)
        code, _ = site()
        third_code, third = site()
        same = code == 0 and third_code == 0 and state(nodes) == reference
        good = same and changes(third) == 0
        passed += good
        print(
            f"| {number} | {moment:.0f} s | {last_task(killed)} | rc {code} | {changes(third)} | {same} |", flush=True
        )
    print(f"{passed} passed, {options.rounds - passed} failed")
    return 0 if passed == options.rounds else 1


if __name__ == "__main__":
    sys.exit(main())
