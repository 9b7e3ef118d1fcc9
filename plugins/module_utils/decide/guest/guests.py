# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the guests that are to those that are declared. What is not declared is left alone, as is what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional

from ...engine.plan import Plan, Refusal, Step, Value
from ...model.guest.desired import DesiredGuest, DesiredGuests
from ...model.guest.guest import path_of, sid_of
from ...model.guest.observed import ListedGuest, ObservedGuest, ObservedGuests
from ...model.guest.properties import truth
from ...model.guest.size import format_size
from .calls import Method, step
from .compare import Change, change, sets_password
from .firewall import firewall_steps, warn_of_firewall
from .making import config_at_first, left_to_write, make
from .placement import Place, in_order, places, warn_of_loss, warn_of_missing
from .refusals import refuse_absent, refuse_change, refuse_new, refuse_stranger
from .warnings import warn, warn_of_new

_SHUTDOWN_SECONDS = 180


def decide(desired: DesiredGuests, observed: ObservedGuests) -> Plan:
    if observed.release is None:
        made = tuple(one for one in desired.guests if not one.absent)
        return Plan(steps=tuple(_later(one) for one in made))
    if not observed.quorate:
        return Plan(refusals=(Refusal("The cluster has no quorum, so nobody knows which guests there are."),))
    new = places(desired, observed)
    steps: list[Step] = []
    refusals: list[Refusal] = []
    have = {vmid: one for vmid, one in new.items() if not one.problem}
    warnings = [*warn_of_loss(desired, observed, have), *warn_of_missing(desired, observed, have)]
    warnings += warn_of_firewall(desired, observed.firewall)
    sources = {one.clone.vmid for one in desired.guests if one.clone is not None}
    sources |= {one.vmid for one in desired.guests if one.version}
    for guest in in_order(desired):
        part = _part(guest, observed, new)
        steps += part.steps if guest.vmid in sources else (_chained(guest, step) for step in part.steps)
        refusals += part.refusals
        warnings += part.warnings
    unseen = [{"vmid": vmid, "reason": reason} for vmid, reason in sorted(observed.unknown.items())]
    told: dict[str, Any] = {"not_seen": unseen, "placed": {str(vmid): one.node for vmid, one in new.items()}}
    return Plan(tuple(steps), tuple(refusals), tuple(warnings), *_shown(steps), tells=told)


def _chained(guest: DesiredGuest, step: Step) -> Step:
    """A guest needs nothing of another, unless it is what that is a clone of."""
    return replace(step, chain=sid_of(guest.kind, guest.vmid))


