# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guard a change of the firewall: unless it is confirmed in time, the node takes it back by itself.

    firewall_guard MODE FOLDER UNITS

arm: takes the change from standard input, keeps the files as they are now, and starts a timer that takes the change
back; after a boot it begins anew. An earlier change that nobody confirmed is taken back first. write: writes the files
that are this node's to write, if they are still as they were kept. confirm: for good; only through a connection to sshd
made after the change. back: takes it back now. undo: what the timer calls.

The change is JSON: ``files``, of which each has ``path``, the new ``text`` (null for none) and ``mine``, whether this
node writes it; ``services``, which are stopped where the files cannot be put back, as an open node is better than one
that nobody reaches; ``seconds`` until it is taken back. Every mode may be repeated.

/etc/pve cannot be written without quorum. So the way back is tried again and again, with the services stopped, until
the old files are there; then those services are started again.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

NAME = "baremetal-virt-firewall"
PMXCFS = "/etc/pve"
PYTHON = "/usr/bin/python3"
SERVICE = """[Unit]
Description=Take back a change of the firewall that nobody confirmed

[Service]
Type=oneshot
ExecStart={command}
Restart=on-failure
RestartSec=5
"""
TIMER = """[Unit]
Description=Take back a change of the firewall unless it is confirmed

[Timer]
OnActiveSec={seconds}
AccuracySec=100ms
"""
Record = dict[str, Any]


class Guard:
    """One change, and where everything of it lies."""

    def __init__(self, folder: str, units: str) -> None:
        self.folder, self.units = folder, units
        self.service, self.timer = f"{units}/{NAME}.service", f"{units}/{NAME}.timer"
        self.link = f"{units}/timers.target.wants/{NAME}.timer"

    @contextmanager
    def locked(self) -> Iterator[None]:
        os.makedirs(os.path.dirname(self.folder), exist_ok=True)
        parent = os.open(os.path.dirname(self.folder), os.O_RDONLY)
        try:
            fcntl.flock(parent, fcntl.LOCK_EX)
            yield
        finally:
            os.close(parent)

    @property
    def record(self) -> Optional[Record]:
        found = read(f"{self.folder}/record.json")
        return None if found is None else dict(json.loads(found))

    def note(self, record: Record) -> None:
        write(f"{self.folder}/record.json", json.dumps(record))

    def forget(self) -> None:
        """The record goes first: from then on, nothing is taken back."""
        remove(f"{self.folder}/record.json")
        call("systemctl", "stop", f"{NAME}.timer")
        for path in (self.link, self.timer, self.service):
            remove(path)
        call("systemctl", "daemon-reload")
        shutil.rmtree(self.folder, ignore_errors=True)


def arm(guard: Guard) -> int:
    change = json.loads(sys.stdin.read())
    with guard.locked():
        if not served(change):
            return say(f"pmxcfs does not serve {PMXCFS}. Nothing was changed.", 1)
        earlier = guard.record
        if earlier is not None and not _put_back(earlier):
            guard.note(earlier)
            return say("An earlier change of the firewall is not taken back yet; it is tried again and again.", 1)
        guard.forget()
        for file in change["files"]:
            file["old"] = read(file["path"])
        guard.note({**change, "state": "armed"})
        _start_timer(guard, change["seconds"])
        if call("systemctl", "is-active", "--quiet", f"{NAME}.timer"):
            guard.forget()
            return say("The timer that would take the change back does not run. Nothing was changed.", 1)
    return 0


def _start_timer(guard: Guard, seconds: int) -> None:
    """From files, so that it is there after a boot as well."""
    write(f"{guard.folder}/guard.py", own_source())
    command = f"{PYTHON} -I {guard.folder}/guard.py undo {guard.folder} {guard.units}"
    write(guard.service, SERVICE.format(command=command), 0o644)
    write(guard.timer, TIMER.format(seconds=seconds), 0o644)
    os.makedirs(os.path.dirname(guard.link), exist_ok=True)
    if not os.path.lexists(guard.link):
        os.symlink(guard.timer, guard.link)
    call("systemctl", "daemon-reload")
    call("systemctl", "start", f"{NAME}.timer")


