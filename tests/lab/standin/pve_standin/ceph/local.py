"""What this node tells the others about its Ceph: which daemons it has, and their version."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from pve_standin.ceph import services as daemons
from pve_standin.ceph import tools
from pve_standin.core.exec import run

PROGRAM = Path("/usr/bin/ceph-mon")
SERVICES_KEY = "ceph-services"
VERSION_KEY = "ceph-version"


def services() -> dict[str, dict[str, dict[str, int]]]:
    return daemons.local_state() if tools.installed() else {}


def version() -> dict[str, Any]:
    """{buildcommit, version: {str, parts}} of the installed Ceph; empty without one."""
    return _version_of(PROGRAM.stat().st_mtime_ns) if tools.installed() else {}


@lru_cache(maxsize=1)
def _version_of(_changed: int) -> dict[str, Any]:
    """Asked again only when the program has changed."""
    return parse_version(run([str(PROGRAM), "--version"]).stdout)


def parse_version(text: str) -> dict[str, Any]:
    match = re.match(r"ceph version (\d+(?:\.\d+)*)\S* \(([0-9a-f]+)\)", text)
    if not match:
        return {}
    number, commit = match.groups()
    return {"buildcommit": commit, "version": {"str": number, "parts": number.split(".")}}
