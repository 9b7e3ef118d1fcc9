# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command with a deadline, ended together with everything it started.

``AnsibleModule.run_command`` knows no deadline, and a hanging ``ceph`` (no monitor answers) would hang the run.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Optional

from ..engine.reader import Completed

_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "LANGUAGE": "", "DEBIAN_FRONTEND": "noninteractive"}


class Process(subprocess.Popen[str]):
    """Without a shell, in a session of its own. The current directory is ``/`` (pvecm refuses one in /etc/pve)."""

    def __init__(self, argv: Sequence[str], reads: bool, env: Mapping[str, str]) -> None:
        super().__init__(
            list(argv),
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT, **env},
            cwd="/",
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def finish(self, stdin: Optional[str], timeout: float) -> Completed:
        """Wait for the end; rc 124 when the deadline brought it about."""
        try:
            out, err = self.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            self._kill()
            out, err = self.communicate()
            return Completed(124, out, f"{err}\nended after {timeout:.0f} seconds without an answer")
        return Completed(self.returncode, out, err)

    def _kill(self) -> None:
        """Also what has left the session: the worker of a pvecm that waits for quorum would hold its lock for ever."""
        descendants = _descendants(self.pid)
        os.killpg(self.pid, signal.SIGKILL)
        for pid in descendants:
            with suppress(ProcessLookupError):  # it was in the session, or has just ended
                os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{name}/stat", encoding="utf-8") as stat:
            children.setdefault(int(stat.read().rpartition(")")[2].split()[1]), []).append(int(name))
    found = [pid]
    for parent in found:  # grows as it is walked through
        found += children.get(parent, [])
    return found[1:]
