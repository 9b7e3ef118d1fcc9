# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The node this code runs on: its files and commands, read by observers and changed by plans."""

from __future__ import annotations

import calendar
import grp
import hashlib
import os
import pwd
import re
import socket
import ssl
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.abc import InspectLoader
from types import ModuleType
from typing import Any, Optional, cast

from ..engine.errors import NotRead, Unreadable
from ..engine.reader import Completed, Question, Reader
from .process import Process
from .programs import ask_ceph, own_connection

#: A reading command that takes longer than this is taken for hanging (a monitor down, a dead NFS server).
READ_TIMEOUT = 30.0
_AT_ONCE = 8
#: Debian's own, for which Debian builds its libraries; Ansible may have been told to use another one.
PYTHON = "/usr/bin/python3"
#: Programs that questions name.
_READING = (ask_ceph, own_connection)
_DATE = re.compile(rb"^Date: \w+, (\d+ \w+ \d+ [\d:]+) GMT", re.IGNORECASE | re.MULTILINE)


class Node(Reader):
    """Local files and processes. The current directory of every command is ``/`` (pvecm refuses one in /etc/pve).

    ``programs``: those of ``transport/programs`` that may run here, besides those that many questions name.
    ``patience``: seconds after which a reading command is ended.
    """

    def __init__(self, *programs: ModuleType, patience: float = READ_TIMEOUT) -> None:
        self._patience = patience
        self._programs = {one.__name__.rpartition(".")[2]: one for one in (*_READING, *programs)}

    def look(self, question: Question) -> Any:
        if question.kind == "run":
            done = self.execute(question.argument, timeout=self._patience)
            return [done.rc, done.stdout, done.stderr]
        if question.kind == "api":
            raise NotRead(f"The API is asked from the controller: {question.argument[0]}.")
        if question.kind == "program":
            name, *arguments = question.argument
            done = self.run_program(name, arguments, self._patience)
            return [done.rc, done.stdout, done.stderr]
        try:
            return _SIMPLE_QUESTIONS[question.kind](question.argument[0])
        except OSError as error:  # such as a file system whose server has gone
            raise Unreadable(f"{question.argument[0]} cannot be read: {error}.") from error

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        """Side by side, as each mostly waits; not too many, or they would make each other late."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self.look, questions))

    def execute(
        self,
        argv: Sequence[str],
        *,
        stdin: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        timeout: float = 600,
    ) -> Completed:
        """Run a command to its end; rc 127 when it is not installed, 124 when it was ended at the deadline."""
        try:
            process = Process(argv, stdin is not None, env or {})
        except (FileNotFoundError, NotADirectoryError):
            return Completed(127, "", f"{argv[0]}: not found")
        return process.finish(stdin, timeout)

    def run_program(
        self, name: str, arguments: Sequence[str], timeout: float, stdin: Optional[str] = None
    ) -> Completed:
        """Run one of the node's programs; it needs nothing but its own file and what the system's Python has.

        The source comes from the loader: on a node the file lies in an archive, or in another program's memory.
        """
        module = self._programs[name]
        source = cast(InspectLoader, module.__loader__).get_source(module.__name__)
        if not source:
            raise ImportError(f"The program {name} came without its source.")
        return self.execute((PYTHON, "-I", "-c", source, *arguments), stdin=stdin, timeout=timeout)

    def write(
        self, path: str, content: bytes, mode: int, validate: Sequence[str] = (), fail_on: Sequence[str] = ()
    ) -> Completed:
        """Replace a file in one step: never half written, never readable by more than ``mode`` says."""
        directory = os.path.dirname(path)
        os.makedirs(directory, exist_ok=True)
        # pmxcfs sets owner and mode itself and refuses chmod; hidden names are reserved there. The name does not end
        # like the file's own, so that nobody who reads "all *.conf" takes a draft left by a power cut for a file.
        descriptor, draft = tempfile.mkstemp(prefix=f"ansible-new-{os.path.basename(path)}.", dir=directory)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if not path.startswith("/etc/pve/"):
                os.chmod(draft, mode)
            if validate:
                checked = self.execute([part.replace("%s", draft) for part in validate])
                text = checked.stdout + checked.stderr
                if checked.rc != 0 or any(re.search(pattern, text) for pattern in fail_on):
                    return Completed(checked.rc or 1, checked.stdout, checked.stderr)
            os.replace(draft, path)
            draft = ""
        finally:
            if draft:
                os.unlink(draft)
        return Completed(0, "", "")


def _read(path: str) -> Optional[str]:
    """Byte for byte, so that what is written again is what was there: line ends, and letters of other encodings."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _names(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _entry(path: str) -> Optional[dict[str, Any]]:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFBLK: "block"}
    kind = kinds.get(stat.S_IFMT(found.st_mode), "other")
    return {
        "kind": kind,
        "mode": stat.S_IMODE(found.st_mode),
        "owner": _name_of(pwd.getpwuid, found.st_uid),
        "group": _name_of(grp.getgrgid, found.st_gid),
        "size": found.st_size,
        "target": os.readlink(path) if kind == "link" else None,
    }


def _name_of(lookup: Any, number: int) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def _digest(path: str) -> Optional[str]:
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _age(path: str) -> Optional[int]:
    """Not below zero, whatever the clock said when the file was written."""
    try:
        return max(0, int((time.time() - os.stat(path).st_mtime) // 86400))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _certificate(address: str) -> Optional[str]:
    """Taken as it comes: the asker wants to know which one is served, and compares it itself."""
    host, dummy, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as plain, _trusting().wrap_socket(plain) as served:
            return ssl.DER_cert_to_PEM_cert(served.getpeercert(binary_form=True) or b"")
    except OSError:
        return None


def _clock(address: str) -> Optional[float]:
    """From the Date of an answer, whatever else it says (in whole seconds, so half of one is added)."""
    host, dummy, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as plain, _trusting().wrap_socket(plain) as served:
            served.sendall(f"HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            date = _DATE.search(served.recv(65536))
    except OSError:
        return None
    if date is None:
        return None
    return calendar.timegm(time.strptime(date.group(1).decode(), "%d %b %Y %H:%M:%S")) + 0.5 - time.time()


_SIMPLE_QUESTIONS = {
    "read": _read,
    "names": _names,
    "entry": _entry,
    "digest": _digest,
    "age": _age,
    "certificate": _certificate,
    "clock": _clock,
}
