# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/etc/pve/ceph.conf without one daemon; every other line stays as it is."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_MON_HOST = re.compile(r"^(\s*mon[_ ]host\s*=\s*)(.*)$")
_ADDRESS = re.compile(r"^\s*(?:public[_ ]addr|mon[_ ]addr)\s*=\s*(\S+)")


def without_daemons(text: str, kind: str, name: str, addresses: AbstractSet[str] = frozenset()) -> str:
    """Without the section ``[kind.name]``; for a monitor also without its addresses in ``mon_host``.

    ``addresses``: of the monitor as the cluster knew them; those of its own section are added.
    """
    kept: list[str] = []
    gone = set(addresses)
    inside = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            inside = line.strip().strip("[]").strip() == f"{kind}.{name}"
        if not inside:
            kept.append(line)
        elif match := _ADDRESS.match(line):
            gone.add(match.group(1).partition("/")[0].strip("[]"))
    return "".join(_without_hosts(line, gone) for line in kept)


def _without_hosts(line: str, gone: AbstractSet[str]) -> str:
    match = _MON_HOST.match(line.rstrip("\n"))
    if match is None or not gone:
        return line
    hosts = [host for host in re.split(r"[,; ]+", match.group(2)) if host and host.strip("[]") not in gone]
    return f"{match.group(1)}{' '.join(hosts)}\n"
