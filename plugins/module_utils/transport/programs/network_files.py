# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep files and the states of units, change them, and put them back. Usage: network_files MODE DISK RUN

keep: takes from standard input what is to be changed, and copies what is there now to RUN (in memory) and to DISK, with
this program. Nothing is changed, and of copies that cannot be made nothing is left. unchanged: whether the files are
still the copied ones. put: makes the change. back: takes it back. boot: the same, without waiting for units to start.

What is to be changed is JSON: ``files``, each with ``path``, ``text`` (null: none), perhaps ``mode``, and perhaps
``back``, the text that is put back where the old one would be read differently; ``units``, pairs of a verb of systemctl
and a unit, in order. For the way back, no byte has to be written to the disk: the copies take the files' places.
Runs on its own with a node's system Python: of this collection it imports nothing. At a boot there is
nothing but this one file; so what it shares with its two neighbours stands in each, and a test compares that.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Callable, Optional

Kept = dict[str, Any]


def keep(disk: str, run: str) -> int:
    change = json.loads(sys.stdin.read())
    record = json.loads(read(f"{run}/record.json") or b"{}")
    if record.get("state", "prepared") != "prepared":
        return say(f"Another change of the network is {record['state']} on this node; it ends by itself soon.", 1)
    if not record and read(f"{disk}/record.json") is not None:
        return say("The last change was neither confirmed nor brought back by the boot: see the journal of it.", 1)
    try:
        for folder in (disk, run):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            write(f"{folder}/files.py", own_source())
        for file in change["files"]:
            file["path"] = os.path.realpath(file["path"])  # what is a link stays one
        change["old"] = [_kept(number, file, (disk, run)) for number, file in enumerate(change["files"])]
        change["was"] = [_unit(name) for name in dict.fromkeys(name for dummy, name in change["units"])]
        for folder in (disk, run):
            write(f"{folder}/files.json", json.dumps(change).encode())
    except OSError as error:
        for folder in (disk, run):
            shutil.rmtree(folder, ignore_errors=True)
        return say(f"What is there now cannot be kept, so nothing was changed: {error}.", 1)
    return 0


def _kept(number: int, file: Kept, folders: Sequence[str]) -> Kept:
    """Owner and mode go with the copy, so that it can take the place of the file as it is."""
    content = read(file["path"])
    told: Kept = {"found": content is not None, "there": content is not None or "back" in file}
    told.update(mode=0o644, owner=[0, 0])
    if content is not None:
        status = os.stat(file["path"])
        told.update(mode=status.st_mode & 0o7777, owner=[status.st_uid, status.st_gid])
    if told["there"]:
        back = file["back"].encode("utf-8", "surrogateescape") if "back" in file else content or b""
        for folder in folders:
            write(f"{folder}/{number}", back, told["mode"], told["owner"])
    return told


def _unit(name: str) -> Kept:
    states = {verb: call("systemctl", verb, name)[1].strip().split("\n")[-1] for verb in ("is-enabled", "is-active")}
    return {"name": name, **states}


def unchanged(disk: str, run: str) -> int:
    change = kept(disk, run)
    for number, (file, old) in enumerate(zip(change["files"], change["old"])):
        expected = old_text(disk, run, number) if old["found"] else None
        if "back" not in file and read(file["path"]) != expected:
            return say(f"Somebody has changed {file['path']} meanwhile.", 1)
    return 0


def put(disk: str, run: str) -> int:
    change = kept(disk, run)
    try:
        for file, old in zip(change["files"], change["old"]):
            if file["text"] is None:
                remove(file["path"])
                continue
            os.makedirs(os.path.dirname(file["path"]), exist_ok=True)
            text = file["text"].encode("utf-8", "surrogateescape")
            write(file["path"], text, file.get("mode") or old["mode"], old["owner"])
        for verb, name in change["units"]:
            code, said = call("systemctl", verb, name)
            if code:
                raise OSError(f"systemctl {verb} {name}: {said.strip()}")
    except OSError as error:
        return say(str(error), 1)
    return 0


def back(disk: str, run: str, *options: str) -> int:
    change = kept(disk, run)
    problems = []
    for number, (file, old) in enumerate(zip(change["files"], change["old"])):
        try:
            if not old["there"]:
                remove(file["path"])
            elif not is_back(disk, run, number, file["path"], old):
                _put_back(disk, run, number, file["path"], old)
        except OSError as error:
            problems.append(f"{file['path']} is not back: {error}.")
    for unit in change["was"]:
        _unit_back(unit, options)
        name, was = unit["name"], unit["is-enabled"]
        found = _unit(name)["is-enabled"]
        if was in ("enabled", "disabled", "masked") and found != was:
            problems.append(f"{name} is {found} and not {was}.")
    return say("\n".join(problems), 1 if problems else 0)


def boot(disk: str, run: str) -> int:
    return back(disk, run, "--no-block")


def is_back(disk: str, run: str, number: int, path: str, old: Kept) -> bool:
    if read(path) != old_text(disk, run, number):
        return False
    found = os.stat(path)
    return [found.st_mode & 0o7777, found.st_uid, found.st_gid] == [old["mode"], *old["owner"]]


def _put_back(disk: str, run: str, number: int, path: str, old: Kept) -> None:
    """The copy takes the file's place, on a full disk, too; on another file system it has to be written."""
    draft = draft_of(path)
    try:
        remove(draft)
        os.link(f"{disk}/{number}", draft)
        if read(draft) != old_text(disk, run, number):
            raise OSError("the copy on disk is another one")
        os.replace(draft, path)
        sync(os.path.dirname(path))
    except OSError:
        remove(draft)
        write(path, old_text(disk, run, number), old["mode"], old["owner"])


def _unit_back(unit: Kept, options: Sequence[str]) -> None:
    name, was = unit["name"], unit["is-enabled"]
    if was.startswith("masked"):
        call("systemctl", "mask", name)
        return
    call("systemctl", "unmask", name)
    if was in ("enabled", "disabled"):
        call("systemctl", was[:-1], name)
    if call("systemctl", "is-active", name)[1].strip() != unit["is-active"]:
        call("systemctl", "start" if unit["is-active"] == "active" else "stop", *options, name)


def kept(disk: str, run: str) -> Kept:
    found: Kept = json.loads(read(f"{run}/files.json") or read(f"{disk}/files.json") or b"null")
    return found


def old_text(disk: str, run: str, number: int) -> bytes:
    for folder in (run, disk):
        found = read(f"{folder}/{number}")
        if found is not None:
            return found
    raise OSError(f"the copy {run}/{number} is gone")


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


def write(path: str, content: bytes, mode: int = 0o600, owner: Sequence[int] = ()) -> None:
    """In one step, and on the disk when this returns. The draft is hidden: folders with interfaces are read whole."""
    draft = draft_of(path)
    try:
        with open(draft, "wb", opener=private) as stream:
            os.fchmod(stream.fileno(), mode)
            if owner:
                os.fchown(stream.fileno(), *owner)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except OSError:
        remove(draft)
        raise
    sync(os.path.dirname(path))


def draft_of(path: str) -> str:
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.baremetal-virt")


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


MODES: dict[str, Callable[[str, str], int]] = {
    "keep": keep,
    "unchanged": unchanged,
    "put": put,
    "back": back,
    "boot": boot,
}


def main(mode: str, disk: str, run: str) -> int:
    return MODES[mode](disk, run)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