def change(guard: Guard) -> int:
    with guard.locked():
        record = guard.record
        if record is None or call("systemctl", "is-active", "--quiet", f"{NAME}.timer"):
            return say("No timer runs on this node that would take a change back. Nothing was changed.", 1)
        if not served(record):
            return say(f"pmxcfs does not serve {PMXCFS}. Nothing was changed.", 1)
        changed = [one["path"] for one in record["files"] if read(one["path"]) not in (one["old"], one["text"])]
        if changed:
            return say(f"Somebody has changed {', '.join(changed)} meanwhile. Nothing was changed.", 1)
        guard.note({**record, "state": "pending", "at": now(), "since": time.time()})
        try:
            for one in record["files"]:
                if one["mine"]:
                    put(one["path"], one["text"])
        except OSError as error:
            return say(f"{error}. The node takes back what was written.", 1)
    return 0


def confirm(guard: Guard) -> int:
    with guard.locked():
        record = guard.record
        if record is None or record["state"] != "pending":
            return say("There is nothing to confirm: no change is pending on this node, or no longer.", 1)
        if not served(record) or any(read(one["path"]) != one["text"] for one in record["files"]):
            return say("The files are not the new ones: another node has taken the change back.", 1)
        if (connected_since() or 0) < record["at"]:
            return say("A change is only confirmed through a connection to sshd that was made after it.", 1)
        guard.forget()
    return 0


def undo(guard: Guard) -> int:
    with guard.locked():
        record = guard.record
        if record is None:
            return 0
        if not _put_back(record):
            guard.note(record)
            return say("The old files cannot be put back yet; the firewall of this node is stopped meanwhile.", 1)
        guard.forget()
    return say("The change of the firewall is taken back.", 0)


def _put_back(record: Record) -> bool:
    """What is neither old nor new is somebody else's since then, and stays."""
    if record["state"] == "armed":
        return True
    try:
        if not served(record):
            raise FileNotFoundError(f"pmxcfs does not serve {PMXCFS}.")
        for one in record["files"]:
            if read(one["path"]) == one["text"] != one["old"]:
                put(one["path"], one["old"])
    except OSError as error:
        say(str(error), 1)
        running = [name for name in record["services"] if not call("systemctl", "is-active", "--quiet", name)]
        record["stopped"] = sorted({*record.get("stopped", ()), *running})
        for name in running:
            call("systemctl", "stop", name)
        return False
    for name in record.get("stopped", ()):
        call("systemctl", "start", name)
    return True


def served(record: Record) -> bool:
    """Where pmxcfs does not run, its files seem to be missing, and one that was written there would keep it away."""
    inside = any(one["path"].startswith(f"{PMXCFS}/") for one in record["files"])
    return not inside or os.path.lexists(f"{PMXCFS}/local")


def put(path: str, text: Optional[str]) -> None:
    """pmxcfs sets owner and mode itself, and replaces a file at once."""
    if text is None:
        remove(path)
    else:
        write(path, text, None)


def connected_since() -> Optional[float]:
    """When sshd accepted the connection that this process runs for; nobody's if it does not run for sshd."""
    pid = os.getpid()
    while pid > 1:
        head, dummy, rest = (read(f"/proc/{pid}/stat") or "").rpartition(")")
        if head.partition("(")[2].startswith("sshd"):
            return int(rest.split()[19]) / os.sysconf("SC_CLK_TCK")
        pid = int(rest.split()[1])
    return None


def now() -> float:
    """On the clock on which the kernel tells when a process was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def call(*command: str) -> int:
    """Its exit code; what it says goes to the journal, or to whoever called."""
    return asyncio.run(_ended(command))


async def _ended(command: tuple[str, ...]) -> int:
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=nowhere, stdout=nowhere, cwd="/")
    return await process.wait()


def read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write(path: str, text: str, mode: Optional[int] = 0o600) -> None:
    """In one step: never half written."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    draft = f"{path}.ansible-new"
    with open(draft, "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        stream.write(text)
        stream.flush()
        if mode is not None:
            os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    os.replace(draft, path)


def remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def own_source() -> str:
    """The text of this program: from its file, or where it came as an argument of Python."""
    known: str = globals().get("__file__", "")
    if known:
        return read(known) or ""
    words = (read(f"/proc/{os.getpid()}/cmdline") or "").split("\0")
    return words[words.index("-c") + 1]


def say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def main(mode: str, folder: str, units: str) -> int:
    modes: dict[str, Callable[[Guard], int]] = {
        "arm": arm,
        "write": change,
        "confirm": confirm,
        "back": undo,
        "undo": undo,
    }
    return modes[mode](Guard(folder, units))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
