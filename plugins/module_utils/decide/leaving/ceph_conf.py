# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to take one daemon out of /etc/pve/ceph.conf, as expressions for sed.

Not a new text for the file: steps of the same plan, and pveceph on other nodes, change it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"^\s*(?:public|mon)[_ ]addr\s*=\s*(\S+)")


def without_daemon(text: str, kind: str, name: str, addresses: Iterable[str] = ()) -> list[str]:
    """Delete the section ``[kind.name]``; for a monitor also its addresses in ``mon_host``.

    ``addresses``: of the monitor as the cluster knew them; those in its own section are added.
    """
    header = rf"^\s*\[{re.escape(f'{kind}.{name}')}\]\s*$"
    words = ["-e", rf"\%{header}%,\%^\s*\[%{{\%{header}%d;\%^\s*\[%!d}}"]
    if kind == "mon":
        for address in sorted({*addresses, *_own_addresses(text, f"{kind}.{name}")}):
            host = rf"\[?{re.escape(address)}\]?"
            words += ["-e", rf"s%^(\s*mon[_ ]host\s*=.*[ ,]){host}([ ,]|$)%\1\2%"]
    return words


def _own_addresses(text: str, section: str) -> list[str]:
    found, inside = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            inside = line.strip().strip("[]").strip() == section
        elif inside and (match := _ADDRESS.match(line)):
            found.append(match.group(1).partition("/")[0].strip("[]"))
    return found