def _shown(steps: list[Step]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For ``--diff``: what is sent, without secrets."""
    return {}, {one.id: dict(getattr(one.action, "parameters", ())) for one in steps}


def _later(guest: DesiredGuest) -> Step:
    """Where no node has Proxmox VE yet, all that can be told is that it will be made."""
    return step(guest, "create", f"create {guest}", "POST", f"/nodes/localhost/{guest.kind}", {}, task=True)


def _part(guest: DesiredGuest, observed: ObservedGuests, new: Mapping[int, Place]) -> Plan:
    if guest.vmid in observed.unknown:
        reason = observed.unknown[guest.vmid]
        return Plan(warnings=(f"{guest} is not seen: {reason}. Nothing is done about it.",))
    seen = observed.seen.get(guest.vmid)
    if seen is None:
        return Plan() if guest.absent else _new(guest, observed, new[guest.vmid])
    strange = tuple(refuse_stranger(guest, seen))
    if strange:
        return Plan(refusals=strange)
    return _absent(guest, seen, observed) if guest.absent else _present(guest, seen, observed)


def _new(guest: DesiredGuest, observed: ObservedGuests, place: Place) -> Plan:
    config = config_at_first(guest, place)
    refusals = tuple(refuse_new(guest, place, config))
    if refusals:
        return Plan(refusals=refusals)
    rest = left_to_write(guest, place, config)
    later = (
        *_written(guest, place.node, rest, config),
        *_passwords(guest, place.node, config),
        *firewall_steps(guest, place.node, place.source.firewall if place.source is not None else None),
        *_kind(guest, place.node, None),
        *_snapshots(guest, place.node, None),
        *_ha(guest, observed),
        *_power(guest, place.node, running=False),
    )
    return Plan(steps=(*make(guest, place), *later), warnings=tuple(warn_of_new(guest, place, config)))


def _present(guest: DesiredGuest, seen: ObservedGuest, observed: ObservedGuests) -> Plan:
    wanted = change(guest, seen.config)
    node = seen.listed.node
    steps = (
        *_written(guest, node, wanted, seen.config),
        *_passwords(guest, node, seen.config),
        *firewall_steps(guest, node, seen.firewall),
        *_pool(guest, seen.listed, observed.release),
        *_regenerated(guest, seen, wanted),
        *_kind(guest, node, seen),
        *_snapshots(guest, node, seen),
        *_ha(guest, observed),
        *_power(guest, node, seen.running),
    )
    refusals = tuple(refuse_change(guest, seen, wanted, bool(steps)))
    return Plan(() if refusals else steps, refusals, tuple(warn(guest, seen, wanted)))


def _absent(guest: DesiredGuest, seen: ObservedGuest, observed: ObservedGuests) -> Plan:
    refusals = tuple(refuse_absent(guest, seen, observed))
    if refusals:
        return Plan(refusals=refusals)
    why = f"destroy {guest} on {seen.listed.node}, with its disks"
    return Plan(
        (step(guest, "destroy", why, "DELETE", seen.listed.path, {"purge": True}, task=True, destructive=True),),
    )


def _written(guest: DesiredGuest, node: str, wanted: Change, config: Mapping[str, str]) -> Iterator[Step]:
    path = path_of(guest.kind, node, guest.vmid)
    if wanted.keys:
        call: dict[str, Value] = dict(wanted.put)
        if wanted.deleted:
            call["delete"] = ",".join(wanted.deleted)
        why = f"change {guest}: {', '.join(wanted.keys)}"
        allocates = any(disk.slot in set(wanted.put) - set(config) for disk in guest.disks)
        task = allocates and guest.kind == "qemu"  # a container has no such call
        method: Method = "POST" if task else "PUT"
        yield step(guest, "change", why, method, f"{path}/config", call, task=task, repeatable=not allocates)
    for slot, size in wanted.grown.items():
        why = f"grow {slot} of {guest} to {format_size(size)}"
        hint = "It cannot shrink: an image, or a template, may be larger than what is declared."
        call = {"disk": slot, "size": format_size(size)}
        yield step(guest, "grow", why, "PUT", f"{path}/resize", call, repeatable=True, about=slot, hint=hint)


def _passwords(guest: DesiredGuest, node: str, config: Mapping[str, str]) -> Iterator[Step]:
    """Of cloud-init. Only a change hashes it, a creation does not."""
    if sets_password(guest, config):
        path = f"{path_of(guest.kind, node, guest.vmid)}/config"
        secrets = {"cipassword": guest.password}
        why = f"set the password that cloud-init gives the user of {guest}"
        yield step(guest, "password", why, "PUT", path, secrets=secrets, unseen=guest.always, repeatable=True)


def _pool(guest: DesiredGuest, listed: ListedGuest, release: Optional[int]) -> Iterator[Step]:
    """Before Proxmox VE 8 a pool is only named in the path."""
    if guest.pool and not listed.pool:
        call: dict[str, Value] = {"vms": str(guest.vmid)}
        path = f"/pools/{guest.pool}"
        if release != 7:
            call["poolid"], path = guest.pool, "/pools"
        yield step(guest, "pool", f"put {guest} into the pool {guest.pool}", "PUT", path, call, repeatable=True)


def _regenerated(guest: DesiredGuest, seen: ObservedGuest, wanted: Change) -> Iterator[Step]:
    """The drive of one that runs; that of a stopped one is made anew when it starts."""
    differs = bool(seen.stale or wanted.identity)
    if seen.running and guest.kind == "qemu" and (differs or sets_password(guest, seen.config)):
        path = f"{seen.listed.path}/cloudinit"
        why = f"make the cloud-init drive of {guest} anew"
        yield step(guest, "cloudinit", why, "PUT", path, repeatable=True, unseen=not differs)


def _kind(guest: DesiredGuest, node: str, seen: Optional[ObservedGuest]) -> Iterator[Step]:
    """A machine becomes a template; that is for ever."""
    if guest.version and not (seen is not None and truth(seen.config.get("template"))):
        path = f"{path_of(guest.kind, node, guest.vmid)}/template"
        why = f"turn {guest} into the template of version {guest.version}"
        yield step(guest, "template", why, "POST", path, task=True)


def _snapshots(guest: DesiredGuest, node: str, seen: Optional[ObservedGuest]) -> Iterator[Step]:
    there = (seen.snapshots or {}) if seen is not None else {}
    path = f"{path_of(guest.kind, node, guest.vmid)}/snapshot"
    for one in guest.snapshots:
        if one.absent and one.name in there:
            why = f"delete the snapshot {one.name} of {guest}"
            target = f"{path}/{one.name}"
            yield step(guest, "unsnap", why, "DELETE", target, task=True, destructive=True, about=one.name)
        elif not one.absent and one.name not in there:
            call: dict[str, Value] = {"snapname": one.name}
            if one.description:
                call["description"] = one.description
            if one.vmstate:
                call["vmstate"] = True
            yield step(
                guest, "snap", f"take the snapshot {one.name} of {guest}", "POST", path, call, task=True, about=one.name
            )


def _ha(guest: DesiredGuest, observed: ObservedGuests) -> Iterator[Step]:
    if guest.ha is None:
        return
    sid = sid_of(guest.kind, guest.vmid)
    known = (observed.ha or {}).get(sid)
    options: dict[str, Value] = dict(guest.ha.options)
    if known is None and guest.ha.managed:
        yield step(guest, "ha", f"let HA manage {guest}", "POST", "/cluster/ha/resources", {"sid": sid, **options})
    elif known is not None and not guest.ha.managed:
        yield step(guest, "unha", f"take {guest} out of HA", "DELETE", f"/cluster/ha/resources/{sid}")
    elif known is not None and any(known.get(key, _HA_DEFAULTS[key]) != value for key, value in options.items()):
        path = f"/cluster/ha/resources/{sid}"
        yield step(guest, "ha", f"change how HA manages {guest}", "PUT", path, options, repeatable=True)


_HA_DEFAULTS = {"state": "started", "max_restart": "1", "max_relocate": "1"}


def _power(guest: DesiredGuest, node: str, running: bool) -> Iterator[Step]:
    path = f"{path_of(guest.kind, node, guest.vmid)}/status"
    if guest.running and not running:
        yield step(guest, "start", f"start {guest}", "POST", f"{path}/start", task=True)
    elif guest.running is False and running:
        hint = "It did not do it in time. Shut it down from inside, or stop it in the web interface."
        call: dict[str, Value] = {"timeout": _SHUTDOWN_SECONDS}
        yield step(guest, "shutdown", f"shut down {guest}", "POST", f"{path}/shutdown", call, task=True, hint=hint)
