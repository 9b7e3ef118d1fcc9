# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Begin a command that may take hours, and let it go on by itself. Usage: begin LOG COMMAND [ARGUMENT ...]

The log's first line is ``pid NUMBER``: as long as that process lives, the command is at work. After an empty line comes
what the command prints; the last line is ``exit code NUMBER``. The log is there when this program ends.
"""

from __future__ import annotations

import asyncio
import os
import sys


def main(log: str, *command: str) -> int:
    os.makedirs(os.path.dirname(log), mode=0o700, exist_ok=True)
    written, ready = os.pipe()
    if os.fork() > 0:
        os.close(ready)
        return 0 if os.read(written, 1) else 1
    os.close(written)
    os.setsid()
    os.chdir("/")
    _to_log(log)
    _say(f"pid {os.getpid()}\n")
    os.write(ready, b"!")
    os.close(ready)
    _say(f"exit code {asyncio.run(_run(command))}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _to_log(path: str) -> None:
    """The log takes the place of standard output and error, which belong to whoever started this."""
    stream = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (stream, 1), (stream, 2)):
        os.dup2(source, number)


async def _run(command: tuple[str, ...]) -> int:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        _say(str(error))
        return 127
    return await process.wait()


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
