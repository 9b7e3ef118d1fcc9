# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell the connection over which this runs: own_connection

sshd puts it into the environment of what it starts; sudo takes it out again, so the parents are asked as well. Prints
SSH_CONNECTION as it is: address and port of the client, as the node sees them, and of the node. Nothing without sshd.
"""

from __future__ import annotations

import os
import sys

_NAME = b"SSH_CONNECTION="


def main() -> int:
    pid = os.getpid()
    while pid > 1:
        try:
            found, pid = _said(pid), _parent(pid)
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        if found:
            sys.stdout.write(f"{found}\n")
            return 0
    return 0


def _said(pid: int) -> str:
    with open(f"/proc/{pid}/environ", "rb") as stream:
        words = stream.read().split(b"\0")
    return "".join(word[len(_NAME) :].decode() for word in words if word.startswith(_NAME))


def _parent(pid: int) -> int:
    """The name of a program may hold anything, also blanks and brackets."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
        return int(stream.read().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    raise SystemExit(main())
