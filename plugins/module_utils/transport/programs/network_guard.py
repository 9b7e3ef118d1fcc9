# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guard a change of the network: unless it is confirmed in time, the node takes it back by itself.

    network_guard MODE DISK RUN UNITS

prepare: when ``network_files`` and ``network_kernel`` have kept what there is in DISK and RUN, takes the settings from
standard input, and puts a unit into UNITS that brings the old files back at a boot, before the network is set up, if a
change was begun and not confirmed. With ``baseline`` it also runs ``activate`` once, to know how that ends without one.
change: starts the timer that takes the change back, then has it made in a unit of its own, and waits for its end. One
that ends worse than without a change is taken back at once.
confirm: for good; only through a connection to sshd made after the change. status: tells as JSON how far it is.
back: takes it back now. What the units call: undo, by the timer; boot, at a boot; apply makes the change.

The settings are JSON: ``activate`` and ``restore``, commands, and the ``folder`` that they need; ``baseline``;
``seconds`` until the change is taken back; ``limit``, seconds after which a hanging command is ended that runs without
that timer. When all is over, nothing of this is left. Every mode may be repeated.
Runs on its own with a node's system Python: of this collection it imports nothing (why: see network_files).
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Callable, Optional

BACK, CHANGE, BOOT = "baremetal-virt-network", "baremetal-virt-network-change", "baremetal-virt-network-boot.service"
PYTHON = "/usr/bin/python3"
UNIT = """[Unit]
Description=Bring back the network from before a change that nobody confirmed
DefaultDependencies=no
ConditionPathExists={program}
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target networking.service systemd-networkd.service pvenetcommit.service sysinit.target
Wants=network-pre.target

[Service]
Type=oneshot
ExecStart={command}
"""
Record = dict[str, Any]


class Guard:
    """One change, and where everything of it lies."""

    def __init__(self, disk: str, run: str, units: str) -> None:
        self.disk, self.run, self.units = disk, run, units
        self.boot_unit, self.boot_link = f"{units}/{BOOT}", f"{units}/sysinit.target.wants/{BOOT}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        os.makedirs(os.path.dirname(self.run), exist_ok=True)
        folder = os.open(os.path.dirname(self.run), os.O_RDONLY)
        try:
            os.fchmod(folder, 0o700)  # whoever may open it could lock it for ever
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    @property
    def record(self) -> Optional[Record]:
        """From memory; only after a boot from the disk."""
        found = read(f"{self.run}/record.json") or read(f"{self.disk}/record.json")
        return None if found is None else dict(json.loads(found))

    @property
    def result(self) -> Optional[Record]:
        found = read(f"{self.run}/result.json")
        return None if found is None else dict(json.loads(found))

    def note(self, record: Record, folder: str) -> None:
        write(f"{folder}/record.json", json.dumps(record).encode())

    def command(self, mode: str, folder: str) -> list[str]:
        return [PYTHON, "-I", f"{folder}/guard.py", mode, self.disk, self.run, self.units]

    def confirmed(self) -> bool:
        return os.path.exists(f"{self.run}/confirmed")

    def forget(self) -> None:
        """The record on disk goes first: from then on, no boot brings anything back."""
        for path in (f"{self.disk}/record.json", self.boot_link, self.boot_unit):
            remove(path)
        with suppress(OSError):  # others have links in it, or it was never made
            os.rmdir(os.path.dirname(self.boot_link))
        call("systemctl", "stop", f"{BACK}.timer")
        shutil.rmtree(self.disk, ignore_errors=True)
        with suppress(FileNotFoundError):  # with the power, what was only removed in memory would be there again
            sync(os.path.dirname(self.disk))
        shutil.rmtree(self.run, ignore_errors=True)


def prepare(guard: Guard) -> int:
    settings = json.loads(sys.stdin.read())
    with guard.locked():
        record = guard.record
        if record is not None and record["state"] != "prepared":
            return say(f"Another change of the network is {record['state']} on this node; it ends by itself soon.", 1)
        missing = [one for one in ("files.json", "kernel.json") if read(f"{guard.run}/{one}") is None]
        if missing:
            return say(f"What is there now is not kept: {guard.run} has no {' and no '.join(missing)}.", 1)
        call("systemctl", "stop", f"{BACK}.timer")  # of a run that was killed when it had just started it
        record = {"state": "prepared", "settings": settings}
        try:
            if settings["baseline"]:
                record["baseline"] = run(settings, "activate", settings["limit"])[0]
            _prepare_boot(guard)
            guard.note(record, guard.run)
        except OSError as error:
            guard.forget()
            return say(f"The way back cannot be prepared, so nothing was changed: {error}.", 1)
    return 0


