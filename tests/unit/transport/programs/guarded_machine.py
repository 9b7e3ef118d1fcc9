"""A machine whose network is changed: folders of its own, and commands that write down what they were asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import (
    network_files,
    network_guard,
    network_kernel,
)

#: A file with the command's name in ``says`` is what it prints, one in ``fails`` makes it fail; ifreload runs a script.
COMMAND = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "$ROOM/log"
case "$name" in ip|bridge) [ -t 0 ] || case "$*" in *batch*) sed "s/^/  /" >> "$ROOM/log";; esac;; esac
said="$ROOM/says/$name $*"; [ ! -e "$said" ] || cat "$said"
[ "$name" != ifreload ] || [ ! -e "$ROOM/reload" ] || . "$ROOM/reload"
[ ! -e "$ROOM/fails/$name" ] && [ ! -e "$ROOM/fails/$name $1" ] || { echo "no $name" >&2; exit 1; }
"""
#: The unit of a change is begun at once; that of the way back is only written down.
SYSTEMD_RUN = """
case "$*" in *network-change*)
  while [ "$1" != /usr/bin/python3 ]; do shift; done
  "$@" > /dev/null 2>&1 < /dev/null &
esac
"""
OLD, NEW = "auto lo\niface lo inet loopback\n", "auto lo\niface lo inet loopback\n# new\n"


class Machine:
    def __init__(self, room: Path) -> None:
        self.room = room
        self.disk, self.run_folder, self.units = room / "disk" / "network", room / "run" / "network", room / "units"
        self.file, self.added = room / "etc" / "interfaces", room / "etc" / "interfaces.d" / "more"
        for folder in ("bin", "says", "fails", "etc", "run", "disk", "units"):
            (room / folder).mkdir()
        for name in ("systemctl", "systemd-run", "ip", "bridge", "ifreload"):
            command = room / "bin" / name
            command.write_text(COMMAND + (SYSTEMD_RUN if name == "systemd-run" else ""))
            command.chmod(0o755)
        self.file.write_text(OLD)
        self.file.chmod(0o640)
        self.fail("systemctl start")  # the unit of the way back is not there, so it is gone without it
        self.kernel([])

    def fail(self, name: str) -> None:
        (self.room / "fails" / name).touch()

    def heal(self, name: str) -> None:
        (self.room / "fails" / name).unlink()

    def kernel(self, links: list[dict[str, Any]], routes: tuple[dict[str, Any], ...] = ()) -> None:
        for words, said in (("-json -details address", links), ("-4 -json route show", list(routes))):
            (self.room / "says" / f"ip {words}").write_text(json.dumps(said))

    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.room / 'bin'}:{os.environ['PATH']}", "ROOM": str(self.room)}

    def run(self, program: ModuleType, *words: str, stdin: Any = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(program.__file__), *words]
        given = "" if stdin is None else json.dumps(stdin)
        return subprocess.run(
            command, env=self.environment(), input=given, capture_output=True, text=True, check=False, timeout=60
        )

    def files(self, mode: str, **change: Any) -> subprocess.CompletedProcess[str]:
        given = {"files": [{"path": str(self.file), "text": NEW}], "units": [], **change}
        return self.run(network_files, mode, str(self.disk), str(self.run_folder), stdin=given)

    def guard(self, mode: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        reload = {"activate": ["ifreload", "-a"], "restore": ["ifreload", "-a"], "folder": str(self.room / "locks")}
        given = {**reload, "baseline": True, "seconds": 30, "limit": 5, **settings}
        return self.run(network_guard, mode, *self.folders, stdin=given)

    @property
    def folders(self) -> tuple[str, str, str]:
        return str(self.disk), str(self.run_folder), str(self.units)

    def keep(self) -> None:
        for done in (self.files("keep"), self.run(network_kernel, "keep", str(self.run_folder))):
            assert done.returncode == 0, done.stderr

    def prepare(self, **settings: Any) -> None:
        self.keep()
        done = self.guard("prepare", **settings)
        assert done.returncode == 0, done.stderr

    @property
    def asked(self) -> list[str]:
        log = self.room / "log"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def left(self) -> list[str]:
        """What of a change is still on the machine."""
        folders = (self.disk.parent, self.run_folder.parent, self.units, self.file.parent)
        found = [path for folder in folders for path in folder.rglob("*")]
        return sorted(str(path.relative_to(self.room)) for path in found if path not in (self.file, self.added))
