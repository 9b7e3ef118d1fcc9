# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a guest comes into being: of its own parts in one call, or as a clone that then gets what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Union

from ...engine.plan import Step, Value
from ...model.guest.desired import Clone, DesiredGuest, known_format, parts_of, volume_name
from ...model.guest.observed import ObservedGuest
from ...model.guest.properties import family, parse, render
from .calls import step
from .compare import Change, change, described, storage_at
from .placement import Place

#: Volumes that are made on one storage at a time: links, and copies, for which its lock is held for long.
_LINKS, _COPIES = 6, 2


def config_at_first(guest: DesiredGuest, place: Place) -> dict[str, str]:
    """What the first call will have written, as far as what follows depends on it."""
    if place.source is None:
        return {}
    config = dict(place.source.config)
    for key in list(config):
        if family(key) == "net":
            form = known_format(guest.kind, key)
            found = parse(form, config[key])
            config[key] = render(form, {name: value for name, value in found.items() if name not in _OWN})
        elif key in ("template", "lock", "parent") or family(key) == "unused":
            del config[key]
    clone = guest.clone
    if clone is not None and clone.storage:
        config = {key: _moved(guest, key, text, clone.storage) for key, text in config.items()}
    return {**config, guest.name_key: guest.name, "description": described(guest, "")}


#: New ones are made for a clone.
_OWN = ("macaddr", "hwaddr")
_TAGS = "tags"


def _moved(guest: DesiredGuest, key: str, text: str, storage: str) -> str:
    found = parts_of(guest.kind, key, text)
    name = volume_name(found)
    if found.get("media") == "cdrom" or ":" not in name:
        return text
    return text.replace(name, f"{storage}:{name.partition(':')[2]}", 1)


def make(guest: DesiredGuest, place: Place) -> Iterator[Step]:
    if guest.clone is not None and place.source is not None:
        yield _clone(guest, guest.clone, place, place.source)
    else:
        yield _create(guest, place)


def _at_once(guest: DesiredGuest, put: Mapping[str, str]) -> dict[str, str]:
    """Whoever has rights in the pool alone may not give tags to a guest that is not in it yet."""
    return {key: text for key, text in put.items() if not (guest.pool and key == _TAGS)}


def _create(guest: DesiredGuest, place: Place) -> Step:
    whole = change(guest, {})
    pool = {"pool": guest.pool} if guest.pool else {}
    call: dict[str, Union[str, int, bool]] = {
        "vmid": guest.vmid,
        guest.name_key: guest.name,
        **_at_once(guest, whole.put),
        **guest.creation,
        **pool,
    }
    # A machine's password is hashed only when it is changed afterwards. A container has one only now.
    secrets = {"password": guest.password} if guest.kind == "lxc" and guest.password else {}
    path = f"/nodes/{place.node}/{guest.kind}"
    shares = _copies(disk.storage for disk in guest.disks if disk.source)
    why = f"create {guest} on {place.node}"
    return step(guest, "create", why, "POST", path, call, secrets=secrets, task=True, shares=shares)


def _clone(guest: DesiredGuest, clone: Clone, place: Place, source: ObservedGuest) -> Step:
    call: dict[str, Value] = {
        "newid": guest.vmid,
        guest.name_key: guest.name,
        "description": described(guest, ""),
        "full": clone.full,
    }
    for name, value in (("pool", guest.pool), ("storage", clone.storage)):
        if value:
            call[name] = value
    if place.node != source.listed.node:
        call["target"] = place.node
    how = "full" if clone.full else "linked"
    what = f"{source.name} ({source.listed.vmid})"
    why = f"create {guest} on {place.node}, as a {how} clone of {what}"
    shares = _shares(guest, clone, source)
    return step(guest, "clone", why, "POST", f"{source.listed.path}/clone", call, task=True, shares=shares)


def _shares(guest: DesiredGuest, clone: Clone, source: ObservedGuest) -> tuple[tuple[str, int], ...]:
    """A container is locked while it is copied, a machine while it runs; a storage while a volume is made on it."""
    alone = guest.kind == "lxc" or source.running
    held = ((f"{source.listed.noun} {source.listed.vmid}", 1),) if alone else ()
    storages = {storage_at(source.listed.kind, key, text) for key, text in source.config.items()} - {"", "none"}
    if clone.full:
        return (*held, *_copies([clone.storage] if clone.storage else storages))
    return (*held, *((f"clones on {storage}", _LINKS) for storage in sorted(storages)))


def _copies(storages: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple((f"copies to {storage}", _COPIES) for storage in sorted(set(storages)))


def left_to_write(guest: DesiredGuest, place: Place, config: Mapping[str, str]) -> Change:
    """What the first call has not written."""
    whole = change(guest, config)
    if place.source is not None:
        return whole
    later = set(whole.put) - set(_at_once(guest, whole.put))
    return Change({key: whole.put[key] for key in later}, grown=whole.grown)
