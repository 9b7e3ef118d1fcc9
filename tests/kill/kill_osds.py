#!/usr/bin/env python3
"""Kill the controller in the middle of every step of replace_osd.yml and remove_osd.yml, run them again, and look.

    replace     the disk of an OSD is replaced, with itself; the data moves away first
    give-up     the same with give_up=true: the OSD is marked with noout while it is down
    remove      the OSD is removed, and made again for the next round
    fail        give-up, where the new OSD is refused: noout must be gone although the run failed

Each time the same command runs again. Then the OSD has its number and is up and in (or is gone), Ceph is healthy, no
noout is left, and an RBD image that lies on all of it has the checksum it had.

    tests/kill/kill_osds.py [--ways replace remove] [--after 1.5]      (one or two minutes for each step)
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill_rounds import ROOT, lab, on

LOG = ROOT / ".cache" / "kill_osds.log"
SECOND_OSD = Path(__file__).with_suffix(".yml")
FIRST, NODE = "pve1", "pve2"
DISK = f"/dev/disk/by-id/lab-{NODE.upper()}D1"
OUT, GATE = "Let its data move elsewhere", "Wait until it may go"
DESTROY, CREATE, IN = "Destroy it, and keep its number", "Create it anew", "Let data move to it"
MARK, UNMARK = "Mark it for maintenance, so that nothing moves for the short time", "End the maintenance in any case"


@dataclass(frozen=True)
class Way:
    """A playbook with its options, and the tasks in which it is killed."""

    playbook: str
    options: tuple[str, ...]
    steps: tuple[str, ...]


PAUSE = 5
"""Seconds before the command is given again: what was sent to a node is at work by then, and has the node's lock."""

NEW = ("-e", f"new_disk={DISK}")
WAYS = {
    "replace": Way("playbooks/replace_osd.yml", NEW, (OUT, GATE, DESTROY, CREATE, IN, UNMARK)),
    "give-up": Way("playbooks/replace_osd.yml", (*NEW, "-e", "give_up=true"), (MARK, DESTROY, CREATE, UNMARK)),
    "remove": Way("playbooks/remove_osd.yml", (), (OUT, GATE, "Remove it")),
    "fail": Way("playbooks/replace_osd.yml", (*NEW, "-e", "give_up=true"), ("refused",)),
}
REFUSED = ("-e", json.dumps({"osd_options": {"db_device": "there-is-no-such-disk"}}))


def play(path: str, *options: str, kill_in: str | None = None, after: float = 0) -> int:
    """Run a playbook; SIGKILL to it and all it started here, ``after`` seconds into the task ``kill_in``."""
    command = ["ansible-playbook", "-i", str(ROOT / "inventories/lab"), str(ROOT / path), *options]
    told = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}  # names each task as it begins
    with LOG.open("a") as log:
        process = subprocess.Popen(
            command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        for line in process.stdout or ():
            log.write(line)
            if kill_in is not None and line.startswith(f"TASK [{kill_in}]"):
                time.sleep(after)
                os.killpg(process.pid, signal.SIGKILL)
                break
    return process.wait()


def ceph(*words: str) -> Any:
    return json.loads(on(FIRST, "ceph", *words, "--format", "json"))


def osds_of_node() -> list[int]:
    tree = ceph("osd", "tree")["nodes"]
    return sorted(next(item["children"] for item in tree if item["name"] == NODE))


def wrong(before: list[int], gone: int | None, checksum: str) -> list[str]:
    """What is not as it should be, as Ceph says."""
    dump = ceph("osd", "dump")
    health = on(FIRST, "ceph", "health").strip()
    wanted = [number for number in before if number != gone]
    found = [] if health == "HEALTH_OK" else [health]
    if osds_of_node() != wanted:
        found.append(f"OSDs {osds_of_node()} instead of {wanted}")
    found += [f"osd.{osd['osd']} is not up and in" for osd in dump["osds"] if not (osd["up"] and osd["in"])]
    found += ["noout is left"] if "noout" in json.dumps(dump) else []
    found += [] if image() == checksum else ["the image is another one"]
    return found


def image() -> str:
    return on(FIRST, "sh", "-ec", "rbd export --no-progress vms/kill-osds - | sha256sum")


def prepare() -> str:
    """The lab as it should be, and an image with random content; its checksum."""
    for path in ("playbooks/site.yml", str(SECOND_OSD)):
        if play(path) != 0:
            raise SystemExit(f"The lab could not be prepared; see {LOG}.")
    make = "head -c 64M /dev/urandom > /tmp/image; rbd import --no-progress /tmp/image vms/kill-osds"
    on(FIRST, "sh", "-ec", f"rbd info vms/kill-osds 2>/dev/null || {{ {make}; }}")
    return image()


def round_of(name: str, step: str, after: float, checksum: str) -> tuple[bool, str]:
    """One run that is cut short, and one more; whether all is well, and the rest of the table's line."""
    way = WAYS[name]
    before = osds_of_node()
    number = before[-1]
    words = (way.playbook, "-e", f"osd={number}", *way.options)
    problems = []
    if name == "fail":
        first = play(*words, *REFUSED)
        problems += [] if first else ["the first run did not fail"]
        problems += ["noout was left by the failed run"] if "noout" in json.dumps(ceph("osd", "dump")) else []
    else:
        first = play(*words, kill_in=step, after=after)
        problems += [] if first == -signal.SIGKILL else [f"it was not killed, but ended with {first}"]
    time.sleep(PAUSE)
    began = time.monotonic()
    code = play(*words)
    took = time.monotonic() - began
    gone = number if name == "remove" else None
    if code and not (gone is not None and number not in osds_of_node()):  # it was gone already, and the run says so
        problems.append("the rerun failed")
    problems += wrong(before, gone, checksum)
    if gone is not None and play(str(SECOND_OSD)) != 0:
        raise SystemExit(f"The removed OSD could not be made again; see {LOG}.")
    return not problems, f"rc {first} | rc {code}, {took:.0f} s | {'; '.join(problems) or 'as it should be'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", nargs="+", choices=sorted(WAYS), default=list(WAYS))
    parser.add_argument("--after", type=float, default=1.5, help="seconds into the step; default %(default)s")
    options = parser.parse_args()
    LOG.parent.mkdir(exist_ok=True)
    lab("up", "--nodes", "3")
    checksum = prepare()
    print("| playbook | killed in | first run | rerun | then |\n|---|---|---|---|---|")
    points = [(name, step) for name in options.ways for step in WAYS[name].steps]
    passed = 0
    for name, step in points:
        good, text = round_of(name, step, options.after, checksum)
        passed += good
        print(f"| {name} | {step} | {text} |", flush=True)
    print(f"{len(points)} kill points: {passed} passed, {len(points) - passed} failed")
    return 0 if passed == len(points) else 1


if __name__ == "__main__":
    sys.exit(main())
