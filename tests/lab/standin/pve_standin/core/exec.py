"""Running other programs: always with an argument list, never through a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

#: As upstream's tools and daemons set it for all that they run.
PATH = "/sbin:/bin:/usr/sbin:/usr/bin"

CompletedProcess = subprocess.CompletedProcess


class CommandFailed(Exception):
    """A program ended with a non-zero exit code; the message has the wording of PVE's own tools."""

    def __init__(self, argv: Sequence[str], result: subprocess.CompletedProcess[str]) -> None:
        self.argv = list(argv)
        self.result = result
        command = " ".join(quote(word) for word in argv)
        super().__init__(f"command '{command}' failed: exit code {result.returncode}")


def quote(word: str) -> str:
    """Quote one word only when a shell would need it, as in the error texts of PVE."""
    if word and all(char.isalnum() or char in "-_./:=@,+" for char in word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def run(
    argv: Sequence[str],
    *,
    input: str | None = None,
    timeout: float | None = None,
    check: bool = True,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program, collect its output as text; a non-zero exit code raises CommandFailed unless `check` is off."""
    result = subprocess.run(
        list(argv),
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PATH": PATH, **(env or {})},
    )
    if check and result.returncode != 0:
        raise CommandFailed(argv, result)
    return result


def run_visible(argv: Sequence[str], *, check: bool = True, timeout: float | None = None) -> int:
    """Run a program whose output goes where ours goes (terminal or task log)."""
    environment = {**os.environ, "PATH": PATH}
    done = subprocess.run(list(argv), stdin=subprocess.DEVNULL, timeout=timeout, env=environment)
    if check and done.returncode != 0:
        raise CommandFailed(argv, subprocess.CompletedProcess(list(argv), done.returncode, "", ""))
    return done.returncode
