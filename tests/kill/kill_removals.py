#!/usr/bin/env python3
"""Cut the removal and the return of a node short after every step, in every way, run again, and compare the end.

Of an undisturbed run every step is noted where it is done (`step_watch.py`); all that `--check` announces and the run
tells must be among them. Then, for each step: the lab as it was, the same playbook until just that step is done, and
there one of

    both        SIGKILL to the controller and to its module on the node
    controller  SIGKILL to the controller alone; its module goes on, beside the next run
    lead        power cut of the lead, the member that acts for all, in every state (`ends_state`); a module on another
                node goes on, and the next run begins when that member is back

Then the playbook runs again to its end, and a third time, which must change nothing. Whatever was cut, cluster and
node must be those of the undisturbed run, as the programs themselves describe them; with Ceph, an RBD image too. There
(`retire-ceph`, ...) it is cut after the steps that Ceph adds.

    tests/kill/kill_removals.py [--modes retire dead] [--ways both] [--steps 3 4] [--go-on]   (some minutes for each)
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import kill_ceph
import kill_rounds as rounds
import step_watch
import yaml
from kill_rounds import Playbook, RoundFailed, lab, on, shell, wait_until

LOG = rounds.ROOT / ".cache" / "kill_removals.log"
PASSED = "passed"
#: Every line of the last run's table, for one that goes on with it.
RESULTS = rounds.ROOT / ".cache" / "kill_removals.json"
NODE, STAYING = "pve3", ("pve1", "pve2")
NODES = (*STAYING, NODE)
WAYS = ("both", "controller", "lead")
#: Who notes the steps, and where it lies on the nodes.
WATCHED = ("-i", str(rounds.ROOT / "tests/kill/watched.ini"))
INTERPRETER = "/usr/local/bin/step-watch"
ONLY_CLUSTER = ("--skip-tags", "nfs_server,ceph,storage")
KEPT = "/var/lib/baremetal.virt/removed"
RUNNING = '"id":"qemu/102"[^}]*"status":"running"'
RESOURCES = "pvesh get /cluster/resources --type vm --output-format json"
#: What the node has, and what refers to it.
LIFE = f"""
qm create 101 --name web --memory 64
qm create 102 --name db --memory 128
qm create 103 --name mail --memory 96
ha-manager add vm:103 --state started
ha-manager rules add node-affinity near --nodes pve2,{NODE} --resources vm:103
pvesm add dir both --path /srv/both --content images --nodes pve2,{NODE}
pvesm add dir scratch --path /srv/scratch --content images --nodes {NODE}
pvesh create /cluster/mapping/pci --id gpu --map node=pve1,path=0000:01:00.0,id=10de:1eb8 \
  --map node={NODE},path=0000:02:00.0,id=10de:1eb8
