#!/usr/bin/env python3
"""Find real Python interpreters: programs that start, not the shims of a version manager.

usage: interpreters.py VERSION    print the path of that Python (such as 3.13); exit code 1 when there is none
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

_WHO = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"


def find(version: str) -> Optional[Path]:
    """The first interpreter of this version (major.minor) that really is one."""
    for directory in _directories():
        candidate = directory / f"python{version}"
        if os.access(candidate, os.X_OK) and (real := _identify(candidate, version)):
            return real
    return None


def _directories() -> Iterator[Path]:
    yield from (Path(part) for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part)
    managed = (Path.home() / ".pyenv" / "versions", Path.home() / ".local" / "share" / "uv" / "python")
    for root in managed:
        yield from sorted(root.glob("*/bin"))


def _identify(candidate: Path, version: str) -> Optional[Path]:
    asked = subprocess.run([candidate, "-c", _WHO], capture_output=True, text=True, check=False)
    found, _, real = asked.stdout.strip().partition(" ")
    return Path(real) if asked.returncode == 0 and found == version else None


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    found = find(arguments[0])
    if found is None:
        print(f"There is no Python {arguments[0]} on this machine.", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
