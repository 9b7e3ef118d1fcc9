#!/usr/bin/env python3
"""Check what a running lab's stand-ins were really asked, against Proxmox VE's schema.

calls.py record        from now on, the nodes of the lab LAB_NAME write down what they are asked
calls.py check         read what they wrote; exit code 1 when Proxmox VE would not have understood something
calls.py check FILE    the same for such a file (- is standard input)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas import wrong_with_call, wrong_with_command

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab"
SWITCH = "/etc/lab/record-calls"
LOG = "/var/log/pve-standin-calls.log"


def wrong(lines: Iterable[str]) -> list[str]:
    """Everything in these lines that Proxmox VE would not have understood, each once."""
    found = {f"{problem}   (asked: {' '.join(entry[1:])})" for entry in entries(lines) for problem in _problems(entry)}
    return sorted(found)


def entries(lines: Iterable[str]) -> Iterator[list[str]]:
    return (list(json.loads(line)) for line in lines if line.strip())


def _problems(entry: list[str]) -> list[str]:
    if entry[0] == "command":
        return wrong_with_command(entry[1:])
    _, verb, path, *names = entry
    return wrong_with_call(verb, path, names)


def _names() -> list[str]:
    return list(json.loads(_lab("status"))["nodes"])


def _lab(*words: str) -> str:
    return subprocess.run([str(LAB), *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def record() -> None:
    for name in _names():
        _lab("exec", name, "--", "sh", "-c", f"install -m 666 /dev/null {LOG} && touch {SWITCH}")


def collect() -> list[str]:
    return [line for name in _names() for line in _lab("exec", name, "--", "cat", LOG).splitlines()]


def check(lines: list[str]) -> int:
    problems = wrong(lines)
    kinds = {tuple(entry[:4]) for entry in entries(lines)}
    print("\n".join([*problems, f"{len(lines)} calls of {len(kinds)} kinds, {len(problems)} unknown to Proxmox VE"]))
    return 1 if problems or not lines else 0


def main(words: list[str]) -> int:
    if words == ["record"]:
        record()
        return 0
    if words == ["check"]:
        return check(collect())
    if len(words) == 2 and words[0] == "check":
        return check((sys.stdin if words[1] == "-" else open(words[1], encoding="utf-8")).read().splitlines())
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    os.environ.setdefault("LAB_NAME", "molecule")
    sys.exit(main(sys.argv[1:]))