def _prepare_boot(guard: Guard) -> None:
    """Without a record on disk, which comes when the change begins, a boot only clears this away."""
    for folder in (guard.disk, guard.run):
        write(f"{folder}/guard.py", own_source())
    unit = UNIT.format(program=f"{guard.disk}/guard.py", command=" ".join(guard.command("boot", guard.disk)))
    write(guard.boot_unit, unit.encode(), 0o644)
    os.makedirs(os.path.dirname(guard.boot_link), exist_ok=True)
    if not os.path.lexists(guard.boot_link):
        os.symlink(guard.boot_unit, guard.boot_link)
    sync(os.path.dirname(guard.boot_link))


def change(guard: Guard) -> int:
    with guard.locked():
        record = guard.record
        if record is None or record["state"] == "back":
            return say("No change is prepared on this node.", 1)
        problem = _begin(guard, record) if record["state"] == "prepared" else ""
        if problem:
            guard.forget()
            return say(f"{problem} Nothing was changed.", 1)
    settings, result = record["settings"], guard.result
    while result is None and guard.record is not None and now() < record["deadline"] + settings["limit"]:
        time.sleep(0.1)
        result = guard.result
    if result is None:
        return say(f"The change did not end within {settings['seconds']} seconds, and the node takes it back.", 1)
    if not result["failed"] and result["rc"] in (0, record.get("baseline", result["rc"])):
        return say(result["said"], 0)
    back(guard)
    return say(f"{result['said']}\nThat ended with exit code {result['rc']}, and the change was taken back.", 1)


def _begin(guard: Guard, record: Record) -> str:
    """The timer first; what it finds before the record says pending, it only forgets. Why it could not be begun."""
    code, said = call(PYTHON, "-I", f"{guard.run}/files.py", "unchanged", guard.disk, guard.run)
    if code:
        return said.strip()
    seconds = record["settings"]["seconds"]
    record.update(state="pending", deadline=now() + seconds)
    timer = ("--on-active", str(seconds), "--timer-property=AccuracySec=100ms")
    again = ("--property=Restart=on-failure", "--property=RestartSec=3")
    code, said = _in_unit(BACK, (*timer, *again), guard.command("undo", guard.run))
    if code or call("systemctl", "is-active", f"{BACK}.timer")[0]:
        return f"The timer that would take the change back does not run: {said.strip()}"
    try:
        for folder in (guard.run, guard.disk):
            guard.note(record, folder)
    except OSError as error:
        return f"That the change begins cannot be written down: {error}."
    code, said = _in_unit(CHANGE, (), guard.command("apply", guard.run))
    return f"The change was not begun: {said.strip()}" if code else ""


def _in_unit(name: str, options: Sequence[str], command: Sequence[str]) -> tuple[int, str]:
    """Daemons that the command starts outlive it."""
    lasting = ("--collect", "--quiet", "--property=KillMode=process")
    return call("systemd-run", "--unit", name, *lasting, *options, *command)


def apply(guard: Guard) -> int:
    record = guard.record
    if record is None or record["state"] != "pending":
        return 1
    code, said = call(PYTHON, "-I", f"{guard.run}/files.py", "put", guard.disk, guard.run)
    result: Record = {"failed": code != 0, "rc": code, "said": said}
    if code == 0:
        result["rc"], result["said"] = run(record["settings"], "activate", None)
    write(f"{guard.run}/result.json", json.dumps({**result, "at": now()}).encode())
    return 0


def confirm(guard: Guard) -> int:
    with guard.locked():
        record, result = guard.record, guard.result
        if guard.confirmed():
            guard.forget()
            return 0
        if record is None or record["state"] != "pending" or now() >= record["deadline"]:
            return say("There is nothing to confirm: no change is pending on this node, or no longer.", 1)
        if result is None or result["failed"]:
            return say("The change has not ended.", 1)
        if (connected_since() or 0) < result["at"]:
            return say("A change is only confirmed through a connection to sshd that was made after it.", 1)
        write(f"{guard.run}/confirmed", b"")
        guard.forget()
    return 0


def back(guard: Guard) -> int:
    """Through the timer's own service, which goes on when this process ends."""
    record = guard.record
    if record is None or record["state"] == "prepared":
        return undo(guard)
    if call("systemctl", "start", "--no-block", f"{BACK}.service")[0]:
        return undo(guard)
    deadline = now() + record["settings"]["limit"] + 60
    while guard.record is not None and now() < deadline:
        time.sleep(0.1)
    return 0 if guard.record is None else say("The change is not taken back yet.", 1)


def undo(guard: Guard) -> int:
    """Nothing may keep the network from coming back: files that cannot be put back are told, and tried again."""
    with guard.locked():
        record = guard.record
        if record is None:
            return 0
        if guard.confirmed() or record["state"] == "prepared":
            guard.forget()
            return 0
        record["state"] = "back"
        told = ["The change of the network is taken back.", *_noted(guard, record)]
        call("systemctl", "kill", "--signal=KILL", f"{CHANGE}.service")
        code, said = call(PYTHON, "-I", f"{guard.run}/files.py", "back", guard.disk, guard.run)
        told.append(said.strip())
        if not record.get("restored"):
            told += _restore(guard, record["settings"])
            told += _noted(guard, {**record, "restored": True})
        if code == 0:
            guard.forget()
    return say("\n".join(filter(None, told)), code)


