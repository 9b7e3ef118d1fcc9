# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one owner's machines take together, as declared and as they are; what cannot be known is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ...model.guest.backup import volumes_of
from ...model.guest.fleet import ObservedFleets, Quota
from ...model.guest.size import format_size, parse_size
from .fleet_numbers import guest_mark

_MIB = 1 << 20
#: Megabytes that a guest has where nothing is said; of a container also its swap.
_MEMORY = 512
#: What the variables of the firmware and the TPM take, at most.
_SMALL = 4 * _MIB
Sum = dict[str, int]


class _Unknown(Exception):
    """Why nobody can tell how much it is."""


def refuse_quota(
    quota: Quota, who: str, declared: Iterable[Mapping[str, Any]], guests: Iterable[int], observed: ObservedFleets
) -> Iterator[str]:
    """``declared``: the owner's machines as they are to be. ``guests``: those that he has."""
    if not quota.limits:
        return
    wishes = {wish["vmid"]: wish for wish in declared}
    total: Sum = dict.fromkeys(quota.limits, 0)
    for vmid in sorted({*wishes, *guests}):
        try:
            taken = _taken(vmid, wishes.get(vmid), observed)
        except _Unknown as unknown:
            yield f"what the machines of {who} take is unknown: {vmid}: {unknown}"
            return
        total = {name: total[name] + taken[name] for name in total}
    for name, limit in quota.limits.items():
        if total[name] > limit:
            yield f"the machines of {who} take {_told(name, total[name])}, and may take {_told(name, limit)}"


def _told(name: str, value: int) -> str:
    if name in ("cores", "gpus"):
        return f"{value} {'GPUs' if name == 'gpus' else name}"
    return f"{format_size(value)} of {name}"


def _taken(vmid: int, wish: Optional[Mapping[str, Any]], observed: ObservedFleets) -> Sum:
    """The larger of what is declared and what is there, each for itself."""
    config = observed.configs.get(vmid)
    if config is None and vmid in observed.guests:
        raise _Unknown("its configuration could not be read")
    there = _of_config(vmid, config or {}, observed) if config is not None else None
    wanted = _of_wish(wish, observed, config) if wish is not None else None
    return {
        name: max(found[name] for found in (there, wanted) if found is not None)
        for name in ("cores", "memory", "disk", "gpus")
    }


def _of_config(vmid: int, config: Mapping[str, str], observed: ObservedFleets) -> Sum:
    found = _of_numbers(config, observed.guests[vmid].container)
    volumes: dict[str, int] = {}
    for other, its in observed.configs.items():
        for one in volumes_of(observed.guests[other].kind, its):
            if one.owner == vmid:
                volumes[one.id] = _size(str(its[one.key]), one.id, observed)
    return {**found, "disk": sum(volumes.values()), "gpus": len(_devices(config))}


def _devices(config: Mapping[str, str]) -> set[str]:
    return {key for key in config if re.fullmatch(r"hostpci\d+", key)}


def _of_numbers(said: Mapping[str, Any], container: bool) -> Sum:
    if container and said.get("cores") is None:
        raise _Unknown("a container without cores takes all of its node")
    memory = int(str(said.get("memory") or _MEMORY).rpartition("=")[2])
    swap = said.get("swap")
    if container:
        memory += _MEMORY if swap is None else int(swap)
    cores = int(said.get("cores") or 1) * int(said.get("sockets") or 1)
    return {"cores": cores, "memory": memory * _MIB}


def _size(value: str, volume: str, observed: ObservedFleets) -> int:
    said = next((word[len("size=") :] for word in value.split(",") if word.startswith("size=")), "")
    size = parse_size(said) if said else observed.sizes.get(volume)
    if size is None:
        raise _Unknown(f"nobody tells the size of {volume}")
    return size


def _of_wish(wish: Mapping[str, Any], observed: ObservedFleets, config: Optional[Mapping[str, str]]) -> Sum:
    """Of one that is there already, what a clone has brought stands in its configuration (``config``)."""
    container = "rootfs" in wish or "os_template" in wish or "mounts" in wish
    exists = config is not None
    template = None if exists else _template(wish.get("clone"), observed)
    slots = {} if template is None else _of_template(template, observed)
    devices = _devices(config or ({} if template is None else observed.configs[template]))
    for disk in wish.get("disks") or wish.get("mounts") or ():
        slots[disk.get("slot")] = max(_wanted_size(disk, exists), slots.get(disk.get("slot"), 0))
    if wish.get("rootfs"):
        slots["rootfs"] = _wanted_size(wish["rootfs"], exists)
    slots.update({key: _SMALL for key in ("efidisk", "tpm") if wish.get(key) and not exists})
    for one in wish.get("hostpci") or ():
        change = devices.discard if one.get("state") == "absent" else devices.add
        change(str(one.get("slot")))
    return {**_of_numbers(wish, container), "disk": sum(slots.values()), "gpus": len(devices)}


def _wanted_size(disk: Mapping[str, Any], exists: bool) -> int:
    size = parse_size(str(disk["size"])) if disk.get("size") is not None else None
    if size is None and not exists:
        raise _Unknown(f"say the size of {disk.get('slot', 'its root')}")
    return size or 0


def _template(clone: Optional[Mapping[str, Any]], observed: ObservedFleets) -> Optional[int]:
    """None for what is no clone."""
    source = None if clone is None else source_of(clone, observed)
    if clone is not None and source is None:
        raise _Unknown("the template that it is cloned of is not there")
    return source


def _of_template(source: int, observed: ObservedFleets) -> dict[Any, int]:
    config = observed.configs[source]
    volumes = volumes_of(observed.guests[source].kind, config)
    return {one.key: _size(str(config[one.key]), one.id, observed) for one in volumes}


def source_of(clone: Mapping[str, Any], observed: ObservedFleets) -> Optional[int]:
    """The guest that it is a clone of; None where there is none."""
    return next((vmid for vmid in sorted(observed.configs) if _is_source(clone, vmid, observed)), None)


def _is_source(clone: Mapping[str, Any], vmid: int, observed: ObservedFleets) -> bool:
    if clone.get("vmid") is not None:
        return bool(vmid == clone["vmid"])
    mark = guest_mark(observed, vmid)
    asked = (clone.get("template"), clone.get("version"))
    return mark is not None and (mark.fields.get("template"), mark.fields.get("version")) == asked
