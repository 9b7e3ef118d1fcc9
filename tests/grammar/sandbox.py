"""Programs of another root, run in namespaces of their own: network, processes, mounts and IPC are nobody else's.

One process stays inside for the whole session and takes one request after the other, as entering costs more than most
of the programs do.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

#: Everything that is written lies in memory, so that sessions may share the root.
_ENTER = """
set -e
for folder in /dev/shm /run /tmp /mnt /var/lib/corosync; do
  mkdir -p "$1$folder"
  mount -t tmpfs tmpfs "$1$folder"
done
mount -t proc proc "$1/proc"
for file in etc/hosts etc/corosync; do
  cp -a "$1/$file" "$1/tmp/" 2>/dev/null || touch "$1/tmp/$(basename "$file")"
done
mount --bind "$1/tmp/hosts" "$1/etc/hosts"
mount --bind "$1/tmp/corosync" "$1/etc/corosync"
ip link set lo up
ip address add 10.255.0.1/32 dev lo # the resolver leaves out a family of which there is but loopback
ip address add fd00:255::1/128 dev lo
exec chroot "$1" /usr/bin/python3 -u -c "$2"
"""
_INSIDE = """
import json, os, subprocess, sys
helpers = {}
for line in sys.stdin:
    asked = json.loads(line)
    for path, text in asked["files"].items():
        with open(path, "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
    if asked["helper"]:
        program = asked["argv"][0]
        if program not in helpers:
            helpers[program] = subprocess.Popen(
                [sys.executable, "-u", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        helpers[program].stdin.write(json.dumps(asked["argv"][1:]) + "\\n")
        helpers[program].stdin.flush()
        print(json.dumps([0, helpers[program].stdout.readline(), ""]))
        continue
    done = subprocess.run(
        asked["argv"], env={**os.environ, **asked["env"]}, capture_output=True, stdin=subprocess.DEVNULL)
    said = [part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr)]
    print(json.dumps([done.returncode, *said]))
"""


@dataclass(frozen=True)
class Done:
    rc: int
    stdout: str
    stderr: str


class Sandbox:
    """Open it with ``with``."""

    def __init__(self, root: Path) -> None:
        namespaces = ["--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        self._inside = subprocess.Popen(
            ["unshare", *namespaces, "sh", "-c", _ENTER, "sh", str(root), _INSIDE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        assert self._inside.stdin is not None
        self._inside.stdin.close()
        self._inside.kill()
        self._inside.wait()

    def run(
        self, argv: Sequence[str], files: Mapping[str, str] = {}, env: Mapping[str, str] = {}, helper: bool = False
    ) -> Done:
        """Write the files, then run a command to its end."""
        return Done(*self._ask({"argv": list(argv), "files": dict(files), "env": dict(env), "helper": helper}))

    def ask(self, program: str, *words: str, files: Mapping[str, str] = {}) -> Any:
        """What a Python program answers that stays: a JSON list of words in a line in, a JSON value in a line out."""
        return json.loads(self.run([program, *words], files, helper=True).stdout)

    def _ask(self, request: Mapping[str, Any]) -> list[Any]:
        assert self._inside.stdin is not None and self._inside.stdout is not None
        self._inside.stdin.write(json.dumps(request) + "\n")
        self._inside.stdin.flush()
        answer = self._inside.stdout.readline()
        if not answer:
            raise RuntimeError(f"the sandbox has ended with {self._inside.wait()}")
        return list(json.loads(answer))
