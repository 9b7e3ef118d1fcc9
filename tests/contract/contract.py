#!/usr/bin/env python3
"""Prove the lab's stand-in against what a real Proxmox VE answered.

Makes a lab of its own (LAB_NAME, default contract), brings it into the recorded states, runs the recorded commands,
compares, prints a table. Exit code 1 when something differs that exceptions.yml does not declare, or the reverse.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lab"))

import allowed
import recorded
from labtool.settings import LabError
from nodes import Nodes
from replay import Outcome, Replay
from report import Report
from scenario import SCENES


def say(what: str, started: float) -> None:
    print(f"--- {what:<40}after {time.monotonic() - started:4.0f} s", file=sys.stderr, flush=True)


def play(
    options: argparse.Namespace, nodes: Nodes, transcripts: dict[str, recorded.Transcript], rules: allowed.Allowed
) -> Replay:
    """Every scene, up to the one asked for."""
    started = time.monotonic()
    nodes.make()
    replay = Replay(nodes, transcripts, rules.not_covered)
    for scene in SCENES:
        say(scene.__name__.replace("_", " "), started)
        scene(replay)
        if scene.__name__ == options.until:
            break
    return replay


def complete(replay: Replay, transcripts: dict[str, recorded.Transcript]) -> list[Outcome]:
    """The outcomes, once it is sure that the scenario plays every transcript exactly once."""
    played = [outcome.transcript.name for outcome in replay.outcomes]
    wrong = sorted(name for name in transcripts if played.count(name) != 1)
    if wrong:
        raise LabError(f"the scenario does not play these once: {', '.join(wrong)}")
    return replay.outcomes


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prove the lab's stand-in against recordings of a real Proxmox VE.")
    parser.add_argument("--keep", action="store_true", help="keep the lab for a look at what went wrong")
    parser.add_argument("--all", action="store_true", help="print every difference of a command, not only the first")
    parser.add_argument("--until", choices=[scene.__name__ for scene in SCENES], help="end after this scene")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    started = time.monotonic()
    transcripts = recorded.load()
    rules = allowed.load(transcripts)
    nodes = Nodes()
    try:
        replay = play(options, nodes, transcripts, rules)
        outcomes = replay.outcomes if options.until else complete(replay, transcripts)
    except LabError as error:
        print(f"contract: {error}", file=sys.stderr)
        return 2
    finally:
        if not options.keep:
            nodes.remove()
    report = Report(outcomes, rules)
    print(report.table(options.all))
    print(f"{time.monotonic() - started:.0f} s")
    return 0 if report.agrees else 1


if __name__ == "__main__":
    sys.exit(main())
