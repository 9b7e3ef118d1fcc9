# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When nothing is done: the guest is somebody else's, or what is declared would cost data or have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.plan import Refusal
from ...model.guest.desired import DesiredDisk, DesiredGuest, has_drive, parts_of, volume_name
from ...model.guest.observed import ObservedGuest, ObservedGuests
from ...model.guest.properties import decoded_keys, truth
from ...model.guest.size import format_size
from ...model.guest.volumes import owners_of
from .compare import Change, overlaid, size_of, storage_at
from .placement import Place

#: Part of cloud-init's data → what is declared for it: keys of the API, and what users call them.
_HIDDEN = {
    "user": {
        "ciuser": "user",
        "cipassword": "password",
        "sshkeys": "ssh_keys",
        "searchdomain": "search_domain",
        "ciupgrade": "upgrade",
    },
    "network": {"ipconfig": "addresses", "nameserver": "nameservers", "searchdomain": "search_domain"},
}


def refuse_stranger(guest: DesiredGuest, seen: ObservedGuest) -> Iterator[Refusal]:
    """Number, name and mark together say that it is the same one."""
    listed = seen.listed
    lock = seen.config.get("lock")
    if listed.kind != guest.kind:
        yield Refusal(f"{guest.vmid} is a {listed.noun}, {seen.name}, on {listed.node}.", "Give yours another number.")
    elif not seen.is_ours and lock in ("create", "clone"):
        yield Refusal(f"{guest} is just being made on {listed.node} ({lock}).", "Wait for the end of that task.")
    elif not seen.is_ours or seen.name != guest.name:
        mark = f"its description says: {seen.mark}" if seen.mark is not None else "it has no mark of ours"
        hint = "It is left alone. Give yours another number; a machine that is yours was perhaps renamed by hand."
        yield Refusal(f"{guest.noun} {guest.vmid} is {seen.name!r} on {listed.node}, a stranger's: {mark}.", hint)


def refuse_absent(guest: DesiredGuest, seen: ObservedGuest, observed: ObservedGuests) -> Iterator[Refusal]:
    if seen.running:
        yield Refusal(f"{guest} is not destroyed while it runs.", "First declare it with running: false.")
    if truth(seen.config.get("protection")):
        yield Refusal(f"{guest} is protected.", "First declare it with protection: false.")
    if seen.listed.ha:
        yield Refusal(f"HA manages {guest}.", "First declare it with ha: {managed: false}.")
    yield from _refuse_lock(guest, seen)
    for vmid, reason in observed.unread.items():
        yield Refusal(f"Whether {vmid} uses a volume of {guest} cannot be told: {reason}.", "It is not destroyed.")
    for use in observed.uses:
        if use.owner == guest.vmid:
            state = "running" if use.running else "stopped"
            hint = "A volume goes with the guest in whose name it is. Move it to its user first."
            yield Refusal(f"{guest} is not destroyed: {use.volume} is {use.slot} of {use.user}, {state}.", hint)


def _refuse_lock(guest: DesiredGuest, seen: ObservedGuest) -> Iterator[Refusal]:
    lock = seen.config.get("lock")
    if lock:
        yield Refusal(f"{guest} is locked ({lock}).", "Wait for the end of the task that did it.")


def refuse_new(guest: DesiredGuest, place: Place, config: Mapping[str, str]) -> Iterator[Refusal]:
    if place.problem:
        yield Refusal(f"{guest} is not created: {place.problem}.")
        return
    source = place.source
    if source is not None:
        if guest.clone is not None and not guest.clone.full and not source.listed.template:
            yield Refusal(f"{guest}: {source.name} ({source.listed.vmid}) is no template.", "Make a full clone.")
        if source.config.get("lock"):
            yield Refusal(f"{guest}: {source.name} ({source.listed.vmid}) is locked ({source.config['lock']}).")
        for disk in guest.disks:
            text = config.get(disk.slot)
            if text and not disk.absent and overlaid(guest.kind, disk.slot, text, disk.options):
                hint = "Give the template these options, or declare them when the clone is there."
                yield Refusal(f"{guest}: {disk.slot} has other options than the template's.", hint)
        yield from _refuse_privileges(guest, config, "Declare it as what it is a clone of.")
    yield from _refuse_disks(guest, config)
    yield from _refuse_hidden(guest, config)


def refuse_change(guest: DesiredGuest, seen: ObservedGuest, wanted: Change, acts: bool) -> Iterator[Refusal]:
    if acts:
        yield from _refuse_lock(guest, seen)
    yield from _refuse_disks(guest, seen.config)
    yield from _refuse_strange_volumes(guest, seen, wanted)
    yield from _refuse_hidden(guest, seen.config)
    yield from _refuse_fixed(guest, seen)
    if not wanted.identity and not seen.stale:
        yield from _refuse_not_applied(guest, seen)


def _refuse_fixed(guest: DesiredGuest, seen: ObservedGuest) -> Iterator[Refusal]:
    """What is decided once and for all, or by others."""
    listed, config = seen.listed, seen.config
    if guest.pool and listed.pool and listed.pool != guest.pool:
        hint = "Whoever has rights on a pool has them on its guests. Take it out of there first."
        yield Refusal(f"{guest} is in the pool {listed.pool}, not in {guest.pool}.", hint)
    if guest.running is not None and listed.ha and listed.ha != "ignored":
        yield Refusal(f"HA decides whether {guest} runs.", "Declare ha.state in place of running.")
    if guest.version and seen.running and not truth(config.get("template")):
        yield Refusal(f"{guest} cannot become a template while it runs.")
    if truth(config.get("template")) and (guest.running or guest.snapshots or not guest.version):
        hint = "Declare its version in template; it neither runs nor has snapshots."
        yield Refusal(f"{guest} is a template, which it will always be.", hint)
    yield from _refuse_privileges(guest, config, "Make the container anew.")


