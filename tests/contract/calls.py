#!/usr/bin/env python3
"""Check what a running lab's stand-ins were really asked, against Proxmox VE's schema.

calls.py                   read what the nodes of the lab LAB_NAME wrote down since they were made; exit code 1 when
                           Proxmox VE, of the lab's release, would not have understood something
calls.py FILE [RELEASE]    the same for such a file
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas import NEWEST, wrong_with_call, wrong_with_command

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab"
LOG = "/var/log/pve-standin-calls.log"


def wrong(lines: Iterable[str], release: str = NEWEST) -> list[str]:
    """Everything in these lines that Proxmox VE would not have understood, each once."""
    return sorted(
        {
            f"{problem}   (asked: {' '.join(entry[1:])})"
            for entry in entries(lines)
            for problem in _problems(entry, release)
        }
    )


def entries(lines: Iterable[str]) -> Iterator[list[str]]:
    return (list(json.loads(line)) for line in lines if line.strip())


def _problems(entry: list[str], release: str) -> list[str]:
    if entry[0] == "command":
        return wrong_with_command(entry[1:], release)
    _, verb, path, *names = entry
    return wrong_with_call(verb, path, names, release)


def _lab(*words: str) -> str:
    return subprocess.run([str(LAB), *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def collect() -> tuple[list[str], str]:
    """The lines of all nodes, and the release they run."""
    status = json.loads(_lab("status"))
    show = f"[ ! -e {LOG} ] || cat {LOG}"
    lines = [line for name in status["nodes"] for line in _lab("exec", name, "--", "sh", "-c", show).splitlines()]
    return lines, str(status["release"])


def check(lines: list[str], release: str) -> int:
    problems = wrong(lines, release)
    kinds = {tuple(entry[:4]) for entry in entries(lines)}
    counts = f"{len(lines)} calls of {len(kinds)} kinds, {len(problems)} unknown to Proxmox VE {release}"
    print("\n".join([*problems, counts]))
    return 1 if problems or not lines else 0


def main(words: list[str]) -> int:
    if len(words) > 2 or words[:1] == ["--help"]:
        print(__doc__, file=sys.stderr)
        return 2
    if not words:
        return check(*collect())
    return check(Path(words[0]).read_text(encoding="utf-8").splitlines(), (words[1:] or [NEWEST])[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