"""


@dataclass(frozen=True)
class Mode:
    """``start``: the kept state of the lab that it begins with. ``before``: what is done to the node first."""

    start: str
    playbook: str
    given: dict[str, Any]
    options: tuple[str, ...] = ()
    off: bool = False
    checkable: bool = True
    ceph: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        extra = {"node": NODE, "discard": ["storage/scratch"], **self.given}
        return (f"playbooks/{self.playbook}.yml", "-e", json.dumps(extra), *self.options)

    @property
    def with_ceph(self) -> Mode:
        return replace(self, start="ceph", options=kill_ceph.SITE, ceph=True)


MODES = {
    "retire": Mode("full", "remove_node", {}),
    "separate": Mode("full", "remove_node", {"mode": "separate"}),
    "dead": Mode("full", "remove_node", {"mode": "dead", "confirmed_powered_off": [NODE]}, off=True),
    "rejoin": Mode("removed", "rejoin_node", {}, ONLY_CLUSTER, checkable=False),
}
MODES |= {f"{name}-ceph": MODES[name].with_ceph for name in ("retire", "separate", "dead")}


@dataclass(frozen=True)
class Done:
    """A step that was carried out."""

    id: str
    action: str
    why: str

    @property
    def kind(self) -> str:
        """What is done, whatever it is done to."""
        return self.id.partition(":")[0]


@dataclass(frozen=True)
class Cell:
    """``number``: of the step among those of its node; ``time``: how often it is done by then."""

    mode: str
    node: str
    number: int
    time: int
    step: str
    way: str


def run(mode: Mode, *more: str) -> Playbook:
    return Playbook(LOG, *mode.words, *WATCHED, *more, persist=3)


def done_on(node: str) -> list[Done]:
    lines = shell(node, f"cat {step_watch.DONE} 2>/dev/null; true").splitlines()
    return [Done(*line.split("\t", 2)) for line in lines]


def prepare(starts: set[str]) -> None:
    """A cluster of three with life on the third, the same with Ceph, and without the third, put aside to start from."""
    lab("up", "--nodes", "3")
    kept = json.loads(lab("status"))["kept"]
    if "full" not in kept:
        _site(*ONLY_CLUSTER)
        shell(NODE, f"set -e\n{LIFE}")
        lab("keep", "full")
    if "removed" in starts - set(kept):
        _prepare_return()
    if "ceph" in starts - set(kept):
        lab("back", "full")
        rounds.wait_for_quorum(NODES)
        _site(*kill_ceph.SITE)
        kill_ceph.prepare(STAYING[0])
        lab("keep", "ceph")


def _site(*options: str) -> None:
    if Playbook(LOG, "playbooks/site.yml", *options).wait() != 0:
        raise SystemExit(f"The nodes could not be prepared; see {LOG}.")


def _watch(node: str) -> None:
    source = (rounds.ROOT / "tests/kill/step_watch.py").read_text()
    on(node, "sh", "-c", f"cat > {INTERPRETER} && chmod 755 {INTERPRETER}", stdin=source)


def _prepare_return() -> None:
    """The node was deleted and boots as it was."""
    begin(MODES["retire"])
    if run(MODES["retire"]).wait() != 0:
        raise SystemExit(f"{NODE} could not be removed; see {LOG}.")
    lab("keep", "removed")


def begin(mode: Mode) -> None:
    lab("back", mode.start)
    for node in NODES:
        _watch(node)
    if mode.start == "removed":
        rounds.wait_for_quorum(STAYING)
        return
    rounds.wait_for_quorum(NODES)
    if mode.ceph:
        kill_ceph.wait_until_whole(STAYING[0])
    if mode.off:
        on(NODE, "ha-manager", "remove", "vm:103")  # the HA manager would have to take it away from a dead node
        lab("power-off", NODE)
        for one in STAYING:
            offline = rf'"{NODE}": {{ "id": [0-9]*, "online": 0'
            wait_until(one, f"grep -q '{offline}' /etc/pve/.members", 60, f"the silence of {NODE}")
        if mode.ceph:
            kill_ceph.wait_until_missed(STAYING[0], NODE)
    else:
        shell(NODE, "qm start 102 && systemctl restart pvestatd")  # which tells the cluster at its start
        for one in STAYING:
            wait_until(one, f"{RESOURCES} | grep -q '{RUNNING}'", 60, "the news that VM 102 runs")


def is_on(node: str) -> bool:
    return bool(json.loads(lab("status"))["nodes"][node]["state"] == "on")


def state(mode: Mode) -> dict[str, Any]:
    there = [node for node in NODES if is_on(node)]
    found: dict[str, Any] = {node: rounds.answers(node) for node in there}
    if mode.ceph:
        kill_ceph.wait_until_whole(STAYING[0])
        found["Ceph"] = kill_ceph.cluster(STAYING[0])
        for node in there:
            found[node] |= kill_ceph.answers(node)
    names = {name for node in there for name in shell(node, f"find {KEPT} -type f 2>/dev/null; true").split()}
    authorities = {node: shell(node, "sha256sum /etc/pve/pve-root-ca.pem; true") for node in there}
    found["all"] = {
        "with power": there,
        "kept": sorted(names),
        "authority of the cluster": [node for node in there if authorities[node] == authorities[STAYING[0]]],
    }
    return found


def planned(output: str) -> list[str]:
    """The sentences of the plan that a run in check mode showed."""
    shown = re.search(r"^    node_plan\.plan:\n((?:    .*\n)*)", output, re.MULTILINE)
    return [str(one) for one in yaml.safe_load(shown.group(1)) or ()] if shown else []


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nobody cuts short does, and where it leads."""

    steps: dict[str, list[Done]]
    state: dict[str, Any]

    @property
    def lead(self) -> str:
        """It does the steps that are not the node's own."""
        return next((node for node in STAYING if self.steps[node]), STAYING[0])

    def cells(self, mode: str, ways: list[str], numbers: list[int]) -> Iterator[Cell]:
        for node, steps in self.steps.items():
            for number, step in enumerate(steps, 1):
                cut = not MODES[mode].ceph or re.match(kill_ceph.STEPS, step.id)
                if cut and (not numbers or number in numbers):
                    time = [one.id for one in steps[:number]].count(step.id)
                    there = [way for way in ways if way != "lead" or ends_state(number, steps)]
                    yield from (Cell(mode, node, number, time, step.id, way) for way in there)


