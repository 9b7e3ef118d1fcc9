#!/usr/bin/env python3
"""What it costs to form a cluster of three: the role against upstream's commands by hand, on the same nodes.

    joins.py                 three pairs, in turn
    joins.py --pairs 5

Both begin with three installed nodes and end when all three see three votes and take changes in /etc/pve. The lab's
stand-ins start as slowly as the real tools (`pve_standin/core/pace.py`). By hand: create, read the fingerprint, join,
join, each command as soon as the one before has ended, and no question in between. The ratio within the pairs decides
(exit code 1 when its median is above 1.25), and counted is what the role sends to the nodes.
The lab is LAB_NAME (default: bench-joins). It stays.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pairs import spread

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kill"))
import kill_rounds as rounds
from kill_rounds import Playbook, RoundFailed, lab, on

NODES = ("pve1", "pve2", "pve3")
LEAD = NODES[0]
MAX_RATIO = 1.25
WORK = rounds.ROOT / ".cache" / "bench"
LOG = WORK / "joins.log"
PROBE = WORK / "joins.jsonl"
MINT = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")
ADDRESSES = {name: (f"10.10.1.1{number}", f"10.10.2.1{number}") for number, name in enumerate(NODES, 1)}
FORMED = "grep -q '\"quorate\": 1' /etc/pve/.members && test $(grep -c '\"online\": 1' /etc/pve/.members) = 3"
WRITABLE = f"{FORMED} && touch /etc/pve/bench-$(hostname) && rm /etc/pve/bench-$(hostname)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    os.environ.setdefault("LAB_NAME", "bench-joins")
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        prepare()
        return judge(options.pairs)
    except RoundFailed as failure:
        print(f"joins: {failure}", file=sys.stderr)
        return 1


def prepare() -> None:
    """Three installed nodes without a cluster, put aside for every run to start from."""
    lab("up")
    if "apart" in json.loads(lab("status"))["kept"]:
        return
    if Playbook(LOG, "playbooks/site.yml", "--tags", "repositories,proxmox_ve").wait() != 0:
        raise RoundFailed(f"the nodes could not be prepared; see {LOG}")
    for node in NODES:
        on(node, "touch", "/etc/lab/real-pace")
    lab("keep", "apart")


def judge(count: int) -> int:
    hands: list[float] = []
    roles: list[float] = []
    for number in range(count):
        for way in (by_hand, by_role) if number % 2 == 0 else (by_role, by_hand):
            took = measured(way)
            (hands if way is by_hand else roles).append(took)
            print(f"{way.__name__.replace('_', ' '):<10}{took:6.1f} s", flush=True)
    ratios = [role / hand for role, hand in zip(roles, hands)]
    print(f"\n{'by hand':<14}{spread(hands)} s\n{'by the role':<14}{spread(roles)} s\n{'ratio':<14}{spread(ratios)}")
    counted()
    return int(statistics.median(ratios) > MAX_RATIO)


def measured(way: Callable[[], None]) -> float:
    lab("back", "apart")
    for node in NODES:
        rounds.wait_until(node, "systemctl is-active pveproxy pvedaemon && test -e /etc/pve/local", 120, f"{node}")
    began = time.monotonic()
    way()
    for node in NODES:
        rounds.wait_until(node, WRITABLE, 120, f"three votes on {node}")
    return time.monotonic() - began


def by_hand() -> None:
    began = time.monotonic()
    on(LEAD, "pvecm", "create", "lab", *links(LEAD))
    rounds.wait_until(LEAD, "grep -q '\"quorate\": 1' /etc/pve/.members", 60, f"the quorum of {LEAD}")
    told = on(LEAD, "openssl", "x509", "-in", "/etc/pve/local/pve-ssl.pem", "-noout", "-sha256", "-fingerprint")
    ticket = on(LEAD, *MINT)
    steps = [time.monotonic() - began]
    for node in NODES[1:]:
        began = time.monotonic()
        fingerprint = ("--fingerprint", told.strip().rpartition("=")[2])
        said = on(node, "pvecm", "add", ADDRESSES[LEAD][0], *fingerprint, *links(node), stdin=f"{ticket}\n")
        if "successfully added" not in said:
            raise RoundFailed(f"{node} did not join: {said[-300:]}")
        steps.append(time.monotonic() - began)
    print("  create and joins: " + ", ".join(f"{took:.1f} s" for took in steps), flush=True)


def links(node: str) -> tuple[str, ...]:
    return tuple(word for number, address in enumerate(ADDRESSES[node]) for word in (f"--link{number}", address))


def by_role() -> None:
    PROBE.unlink(missing_ok=True)
    probing = {
        "ANSIBLE_CALLBACK_PLUGINS": str(rounds.ROOT / "tests" / "bench" / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "bench_probe",
        "BENCH_PROBE": str(PROBE),
    }
    os.environ.update(probing)
    run = Playbook(LOG, "tests/kill/kill_joins.yml")
    if run.wait() != 0:
        raise RoundFailed(f"the role failed; see {LOG}")


def counted() -> None:
    """What one run of the role sends to the nodes, task by task, and the seconds from each to the next."""
    events = [json.loads(line) for line in PROBE.read_text().splitlines()]
    kinds = Counter(event["kind"] for event in events)
    print(f"\nsent to the nodes: {', '.join(f'{count} {kind}s' for kind, count in sorted(kinds.items()))}")
    tasks = Counter(event["task"].partition(" : ")[2] for event in events)
    print("by task: " + ", ".join(f"{task} {count}" for task, count in tasks.items()))
    for one, after in zip(events, [*events[1:], None]):
        if after is not None and after["at"] - one["at"] > 0.7:
            print(f"  {after['at'] - one['at']:5.1f} s after {one['task']} ({one['host']})")


if __name__ == "__main__":
    sys.exit(main())
