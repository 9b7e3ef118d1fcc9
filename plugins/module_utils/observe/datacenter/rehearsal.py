# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API for a guest, the newest of its backups, and the copy that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.datacenter.backup import JobGuest
from ...model.datacenter.rehearsal import POOL, Archive, DesiredRehearsal, ObservedRehearsal
from ..access.release import observe as observe_release
from ..guest.text import parse_guest
from .backup import parse_guest_row, same_guest

_KINDS = ("qemu", "lxc")
#: The status of an answer in place of an agent that does not run.
_NOT_YET = 500


def observe(reader: Reader, desired: DesiredRehearsal) -> ObservedRehearsal:
    release = observe_release(reader)
    if release is None:
        return ObservedRehearsal()
    rows = {int(row["vmid"]): row for row in reader.get("/cluster/resources") if row["type"] in _KINDS}
    guest, copy = (parse_guest_row(rows[vmid]) if vmid in rows else None for vmid in (desired.vmid, desired.copy))
    pools = {row["poolid"] for row in reader.get("/pools")}
    config, copied = _config(reader, guest), _config(reader, copy)
    archive = _newest(reader, desired, guest) if guest is not None and desired.source and copy is None else None
    return ObservedRehearsal(
        release,
        guest=guest,
        config=config,
        copy=copy,
        copied=copied,
        running=copy is not None and rows[desired.copy].get("status") == "running",
        archive=archive,
        same=archive is None or same_guest(config, archive.config),
        pool=POOL in pools,
        pool_used=sum(row.get("pool") == POOL for vmid, row in rows.items() if vmid != desired.copy),
    )


def _config(reader: Reader, guest: Optional[JobGuest]) -> Mapping[str, str]:
    if guest is None:
        return {}
    found: Mapping[str, Any] = reader.get(f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config")
    return {key: str(value) for key, value in found.items()}


def _newest(reader: Reader, desired: DesiredRehearsal, guest: JobGuest) -> Optional[Archive]:
    place = f"/nodes/{guest.node}/storage/{quote(desired.source, safe='')}/content"
    rows = [row for row in reader.get(f"{place}?content=backup&vmid={guest.vmid}") if int(row["vmid"]) == guest.vmid]
    if not rows:
        return None
    newest = max(rows, key=lambda row: int(row["ctime"]))
    text = reader.get(f"/nodes/{guest.node}/vzdump/extractconfig?volume={quote(newest['volid'], safe='')}")
    return Archive(newest["volid"], int(newest["ctime"]), parse_guest(text))


def answers(reader: Reader, copy: JobGuest) -> bool:
    """Whether the agent inside does; a refusal says that it does not, or not yet."""
    try:
        return bool(reader.get(f"/nodes/{copy.node}/qemu/{copy.vmid}/agent/get-host-name"))
    except Unreadable as silence:
        if silence.details.get("status") == _NOT_YET:
            return False
        raise
