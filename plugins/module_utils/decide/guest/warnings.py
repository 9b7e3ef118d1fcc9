# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody should know of a guest although it is no reason to stop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ...model.guest.desired import DesiredGuest, parts_of, volume_name
from ...model.guest.firewall import set_of
from ...model.guest.observed import ObservedGuest
from ...model.guest.properties import family, truth
from .compare import CLOUD_INIT, Change, sets_password, undeclared
from .placement import Place
from .refusals import custom_parts

#: Keys that a running guest takes at once. Others wait until it is stopped and started; those of cloud-init are told
#: with it.
_HOT = {
    "qemu": re.compile(
        r"name|description|onboot|startup|tags|protection|hookscript|shares|cpulimit|cpuunits|(net|scsi|virtio)\d+"
    ),
    "lxc": re.compile(
        r"hostname|description|onboot|startup|tags|protection|hookscript|cores|cpulimit|cpuunits|memory|swap|"
        r"nameserver|searchdomain|(net|mp)\d+"
    ),  # of mount points those that are new
}


def warn(guest: DesiredGuest, seen: ObservedGuest, wanted: Change) -> Iterator[str]:
    """Of one that is there."""
    if seen.running:
        waiting = sorted({*seen.pending, *_cold(guest, wanted.keys, seen.config)})
        if waiting:
            yield f"{guest} runs with what it had until it is stopped and started: {', '.join(waiting)}."
    if wanted.identity or sets_password(guest, seen.config):
        yield (
            f"{guest}: cloud-init will take it for a new machine at its next boot. It makes new SSH host keys, and "
            "sets users and passwords again."
        )
    yield from _kept(guest, seen.config)
    yield from _custom_name(guest, seen.config)
    yield from _filtered(guest, seen.config, wanted)


def _filtered(guest: DesiredGuest, config: Mapping[str, str], wanted: Change) -> Iterator[str]:
    """Proxmox VE filters by a set that is there, whoever made it and whatever is said of the rest."""
    if guest.firewall is not None and "ipfilter" in guest.firewall.options:
        return
    for key in wanted.keys:
        card = key.replace("ipconfig", "net")
        if family(card) != "net" or _addresses(guest, key, config) == _addresses(guest, key, {**config, **wanted.put}):
            continue
        now = {**config, **wanted.put}.get(card, "")
        if truth(parts_of(guest.kind, card, now).get("firewall")):
            yield (
                f"{guest}: addresses of {card} change, and nothing is said of ipfilter. If there is a set "
                f"{set_of(card)}, its firewall lets the old ones through and drops packets of the new ones."
            )


def _addresses(guest: DesiredGuest, key: str, config: Mapping[str, str]) -> list[str]:
    parts = parts_of(guest.kind, key, config.get(key, ""))
    return [parts.get("ip", ""), parts.get("ip6", "")]


def _cold(guest: DesiredGuest, keys: Iterable[str], config: Mapping[str, str]) -> list[str]:
    others = [key for key in keys if family(key) not in CLOUD_INIT]
    return [key for key in others if not _HOT[guest.kind].fullmatch(key) or (family(key) == "mp" and key in config)]


def _kept(guest: DesiredGuest, config: Mapping[str, str]) -> Iterator[str]:
    for slot, found in undeclared(guest, config):
        size = f", {found['size']}" if found.get("size") else ""
        yield f"{guest}: {slot} ({volume_name(found)}{size}) is not declared; it is kept."


def _custom_name(guest: DesiredGuest, config: Mapping[str, str]) -> Iterator[str]:
    parts = custom_parts(guest, config)
    if "user" in parts:
        yield f"{guest}: its name has no effect inside, as cicustom has user={parts['user']}."


def warn_of_new(guest: DesiredGuest, place: Place, config: Mapping[str, str]) -> Iterator[str]:
    if place.source is None:
        return
    source = f"{place.source.name} ({place.source.listed.vmid})"
    inherited = [key for key in ("protection", "onboot") if truth(config.get(key)) and key not in guest.values]
    if config.get("tags", "").strip() and guest.tags is None:
        inherited.append("tags")
    if config.get("hookscript"):
        inherited.append("hookscript")
    if inherited:
        yield f"{guest} has from {source}, without being declared: {', '.join(inherited)}."
    yield from _kept(guest, config)
    yield from _custom_name(guest, config)
