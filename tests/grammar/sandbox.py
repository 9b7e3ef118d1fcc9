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
from typing import Any, Optional, Union

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
root=$1 program=$2
shift 2
while [ $# -gt 0 ]; do
  mkdir -p "$root$1"
  mount --bind -o ro "$2" "$root$1"
  shift 2
done
ip link set lo up
ip address add 10.255.0.1/32 dev lo # the resolver leaves out a family of which there is but loopback
ip address add fd00:255::1/128 dev lo
exec chroot "$root" /usr/bin/python3 -u -c "$program"
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
        helper = tuple(asked["helper"])
        if helper not in helpers:
            helpers[helper] = subprocess.Popen(helper, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        helpers[helper].stdin.write(json.dumps(asked["argv"]) + "\\n")
        helpers[helper].stdin.flush()
        print(json.dumps([0, helpers[helper].stdout.readline(), ""]))
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
    """Open it with ``with``. ``shown``: path inside → folder of this host that is found there, for reading."""

    def __init__(self, root: Path, shown: Mapping[str, Path] = {}) -> None:
        namespaces = ["--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        places = [str(word) for place in shown.items() for word in place]
        self._inside = subprocess.Popen(
            ["unshare", *namespaces, "sh", "-c", _ENTER, "sh", str(root), _INSIDE, *places],
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
        self,
        argv: Sequence[str],
        files: Mapping[str, str] = {},
        env: Mapping[str, str] = {},
        helper: Sequence[str] = (),
    ) -> Done:
        """Write the files, then run a command to its end."""
        return Done(*self._ask({"argv": list(argv), "files": dict(files), "env": dict(env), "helper": list(helper)}))

    def ask(self, program: Union[str, Sequence[str]], *words: str, files: Mapping[str, str] = {}) -> Any:
        """What a program answers that stays: a JSON list of words in a line in, a JSON value in a line out.

        A text is a program in Python; another one is given as its command.
        """
        helper = ["python3", "-u", "-c", program] if isinstance(program, str) else program
        answer = self.run(words, files, helper=helper).stdout
        if not answer:
            raise RuntimeError("the program in the sandbox has ended")
        return json.loads(answer)

    def _ask(self, request: Mapping[str, Any]) -> list[Any]:
        assert self._inside.stdin is not None and self._inside.stdout is not None
        self._inside.stdin.write(json.dumps(request) + "\n")
        self._inside.stdin.flush()
        answer = self._inside.stdout.readline()
        if not answer:
            raise RuntimeError(f"the sandbox has ended with {self._inside.wait()}")
        return list(json.loads(answer))
