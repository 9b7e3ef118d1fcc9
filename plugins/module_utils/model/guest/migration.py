# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A migration that this collection has begun on this node, and that goes on by itself; its log tells how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..node.state import VOLATILE

#: In the log, what means that the guest stays where it is: the reason is in the same line, or in the one before. On
#: standard error the task says so before, without a reason; pvesh then prints its name, in quotes and on the same line.
FAILED = r"migration aborted \([^\"\n]*|(?:^.*\n)?^exit code [^0].*"


def log_of(vmid: int) -> str:
    return f"{VOLATILE}/migrate-{vmid}.log"


@dataclass(frozen=True)
class Migration:
    """pid: the process that was at work on it. ended: it has written that it is done, well or not."""

    pid: int
    ended: bool
    last_words: str = ""


def parse_log(text: str) -> Optional[Migration]:
    """None when it was not written by ``transport/programs/begin``."""
    first, *lines = text.splitlines() or [""]
    if not first.startswith("pid ") or not first[4:].isdecimal():
        return None
    said = [line.strip() for line in lines if line.strip()]
    ended = bool(said) and said[-1].startswith("exit code ")
    return Migration(int(first[4:]), ended, ([line for line in said if not line.startswith("exit code ")] or [""])[-1])