def _noted(guard: Guard, record: Record) -> Iterator[str]:
    """What finds no room in memory is only told: without it, no more is lost than that something is done twice."""
    try:
        guard.note(record, guard.run)
    except OSError as error:
        yield f"{guard.run} cannot be written: {error}."


def _restore(guard: Guard, settings: Record) -> Iterator[str]:
    code, said = run(settings, "restore", settings["limit"])
    if code:
        yield f"{' '.join(settings['restore'])} ended with exit code {code}: {said.strip()}"
    yield call(PYTHON, "-I", f"{guard.run}/kernel.py", "repair", guard.run)[1].strip()


def run(settings: Record, command: str, limit: Optional[float]) -> tuple[int, str]:
    """With the folder in which it locks: without that, ifreload says that another one is at work."""
    with suppress(OSError):  # the command itself says what it lacks then
        os.makedirs(settings["folder"], exist_ok=True)
    return call(*settings[command], limit=limit)


def boot(guard: Guard) -> int:
    code, told = 0, "No change of the network had begun, or it was confirmed."
    if guard.record is not None:
        code, said = call(PYTHON, "-I", f"{guard.disk}/files.py", "boot", guard.disk, guard.run)
        told = said.strip() or "The network from before a change that nobody confirmed is back."
    if code == 0:
        guard.forget()
        call("systemctl", "--no-block", "daemon-reload")  # so that systemd forgets the unit of the boot, too
    return say(told, code)


def status(guard: Guard) -> int:
    record, result = guard.record, guard.result
    told: Record = {"state": "none" if record is None else record["state"]}
    if record is not None and "deadline" in record:
        told.update(seconds_left=round(record["deadline"] - now(), 1), baseline=record.get("baseline"), result=result)
        told["new_connection"] = result is not None and (connected_since() or 0) >= result["at"]
    return say(json.dumps(told), 0, sys.stdout)


def connected_since() -> Optional[float]:
    """When sshd accepted the connection that this process runs for; nobody's if it does not run for sshd."""
    pid = os.getpid()
    while pid > 1:
        head, dummy, rest = (read(f"/proc/{pid}/stat") or b"").decode(errors="replace").rpartition(")")
        if head.partition("(")[2].startswith("sshd"):
            return int(rest.split()[19]) / os.sysconf("SC_CLK_TCK")
        pid = int(rest.split()[1])
    return None


def call(*command: str, stdin: str = "", limit: Optional[float] = 30) -> tuple[int, str]:
    """Exit code and what was said, kept in memory: daemons that are left would hold a pipe open, and disks are full."""
    with open(os.memfd_create("said"), "w+b") as said:
        try:
            code = asyncio.run(_ended(command, stdin, said, limit))
        except OSError as error:
            return 127, str(error)
        said.seek(0)
        return code, said.read().decode(errors="replace")


async def _ended(command: Sequence[str], stdin: str, said: IO[bytes], limit: Optional[float]) -> int:
    pipe = asyncio.subprocess.PIPE
    options: dict[str, Any] = {"stdout": said, "stderr": said, "start_new_session": True, "cwd": "/"}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, **options)
    try:
        await asyncio.wait_for(process.communicate(stdin.encode()), limit)
    except asyncio.TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        return 124
    return 1 if process.returncode is None else process.returncode


def read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write(path: str, content: bytes, mode: int = 0o600) -> None:
    """In one step, and on the disk when this returns."""
    draft = f"{path}.new"
    try:
        with open(draft, "wb", opener=private) as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError:
        remove(draft)
        raise
    sync(os.path.dirname(path))


def private(path: str, flags: int) -> int:
    """Whoever opened it before it has its mode could go on reading."""
    return os.open(path, flags, 0o600)


def remove(path: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)
        sync(os.path.dirname(path))


def sync(folder: str) -> None:
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def now() -> float:
    """Since the boot of the node, which nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def own_source() -> bytes:
    """A file, or a word of the command that runs it."""
    if "__file__" in globals():
        return read(__file__) or b""
    words = (read("/proc/self/cmdline") or b"").split(b"\0")
    return words[words.index(b"-c") + 1]


def say(text: str, code: int, stream: IO[str] = sys.stderr) -> int:
    """Whoever started this may have been killed, and nobody listens any more: that changes nothing."""
    try:
        stream.write(f"{text}\n" if text else "")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


MODES: dict[str, Callable[[Guard], int]] = {
    one.__name__: one for one in (prepare, change, confirm, back, status, apply, undo, boot)
}


def main(mode: str, disk: str, run: str, units: str) -> int:
    return MODES[mode](Guard(disk, run, units))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
