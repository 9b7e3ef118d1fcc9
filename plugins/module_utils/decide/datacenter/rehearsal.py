# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restore a guest from its newest backup under another number, boot the copy where nobody hears it, and remove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Step, Value
from ...model.datacenter.backup import JobGuest
from ...model.datacenter.rehearsal import POOL, DesiredRehearsal, ObservedRehearsal, raw, reaching
from ..access.caller import caller_from
from ..guest.release_calls import call, remove_pool

_LOWEST = 100
_RESTORE_SECONDS = 12 * 3600.0
#: What the copy is not to have of the guest: it neither starts with its node, nor resists to be removed.
_OWN: Mapping[str, Value] = {"onboot": False, "protection": False}


def desired_from(params: Mapping[str, Any]) -> DesiredRehearsal:
    vmid, copy, state = params["guest"], params["copy"], params.get("state", "booted")
    if min(vmid, copy) < _LOWEST or vmid == copy:
        raise Invalid(f"{copy} cannot be the number of a copy of {vmid}.", "Take two numbers from 100 on.")
    source = params.get("source") or ""
    if state == "booted" and not source and "source" in params:
        raise Invalid("source is missing: the storage with the backups.")
    return DesiredRehearsal(state, vmid, copy, source, params.get("storage") or "", caller_from(params))


def decide(desired: DesiredRehearsal, observed: ObservedRehearsal) -> Plan:
    strange = list(_refuse_stranger(desired, observed))
    if strange or desired.state == "absent":
        return Plan(steps=() if strange else tuple(_removed(observed)), refusals=tuple(strange))
    refusals = tuple(_refuse(desired, observed))
    tells = {"archive": observed.archive.id if observed.archive else ""}
    return Plan(steps=() if refusals else tuple(_booted(desired, observed)), refusals=refusals, tells=tells)


def _refuse_stranger(desired: DesiredRehearsal, observed: ObservedRehearsal) -> Iterator[Refusal]:
    """By its pool and its name: nobody else's guest is touched."""
    copy, guest = observed.copy, observed.guest
    if copy is not None and (copy.pool != POOL or (guest is not None and copy.name != guest.name)):
        yield Refusal(
            f"{desired.copy} is the guest {copy.name} on {copy.node}, and no rehearsal of {desired.vmid}: it is not in"
            f" the pool {POOL}, or has another name.",
            "Take a number that is free.",
        )


def _refuse(desired: DesiredRehearsal, observed: ObservedRehearsal) -> Iterator[Refusal]:
    guest, copy = observed.guest, observed.copy
    if guest is None:
        reason = f"There is no guest {desired.vmid} with which its copy could be compared."
        yield Refusal(reason, "A guest that is lost is restored, and not rehearsed.")
    elif copy is None and observed.archive is None:
        yield Refusal(f"There is no backup of {desired.vmid} on {desired.source}.", "Name the storage that has one.")
    elif not observed.same and observed.archive is not None:
        reason = f"The newest backup {observed.archive.id} is of another guest than {desired.vmid} ({guest.name})."
        yield Refusal(reason, "Another cluster writes to that storage, under the same number.")
    held = observed.copied if copy is not None else observed.archive.config if observed.archive is not None else {}
    lines = raw(guest.kind, held) if guest is not None else []
    if lines:
        reason = f"The backup of {desired.vmid} has lines for LXC itself ({', '.join(lines)}), which a copy would keep."
        yield Refusal(reason, "They may mount directories of the node. Rehearse this one by hand.")
    if copy is not None and observed.running and reaching(copy.kind, observed.copied):
        reason = f"The copy {desired.copy} runs with {', '.join(reaching(copy.kind, observed.copied))}."
        yield Refusal(reason, "Stop it at once: two guests of one name may be at work.")


def _booted(desired: DesiredRehearsal, observed: ObservedRehearsal) -> Iterator[Step]:
    guest, archive = observed.guest, observed.archive
    if guest is None:
        return
    if not observed.pool:
        why = f"make the pool {POOL} for copies that are rehearsed"
        yield call(f"pool.create:{POOL}", why, "POST", "/pools", {"poolid": POOL}, "access")
    path, known = f"/nodes/{guest.node}/{guest.kind}", observed.copied
    if observed.copy is None and archive is not None:
        known = archive.config
        yield _restored(desired, guest, archive.id, path)
    elif observed.copy is not None:
        path = f"/nodes/{observed.copy.node}/{guest.kind}"
    gone = reaching(guest.kind, known)
    if observed.copy is None or gone or any(str(known.get(key, "0")) != "0" for key in _OWN):
        told = f": without {', '.join(gone)}" if gone else ""
        why = f"let the copy {desired.copy} not be heard{told}"
        call_: dict[str, Value] = {**_OWN, **({"delete": ",".join(gone)} if gone else {})}
        yield call(f"guest.isolate:{desired.copy}", why, "PUT", f"{path}/{desired.copy}/config", call_)
    if not observed.running:
        why = f"start the copy {desired.copy}"
        yield call(f"guest.start:{desired.copy}", why, "POST", f"{path}/{desired.copy}/status/start", {}, task=True)


def _restored(desired: DesiredRehearsal, guest: JobGuest, archive: str, path: str) -> Step:
    given: dict[str, Value] = {"vmid": desired.copy, "unique": True, "pool": POOL}
    given.update({"archive": archive} if guest.kind == "qemu" else {"ostemplate": archive, "restore": True})
    if desired.storage:
        given["storage"] = desired.storage
    why = f"restore {archive} as {desired.copy} on {guest.node}, not started"
    return call(f"guest.restore:{desired.copy}", why, "POST", path, given, "data", task=True, timeout=_RESTORE_SECONDS)


def _removed(observed: ObservedRehearsal) -> Iterator[Step]:
    copy = observed.copy
    if copy is not None:
        path, vmid = f"/nodes/{copy.node}/{copy.kind}/{copy.vmid}", copy.vmid
        if observed.running:
            why = f"stop the copy {vmid}"
            yield call(f"guest.stop:{vmid}", why, "POST", f"{path}/status/stop", {}, task=True)
        if str(observed.copied.get("protection", "0")) != "0":
            why = f"let the copy {vmid} be removed"
            yield call(f"guest.unprotect:{vmid}", why, "PUT", f"{path}/config", {"protection": False})
        why = f"remove the copy {vmid} with its volumes"
        gone: dict[str, Value] = {"purge": True, "destroy-unreferenced-disks": False}
        yield call(f"guest.destroy:{vmid}", why, "DELETE", path, gone, "data", task=True, destructive=True)
    if observed.pool and not observed.pool_used:
        yield remove_pool(POOL, observed.release or 9)
