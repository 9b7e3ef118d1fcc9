#!/usr/bin/env python3
"""What a run of site.yml that finds nothing to do costs, and whether it still sees every change.

    bench.py                   everything: sizes, counts, times, callback, mutations, report
    bench.py --pairs 9         more pairs of runs than five
    bench.py --only counts     (or sizes, which need no lab, or times, callback, report, or mutations)
    bench.py --no-replicas     not on the sixteen cheap targets

Sizes and counts decide (exit code 1): they do not depend on what else the machine does. Times are ratios to a playbook
with one ping, and decide only when the machine was quiet (exit code 1 when too slow; 3 when nothing could be measured).
The lab is LAB_NAME (default: bench). It is brought up and converged first, and stays.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import mutations
import replica
import sizes
from pairs import Pairs, measure, measure_callback, report, report_callback
from playbook import REPORT, ROOT, SITE, BenchError, Group, Probe, close_connections, probed, run
from targets import Target, Targets

REPLICAS = 16
#: Wall time of site.yml in units of one ping, on so many nodes: at most.
MAX_WALL_RATIOS = {replica.LAB_NODES: 1.5, REPLICAS: 1.25}
#: Pairs of runs with our callback and with Ansible's own. What they cost is printed, and decides nothing.
CALLBACK_PAIRS = 10
#: The counted run makes the whole plan, also when an earlier one has found the same situation.
WHOLE_PLAN = ("-e", "site_remember=false")
WORK = ROOT / ".cache" / "bench"
LAB = ROOT / "tests" / "lab" / "lab"
LAB_INVENTORY = ROOT / "inventories" / "lab"
REFUSED = 3
#: A report without the plan of site.yml comes within so many seconds, also of sixteen nodes and of a bad night.
REPORT_SECONDS = 30


def main() -> int:
    options = _options()
    os.environ.setdefault("LAB_NAME", "bench")
    WORK.mkdir(parents=True, exist_ok=True)
    verdicts = [sizes.judge()] if options.only in (None, "sizes") else []
    if options.only == "sizes":
        return verdicts[0]
    try:
        with _lab() as lab:
            verdicts += _judge_lab(lab, options)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return max(verdicts, default=0)


def _judge_lab(lab: Group, options: argparse.Namespace) -> list[int]:
    verdicts = []
    probe = probed(lab, SITE, WORK, WHOLE_PLAN)
    if options.only in (None, "counts"):
        verdicts.append(judge_counts(lab, probe))
    if options.only in (None, "times"):
        verdicts.append(judge_times(lab, measure(lab, options.pairs), MAX_WALL_RATIOS[replica.LAB_NODES]))
    if options.only in (None, "callback"):
        print(f"\n{report_callback(lab, measure_callback(lab, CALLBACK_PAIRS))} (meant: at most 1.02)", flush=True)
    if options.only in (None, "mutations"):
        verdicts.append(mutations.judge(lab, options.match))
    if options.only in (None, "report"):
        probed(lab, REPORT, WORK, _report_to(lab))
        verdicts.append(judge_report(lab, replica.LAB_NODES))
    if options.replicas and options.only in (None, "counts", "times", "report"):
        verdicts += _judge_replicas(options)
    return verdicts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("sizes", "counts", "times", "callback", "report", "mutations"))
    parser.add_argument("--match", default="", help="only mutations whose title matches this regular expression")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--no-replicas", dest="replicas", action="store_false")
    return parser.parse_args()


@contextmanager
def _lab() -> Iterator[Group]:
    """The lab's nodes, converged."""
    subprocess.run([LAB, "up"], check=True)
    control_paths = Path(tempfile.mkdtemp(prefix="bench-"))
    group = Group("3 lab nodes", LAB_INVENTORY, control_paths)
    try:
        # what an earlier lab has answered is another cluster's
        shutil.rmtree(WORK / "recordings", ignore_errors=True)
        print("Converging the lab.", flush=True)
        run(group, SITE)
        yield group
    finally:
        close_connections(control_paths)
        shutil.rmtree(control_paths)


def judge_counts(group: Group, probe: Probe) -> int:
    """Each node is reached once, and by nothing else than that one command."""
    counts = probe.counts
    print(f"\n{group.title}: what a no-op site.yml sends to each node (one round trip, no module, no API call)")
    for host in sorted(set().union(*counts.values()), key=_by_number):
        print(f"  {host:<14} " + ", ".join(f"{kind}s {found[host]}" for kind, found in counts.items()))
    trips = counts["round trip"]
    once = len(trips) == probe.hosts and set(trips.values()) == {1}
    return int(not once or bool(counts["module"]) or bool(counts["API call"]))


