# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask upstream's own tools what the kernel of a node has of the firewall. It takes a second, so only after a change."""

from __future__ import annotations

import json
import re

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.firewall.firewall import RECORD, Applied

STATUS, COMPILE = ("pve-firewall", "status"), ("pve-firewall", "compile")
JOURNAL = ("journalctl", "--quiet", "--no-pager", "--output=cat", "--unit=pve-firewall.service", "--since")
_CHAIN = re.compile(r"^(?P<todo>[a-z]+) (?P<name>PVEFW-\S+|tap\S+|veth\S+|fw\S+|GROUP-\S+) \((?P<digest>\S+)\)$", re.M)
_ERROR = re.compile(r"^status update error: .*$", re.MULTILINE)


def observe(reader: Reader) -> Applied:
    """Errors count from the beginning of the change that waits to be confirmed."""
    record = reader.read(RECORD)
    since = json.loads(record).get("since") if record else None
    journal = reader.run(*JOURNAL, f"@{int(since)}").stdout if since else ""
    status, told = reader.run(*STATUS), reader.run(*COMPILE)
    if status.rc or told.rc:
        raise Unreadable(f"pve-firewall does not tell what it does: {(status.stderr or told.stderr).strip()}.")
    return Applied(
        status.stdout.strip().partition("Status: ")[2],
        {one["name"]: (one["todo"], one["digest"]) for one in _CHAIN.finditer(told.stdout)},
        tuple(dict.fromkeys(_ERROR.findall(journal))),
    )