def ends_state(number: int, steps: list[Done]) -> bool:
    """Steps of one kind that follow one another (four files removed) lead to one state; a wait leads to none."""
    step, after = steps[number - 1], steps[number : number + 1]
    return step.action != "Wait" and (not after or after[0].kind != step.kind)


def like(sentence: str) -> str:
    """Where a guest goes follows the free memory of the moment, and a latency is measured."""
    return re.sub(r" \(latency [^)]*\)", "", re.sub(r"(VM|container) (.*) to \w+", r"\1 \2", sentence))


def undisturbed(name: str) -> Undisturbed:
    mode = MODES[name]
    begin(mode)
    announced = []
    if mode.checkable:
        check = run(mode, "--check")
        if check.wait() != 0:
            raise SystemExit(f"{name} is refused; see {LOG}.")
        announced = planned(check.output)
    whole = run(mode)
    if whole.wait() != 0:
        raise SystemExit(f"The undisturbed {name} failed; see {LOG}.")
    told = re.findall("^done: (.*)$", whole.output, re.MULTILINE)
    steps = {node: done_on(node) if is_on(node) else [] for node in NODES}
    everything = [like(step.why) for found in steps.values() for step in found]
    missing = [sentence for sentence in (*announced, *told) if like(sentence) not in everything]
    if missing or (mode.checkable and not announced):
        raise SystemExit(f"{name} announced what it was not seen to do: {missing or 'nothing'}")
    third = run(mode)
    if third.wait() != 0 or third.changes:
        raise SystemExit(f"{name} again changed {third.changes} things; see {LOG}.")
    print(f"\n{name}: {len(everything)} steps, {len(announced)} of them announced by --check", flush=True)
    for node, found in steps.items():
        for number, step in enumerate(found, 1):
            print(f"  {node} {number}: {step.id} ({step.why})", flush=True)
    return Undisturbed(steps, state(mode))


def cut(cell: Cell, first: Playbook, lead: str) -> None:
    """Wait until the step is done, and cut the run there."""
    wait_until(cell.node, f"ls {step_watch.HALTED} | grep .", 180, "the step was done", unless_ended=first)
    if cell.way == "lead":
        rounds.power_cut(lead)
    else:
        first.kill()
    if cell.way != "lead" or lead != cell.node:
        _end_halt(cell.node, "KILL" if cell.way == "both" else "CONT")
    first.wait(timeout=600)  # a run that was not killed ends: of a node that is gone, or as it should
    if cell.way == "lead":
        rounds.wait_for_quorum(STAYING)  # the next run is started by somebody who sees the node back
        if MODES[cell.mode].ceph:
            kill_ceph.wait_until_back(STAYING)


def _end_halt(node: str, signal_name: str) -> None:
    """The note goes with the process: it removes it itself, unless it is killed."""
    folder = step_watch.HALTED
    remove = f"; rm {folder}/*" if signal_name == "KILL" else ""
    shell(node, f"for note in {folder}/*; do kill -{signal_name} ${{note##*/}}; done{remove}")


