# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a node's own part of FRR's configuration, and what it has become."""

from __future__ import annotations

from ...engine.reader import Reader, recorded
from ...model.debian.release import release_of
from ...model.network.statements import STAGED
from ...model.sdn.frr import LOCAL, MERGED, PACKAGES, ObservedFrr
from ..debian.packages import installed_packages
from ..node.host import OS_RELEASE, parse_os_release


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedFrr:
    return ObservedFrr(
        local=reader.read(LOCAL),
        merged=reader.read(MERGED),
        installed=set(PACKAGES) <= set(installed_packages(reader)),
        staged=reader.entry(STAGED) is not None,
        release=release_of(parse_os_release(reader.read(OS_RELEASE) or "").get("VERSION_CODENAME", "")),
    )
