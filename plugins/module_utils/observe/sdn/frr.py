# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a node's own part of FRR's configuration, and what it has become."""

from __future__ import annotations

from ...engine.reader import Reader, recorded
from ...model.debian.release import release_of
from ...model.sdn.frr import FOLDER, LOCAL, MERGED, ObservedFrr
from ..node.host import OS_RELEASE, parse_os_release

_STAGED = "/etc/network/interfaces.new"


@recorded
def observe(reader: Reader) -> ObservedFrr:
    return ObservedFrr(
        local=reader.read(LOCAL),
        merged=reader.read(MERGED),
        installed=reader.entry(FOLDER) is not None,
        staged=reader.entry(_STAGED) is not None,
        release=release_of(parse_os_release(reader.read(OS_RELEASE) or "").get("VERSION_CODENAME", "")),
    )