def _by_number(host: str) -> tuple[list[int], str]:
    """The tenth address comes after the ninth."""
    return [int(number) for number in re.findall(r"\d+", host)], host


def judge_times(group: Group, pairs: Pairs, most: float) -> int:
    print(f"\n{report(group, pairs)}", flush=True)
    if not pairs.quiet:
        return REFUSED
    ratio = statistics.median(pairs.ratios("wall"))
    print(f"wall, site / ping: {ratio:.2f} (at most {most})", flush=True)
    return int(ratio > most)


def judge_report(group: Group, nodes: int) -> int:
    """A report names every node, has an answer from each, and comes in time."""
    done = run(group, REPORT, *_report_to(group))
    document = json.loads(_report_path(group).with_suffix(".json").read_text())
    told = [row["node"] for row in document["cluster"]["rows"] if row["answered"]]
    print(f"\n{group.title}: a report of {len(told)} nodes in {done.wall:.1f} s (at most {REPORT_SECONDS})", flush=True)
    return int(len(told) != nodes or done.wall > REPORT_SECONDS)


def _report_path(group: Group) -> Path:
    return WORK / f"{group.title.replace(' ', '-')}.html"


def _report_to(group: Group) -> tuple[str, ...]:
    return "-e", f"report_to={_report_path(group)}", "-e", "report_drift=false"


def _judge_replicas(options: argparse.Namespace) -> list[int]:
    """The same on many cheap targets that answer as the lab's nodes did in the run just counted."""
    described = json.loads(_lab_output("inventory", "--list"))
    names = [f"pve{number}" for number in range(1, REPLICAS + 1)]
    recordings = {number: _recording(f"pve{number}") for number in range(1, replica.LAB_NODES + 1)}
    work = WORK / "replicas"
    shutil.rmtree(work, ignore_errors=True)
    (work / "layers").mkdir(parents=True)
    certificate = replica.make_certificate(work)
    targets = []
    for number, answers in replica.fleet(recordings, REPLICAS).items():
        source = f"pve{min(number, replica.LAB_NODES)}"
        target = Target(names[number - 1], number, work / "layers" / names[number - 1])
        replica.plant(target.layer, answers, partial(_lab_file, source), certificate)
        targets.append(target)
    with Targets(_base_image(), targets, work) as running:
        host_vars = {name: described["_meta"]["hostvars"].get(name, {"ceph_osds": []}) for name in names}
        own = {key: value for key, value in described["proxmox"]["vars"].items() if key.startswith("lab_")}
        inventory = running.inventory(host_vars, own)
        for folder in ("group_vars", "host_vars"):
            (inventory / folder).symlink_to(LAB_INVENTORY / folder)
        group = Group(f"{REPLICAS} replicas of lab nodes", inventory, running.control_paths, running.prefix)
        verdicts = []
        if options.only in (None, "counts"):
            verdicts.append(judge_counts(group, probed(group, SITE, WORK, WHOLE_PLAN)))
        if options.only in (None, "times"):
            verdicts.append(judge_times(group, measure(group, options.pairs), MAX_WALL_RATIOS[REPLICAS]))
        if options.only in (None, "report"):
            verdicts.append(judge_report(group, REPLICAS))
        return verdicts


def _recording(host: str) -> replica.Answers:
    """All that the last counted run read on a host, the cluster's readings included; and the last report, if any."""
    name = f"{sha256(host.encode()).hexdigest()}.json"
    found: replica.Answers = {}
    kept = WORK / "recordings"
    if (look := kept / f"look-{name}").exists():
        for answers in json.loads(look.read_text()).values():
            found |= replica.answers_of(answers)
    for file in ("cluster.json", f"host-{name}"):
        found |= replica.answers_of(json.loads((kept / file).read_text()))
    return found


def _lab_output(*words: str) -> str:
    return subprocess.run([LAB, *words], check=True, capture_output=True, text=True).stdout


def _lab_file(node: str, path: str) -> bytes:
    return subprocess.run([LAB, "exec", node, "--", "cat", path], check=True, capture_output=True).stdout


def _base_image() -> Path:
    """The lab's image of a plain Debian, which `lab up` has made."""
    script = "import sys; from labtool import image, settings; print(image.path(settings.saved(sys.argv[1])))"
    command = [sys.executable, "-c", script, os.environ["LAB_NAME"]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "lab")}
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return Path(found.strip())


if __name__ == "__main__":
    sys.exit(main())
