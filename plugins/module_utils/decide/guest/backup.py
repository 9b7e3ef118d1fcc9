# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a guest is in a backup with all that would be lost with it. A task that ended well proves nothing alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from ...model.guest.backup import Held, freed, missing_in_log
from ...model.guest.mark import Mark
from ...model.guest.observed import ListedGuest
from ...model.guest.release import BACKUP, CHANGING, CLOCKS_APART, HOLDS, WELL, Archive, GuestTask, digest

VZDUMP = "vzdump"
#: In the log: the guest did not run meanwhile, so the backup is of what it is when it is destroyed.
_AT_REST = "INFO: status = stopped"


def recorded(
    guest: ListedGuest,
    mark: Mark,
    released: int,
    volumes: Sequence[Held],
    discard: Sequence[str],
    archives: Iterable[Archive],
    tasks: Iterable[GuestTask],
) -> Optional[Archive]:
    """The archive that was verified and noted in the guest, if it still is what it was, and the guest too."""
    if mark.fields.get(HOLDS) != digest(guest.vmid, volumes, discard):
        return None
    found = [one for one in archives if one.id == mark.fields.get(BACKUP) and _is_whole(one, guest, released)]
    return found[0] if found and not _changed_since(found[0], tasks) else None


def candidate(
    guest: ListedGuest,
    released: int,
    volumes: Sequence[Held],
    discard: Sequence[str],
    archives: Iterable[Archive],
    tasks: Sequence[GuestTask],
) -> Optional[Archive]:
    """An archive that is verified now: by its task, by the log of that, and by what the storage has."""
    held = [one for one in freed(guest.vmid, volumes) if one.named not in discard]
    written = {task.archive for task in tasks if _is_good(task, guest, held)} - {""}
    whole = [
        one
        for one in archives
        if _is_whole(one, guest, released)
        and any(one.id.endswith(f"/{name}") for name in written)
        and not _changed_since(one, tasks)
    ]
    return max(whole, key=lambda one: one.created, default=None)


def is_running(tasks: Iterable[GuestTask]) -> Optional[GuestTask]:
    """A backup that is being made."""
    return next((task for task in tasks if task.kind == VZDUMP and not task.status), None)


def _is_good(task: GuestTask, guest: ListedGuest, held: Sequence[Held]) -> bool:
    """Upstream says OK, too, where the guest was not on that node and nothing was written."""
    finished = f"INFO: Finished Backup of VM {guest.vmid} "
    return (
        task.kind == VZDUMP
        and task.status == WELL
        and task.node == guest.node
        and any(line.startswith(finished) for line in task.log)
        and _AT_REST in task.log
        and not missing_in_log(guest.kind, task.log, held)
    )


def _is_whole(archive: Archive, guest: ListedGuest, released: int) -> bool:
    there = archive.size > 0 and archive.protected and not archive.damaged
    return there and archive.vmid == guest.vmid and archive.created - released + CLOCKS_APART >= 0


def _changed_since(archive: Archive, tasks: Iterable[GuestTask]) -> bool:
    return any(task.kind in CHANGING and task.began >= archive.created for task in tasks)