def round_of(cell: Cell, reference: Undisturbed) -> tuple[bool, str]:
    """One cut, one rerun and a third run; whether all is as it should be, and the rest of the table's line."""
    mode = MODES[cell.mode]
    begin(mode)
    on(cell.node, "sh", "-c", f"cat > {step_watch.ORDER}", stdin=f"{cell.time} {cell.step}")
    first = run(mode)
    try:
        cut(cell, first, reference.lead)
    finally:
        first.kill()
    began = time.monotonic()
    second = run(mode)
    code = second.wait()
    took = time.monotonic() - began
    third = run(mode)
    changed = third.changes if third.wait() == 0 else -1
    wrong = rounds.differences(reference.state, state(mode))
    text = f"rc {code}, {took:.0f} s | {changed} | {'yes' if not wrong else '; '.join(wrong)}"
    return code == 0 and changed == 0 and not wrong, text


class Record:
    """The table as far as it is known: what an earlier run found is taken over only when that is asked for."""

    def __init__(self, go_on: bool) -> None:
        told = json.loads(RESULTS.read_text()) if go_on and RESULTS.exists() else {"references": {}, "lines": {}}
        self._references: dict[str, Any] = told["references"]
        self._lines: dict[str, str] = told["lines"]

    def reference(self, mode: str) -> Undisturbed:
        if mode not in self._references:
            self._references[mode] = asdict(undisturbed(mode))
            self._save()
        told = self._references[mode]
        steps = {node: [Done(**step) for step in found] for node, found in told["steps"].items()}
        return Undisturbed(steps, told["state"])

    def line(self, cell: Cell, reference: Undisturbed, may_run: bool) -> str:
        """A cell of the matrix always has its line, also when the round could not be carried out, or not begun."""
        head = f"| {cell.mode} | {cell.way} | {cell.node} {cell.number}: {cell.step} |"
        if PASSED not in self._lines.get(head, "") and not may_run:
            return f"{head} | | | not run |"
        if PASSED not in self._lines.get(head, ""):
            began = time.monotonic()
            try:
                good, text = round_of(cell, reference)
            except RoundFailed as failure:
                good, text = False, f"{failure} | | no"
            self._lines[head] = f" {text} | {PASSED if good else 'FAILED'} ({time.monotonic() - began:.0f} s) |"
            self._save()
        return f"{head}{self._lines[head]}"

    def _save(self) -> None:
        RESULTS.write_text(json.dumps({"references": self._references, "lines": self._lines}, indent=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--steps", nargs="+", type=int, default=[], help="numbers; default: all")
    parser.add_argument("--nodes", nargs="+", choices=NODES, default=list(NODES), help="those that do the steps")
    parser.add_argument("--go-on", action="store_true", help="with an earlier run: its passed cells are not run again")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="begin no cell after so long; see --go-on")
    options = parser.parse_args()
    ends = time.monotonic() + 60 * options.minutes
    prepare({MODES[mode].start for mode in options.modes})
    record = Record(options.go_on)
    lines: dict[tuple[str, str], list[str]] = {}
    for mode in options.modes:
        reference = record.reference(mode)
        print("\n| mode | cut | after step | rerun | third run changed | same state | |\n|---|---|---|---|---|---|---|")
        cells = reference.cells(mode, options.ways, options.steps)
        for cell in (one for one in cells if one.node in options.nodes):
            line = record.line(cell, reference, time.monotonic() < ends)
            print(line, flush=True)
            lines.setdefault((mode, cell.way), []).append(line)
    return verdict(lines)


def verdict(lines: dict[tuple[str, str], list[str]]) -> int:
    """The short form of the table: every cell is counted, also one that was not run."""
    print("\n| mode | cut | cells | passed | failed | not run |\n|---|---|---|---|---|---|")
    everything = []
    for (mode, way), found in lines.items():
        counts = [sum(word in line for line in found) for word in (PASSED, "FAILED", "not run")]
        print(f"| {mode} | {way} | {len(found)} | {counts[0]} | {counts[1]} | {counts[2]} |")
        everything += found
    passed = sum(PASSED in line for line in everything)
    print(f"{len(everything)} kill points: {passed} passed, {len(everything) - passed} failed or not run")
    return 0 if everything and passed == len(everything) else 1


if __name__ == "__main__":
    sys.exit(main())
