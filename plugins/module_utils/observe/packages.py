# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which Debian packages are installed, read once for all subjects."""

from __future__ import annotations

from ..errors import Unreadable
from .reader import Reader

_FORMAT = "${Package}\t${Version}\t${db:Status-Status}\n"


def installed_packages(reader: Reader) -> dict[str, str]:
    """Name → version of every fully installed package (dpkg status ``installed``)."""
    done = reader.run("dpkg-query", "--show", f"--showformat={_FORMAT}")
    if done.rc != 0:
        raise Unreadable(f"dpkg-query failed: {done.stderr.strip()}.", "Only Debian-based nodes can be managed.")
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {name: version for name, version, status in rows if status == "installed"}
