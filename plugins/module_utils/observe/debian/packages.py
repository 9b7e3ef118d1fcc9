# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which Debian packages are installed, read once for all subjects."""

from __future__ import annotations

from ...engine.errors import Unreadable
from ...engine.reader import Reader

_FORMAT = "${Package}\t${Version}\t${db:Status-Status}\n"


#: States of a package that has not reached the end of its installation, and will not without help.
_UNFINISHED = ("half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending")


def installed_packages(reader: Reader) -> dict[str, str]:
    """Name → version of every fully installed package (dpkg status ``installed``)."""
    return {name: version for name, version, status in _rows(reader) if status == "installed"}


def unfinished_packages(reader: Reader) -> tuple[str, ...]:
    """Packages that apt or dpkg was ended in the middle of."""
    return tuple(sorted({name for name, _version, status in _rows(reader) if status in _UNFINISHED}))


def _rows(reader: Reader) -> list[list[str]]:
    done = reader.run("dpkg-query", "--show", f"--showformat={_FORMAT}")
    if done.rc != 0:
        raise Unreadable(f"dpkg-query failed: {done.stderr.strip()}.", "Only Debian-based nodes can be managed.")
    return [line.split("\t") for line in done.stdout.splitlines()]
