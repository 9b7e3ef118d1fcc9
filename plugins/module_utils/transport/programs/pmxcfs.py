# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change how pmxcfs serves /etc/pve. Usage: pmxcfs alone [DATABASE COPY] | keep DATABASE COPY | unit

alone: without its unit and without the cluster (pmxcfs -l), when a copy of its database has been made, which is sure to
be whole only while nobody serves it. keep: makes the copy alone. unit: serves by its unit again.

Root's authorized_keys are a link into /etc/pve, so while nobody serves that, no run can log in to go on: this is one
program, which goes on to its end when the run that started it is killed, and whatever fails in it, somebody serves.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from typing import IO, Callable

UNIT = "pve-cluster.service"
#: Seconds in which a process has to have ended that was asked to.
DEADLINE = 30.0


def main(mode: str, *paths: str) -> int:
    programs: dict[str, Callable[..., int]] = {"alone": alone, "keep": keep, "unit": unit}
    return programs[mode](*paths)


def alone(database: str = "", copy: str = "") -> int:
    call("systemctl", "stop", UNIT)
    kept = keep(database, copy) if copy else 0
    if call("pmxcfs", "-l"):
        call("systemctl", "start", UNIT)
        return 1
    return kept


def keep(database: str, copy: str) -> int:
    """A copy that is there already was made before anything was changed: it stays."""
    if os.path.exists(copy):
        return 0
    draft = f"{copy}.new"
    try:
        shutil.copyfile(database, draft)
        os.chmod(draft, 0o600)
        os.rename(draft, copy)
    except OSError as error:
        tell(f"{error}\n")
        return 1
    return 0


def unit() -> int:
    """The unit would not start beside another pmxcfs."""
    call("pkill", "--exact", "pmxcfs")
    deadline = time.monotonic() + DEADLINE
    while call("pgrep", "--exact", "pmxcfs") == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    return call("systemctl", "start", UNIT)


def call(*command: str) -> int:
    """Run a command and tell what it said. That goes through a file: a server that stays would hold a pipe open."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        code = asyncio.run(_ended(command, said))
        said.seek(0)
        tell(said.read())
    return code


async def _ended(command: tuple[str, ...], said: IO[str]) -> int:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said)
    return await process.wait()


def tell(text: str) -> None:
    """Whoever started this may have been killed, and nobody listens any more: that changes nothing."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
