# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how far the packages of a node are."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.upgrade.work import BACK, FETCHED, LOG, UNIT, DesiredPackages, ObservedPackages
from ..node import services
from . import node as whole


def observe(reader: Reader, desired: DesiredPackages) -> ObservedPackages:
    """Whoever only fetches lists changes what all others see; nothing else of it is asked. While packages are being
    installed nothing else can be: the cluster file system is away for seconds, and apt does not answer."""
    if desired.state == FETCHED:
        return ObservedPackages()
    if reader.run("systemctl", "is-active", UNIT).stdout.strip() in ("active", "activating", "deactivating"):
        return ObservedPackages(busy=True)
    return ObservedPackages(
        node=whole.observe(reader),
        services=tuple(one for one in services.observe(reader) if one.name in BACK),
    )


def last_words(reader: Reader) -> dict[str, str]:
    """What it last printed, for whoever is told how far it is."""
    said = (reader.read(LOG) or "").strip().splitlines()
    return {"said": said[-1].strip()[:100]} if said else {}