def _refuse_privileges(guest: DesiredGuest, config: Mapping[str, str], hint: str) -> Iterator[Refusal]:
    is_apart = guest.creation.get("unprivileged")
    if is_apart is not None and truth(is_apart) != truth(config.get("unprivileged")):
        yield Refusal(f"{guest}: unprivileged cannot be changed.", hint)


def _refuse_disks(guest: DesiredGuest, config: Mapping[str, str]) -> Iterator[Refusal]:
    """A slot in use is never given another volume, and a volume is never taken for another one."""
    for disk in guest.disks:
        if disk.slot in config and not disk.absent:
            yield from _refuse_disk(guest, disk, config[disk.slot])
    for key, overlay in guest.overlays.items():
        if overlay.get("media") == "cdrom" and key in config:
            found = parts_of(guest.kind, key, config[key])
            if found.get("media") != "cdrom" or "cloudinit" in volume_name(found):
                yield Refusal(f"{guest}: {key} is {volume_name(found)}, no CD drive.", "Use another slot.")
    drive = guest.drive
    if drive is not None and drive.slot in config and not has_drive(config):
        name = volume_name(parts_of(guest.kind, drive.slot, config[drive.slot]))
        yield Refusal(f"{guest}: {drive.slot} is {name}.", "Give the cloud-init drive another slot.")


def _refuse_disk(guest: DesiredGuest, disk: DesiredDisk, text: str) -> Iterator[Refusal]:
    found = parts_of(guest.kind, disk.slot, text)
    what = f"{guest}: {disk.slot} is {volume_name(found)}"
    if found.get("media") == "cdrom":
        yield Refusal(f"{what}, a CD drive.", "Declare the disk in another slot.")
        return
    if storage_at(guest.kind, disk.slot, text) != disk.storage:
        yield Refusal(f"{what}; a disk is not moved to {disk.storage}.", "Move it with Proxmox VE itself.")
    size = size_of(found)
    if disk.size and size > disk.size:
        sizes = f"{format_size(size)}, and never shrinks to {format_size(disk.size)}"
        yield Refusal(f"{what}, of {sizes}.", "Declare at least its size.")
    serial, wish = found.get("serial"), disk.options.get("serial")
    if serial and wish and serial != wish:
        hint = "It is another disk than the declared one. Declare it with state: absent, or use another slot."
        yield Refusal(f"{what} with the serial {serial}, not {wish}.", hint)


def _refuse_strange_volumes(guest: DesiredGuest, seen: ObservedGuest, wanted: Change) -> Iterator[Refusal]:
    """A volume is that of the guest in whose name it is, whoever uses it."""
    for slot in wanted.grown:
        name = volume_name(parts_of(guest.kind, slot, seen.config.get(slot, "")))
        owners = owners_of(name)
        if owners and guest.vmid not in owners:
            hint = "Grow it by that guest's declaration, or give it to this guest first."
            yield Refusal(f"{guest}: {slot} is {name}, a volume of guest {owners[-1]}.", hint)


def _refuse_hidden(guest: DesiredGuest, config: Mapping[str, str]) -> Iterator[Refusal]:
    """A custom part takes the place of what is declared for it."""
    for part, volume in custom_parts(guest, config).items():
        known = _HIDDEN.get(part, {})
        declared = [*guest.values, *(key.rstrip("0123456789") for key in guest.overlays if key.startswith("ipconfig"))]
        hidden = sorted({known[key] for key in declared if key in known} | _password(guest, part))
        if hidden:
            more = " and its name" if part == "user" else ""
            hint = "Declare custom: {}, so that it is removed before the first start, or leave these out."
            reason = f"cicustom has {part}={volume}, so {', '.join(hidden)}{more} would have no effect"
            yield Refusal(f"{guest}: {reason}.", hint)


def _password(guest: DesiredGuest, part: str) -> set[str]:
    return {"password"} if part == "user" and guest.kind == "qemu" and guest.password else set()


def custom_parts(guest: DesiredGuest, config: Mapping[str, str]) -> dict[str, str]:
    """As they will be after the first write."""
    if "cicustom" in guest.dropped:
        return {}
    found = dict(parts_of(guest.kind, "cicustom", config.get("cicustom", "")))
    return {name: value for name, value in {**found, **guest.overlays.get("cicustom", {})}.items() if value}


def _refuse_not_applied(guest: DesiredGuest, seen: ObservedGuest) -> Iterator[Refusal]:
    """What cloud-init is given is what counts, not what the configuration has."""
    if seen.dump is None:
        return
    lines = [line.strip() for line in seen.dump.splitlines()]
    missing = [] if f"hostname: {guest.name.partition('.')[0]}" in lines else [f"the name {guest.name}"]
    keys = decoded_keys(guest.values.get("sshkeys", ""))
    if any(f"- {key}" not in lines for key in keys):
        missing.append("an ssh key")
    if missing:
        hint = "Look at what `qm cloudinit dump` prints, and at cicustom."
        yield Refusal(f"{guest}: cloud-init does not get {' and '.join(missing)}.", hint)
