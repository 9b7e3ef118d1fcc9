#!/usr/bin/env python3
"""Run one check, time it, and keep its counts; at the end, sum all checks up.

usage: check.py NAME -- COMMAND...     run COMMAND, print its output, exit with its code
       check.py --forget               begin a new set of checks
       check.py --summary              print what failed, and all checks of the set; exit code 1 when one failed
                                       or was cut short

A command that reports "N passed" or "N failed" (pytest, sanity.py) counts as that many, any other as one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

RECORDS = Path(".cache/checks")
#: Colours, and the frame that molecule draws around Ansible's output.
DECORATION = re.compile(r"^ *(?:\x1b\[[\d;]*m)*\u2502(?:\x1b\[[\d;]*m)* ?|\x1b\[[\d;]*m")
KEY = re.compile(r" {4}(\w+):")
TELLING = ("msg", "stderr", "stdout")
#: Lines in which linters, pytest and make name what is wrong.
NAMING = re.compile(r"\berror\b|^FAILED|^E  ", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: int
    failed: int
    seconds: float
    excerpt: str = ""


def counted(output: str, exit_code: int) -> tuple[int, int]:
    """(passed, failed) from the last lines that say so; the exit code has the last word."""
    passed, failed = (_last_number(output, word) for word in ("passed", "failed"))
    if passed + failed == 0:
        return (1, 0) if exit_code == 0 else (0, 1)
    return passed, max(failed, 1 if exit_code != 0 else 0)


def _last_number(output: str, word: str) -> int:
    found = re.findall(rf"(?<![\w.])(\d+) {word}\b", "\n".join(output.splitlines()[-5:]))
    return int(found[-1]) if found else 0


def excerpt(lines: list[str]) -> str:
    """What tells why a check failed: what Ansible's last failed task says, then its surroundings; where Ansible says
    nothing, the lines that name an error, or else the last lines.
    """
    plain = [DECORATION.sub("", line) for line in lines]
    failed = [number for number, line in enumerate(plain) if re.search(r"fatal: \[|Idempotence test failed", line)]
    if not failed:
        return "".join([line for line in plain if NAMING.search(line)][-25:] or plain[-25:])
    last = failed[-1]
    return "".join([*_said(plain[last:]), *plain[max(last - 15, 0) : last + 25]])


def _said(result: list[str]) -> list[str]:
    """The message and the output in the printed result of a task, each once, without what surrounds them."""
    said, telling = [], False
    for line in result[1:60]:
        if line.startswith(("TASK [", "PLAY ")):
            break
        if key := KEY.match(line):
            telling = key[1] in TELLING
        if telling and line.strip():
            said.append(line)
    return said


def run(name: str, command: list[str]) -> int:
    RECORDS.mkdir(parents=True, exist_ok=True)
    record = RECORDS / f"{name}.json"
    record.write_text(json.dumps(asdict(Outcome(name, 0, 1, 0))))  # stays when this process is cut short
    started = time.monotonic()
    print(f"--- {name}", flush=True)
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    seconds = round(time.monotonic() - started, 1)
    passed, failed = counted("".join(lines), process.returncode)
    told = excerpt(lines) if failed else ""
    record.write_text(json.dumps(asdict(Outcome(name, passed, failed, seconds, told))))
    print(f"--- {name}: {'ok' if process.returncode == 0 else 'FAILED'} in {seconds} s", flush=True)
    return process.returncode


def forget() -> int:
    for record in RECORDS.glob("*.json"):
        record.unlink()
    return 0


def summary() -> int:
    outcomes = [Outcome(**json.loads(record.read_text())) for record in sorted(RECORDS.glob("*.json"))]
    for outcome in outcomes:
        if outcome.failed:
            print(f"\n--- why {outcome.name} failed\n{outcome.excerpt or 'It was cut short.'}")
    print(f"\n{'check':<32}{'passed':>8}{'failed':>8}{'seconds':>9}")
    for outcome in outcomes:
        print(f"{outcome.name:<32}{outcome.passed:>8}{outcome.failed:>8}{outcome.seconds:>9}")
    for outcome in (one for one in outcomes if one.failed):
        print(f"\n{outcome.name}: {' '.join(outcome.excerpt.split())[:400] or 'It was cut short.'}")
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"\n{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed")
    return 0 if outcomes and not failed else 1


def main(arguments: list[str]) -> int:
    if arguments == ["--forget"]:
        return forget()
    if arguments == ["--summary"]:
        return summary()
    if len(arguments) < 3 or arguments[1] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    return run(arguments[0], arguments[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
