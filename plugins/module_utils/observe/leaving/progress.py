# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how far one step is, and nothing else: this is asked every few seconds, perhaps for hours."""

from __future__ import annotations

from typing import Optional

from ...engine.plan import Step
from ...engine.reader import Reader
from ...model.guest.guest import FOLDERS, folder_of
from ...model.leaving.membership import DesiredMembership
from ...model.leaving.progress import ObservedProgress
from ..guest import migration
from . import ceph


def observe_progress(reader: Reader, desired: DesiredMembership, step: Step) -> ObservedProgress:
    if step.topic == "guest":
        names = [name for kind in FOLDERS for name in reader.names(folder_of(kind, desired.node))]
        return ObservedProgress(guests=sum(name.endswith(".conf") for name in names), said=_last_words(reader, step))
    if step.topic in ("data", "monitor"):
        return ObservedProgress(ceph=ceph.observe_data(reader, desired.node))
    return ObservedProgress()


def _last_words(reader: Reader, step: Step) -> Optional[str]:
    vmid = step.id.partition(":")[2]
    found = migration.observe(reader, int(vmid)) if vmid.isdecimal() else None
    return found.last_words if found is not None and found.last_words else None
