# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which guests use a card, and which of them get something else than they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...model.gpu.gpu import ObservedGpus
from ...model.gpu.pci import Card
from ...model.gpu.use import MappedDevice, Use


@dataclass(frozen=True)
class Users:
    """``sure``: it is given to them. possible: they take a free device of a mapping, and the card is one of these."""

    sure: tuple[Use, ...]
    possible: tuple[Use, ...]


def users_of(card: Card, observed: ObservedGpus) -> Users:
    mapped = {one.mapping for one in observed.mapped if any(card.has(path) for path in one.paths)}
    return Users(
        sure=tuple(use for use in observed.uses if use.way == "device" and _reaches(use, card)),
        possible=tuple(use for use in observed.uses if use.way == "mapping" and use.mapping in mapped),
    )


def _reaches(use: Use, card: Card) -> bool:
    if use.kind == "qemu":
        return any(card.has(one) for one in use.written)
    places = [*card.nodes, *(f"/dev/dri/by-path/pci-{card.address}-{kind}" for kind in ("card", "render"))]
    return any(place == one or place.startswith(f"{one}/") for one in use.written for place in places)


@dataclass(frozen=True)
class Changed:
    """An address at which something else stands than before; ``now`` is empty where nothing does."""

    use: Use
    address: str
    before: str
    now: str

    def __str__(self) -> str:
        what = f"{self.now} now" if self.now else "nothing now"
        return f"{self.use.guest}: {self.use.key} names {self.address}, where {self.before} stood, and {what}"


def changed_addresses(observed: ObservedGpus) -> Iterator[Changed]:
    """Proxmox VE gives a guest whatever stands at an address that it names; of mappings it looks itself."""
    for use in observed.uses:
        for address in use.written if use.kind == "qemu" and use.way == "device" else ():
            whole = address if "." in address else f"{address}.0"
            before = observed.known.get(whole, "")
            now = _identities(observed).get(whole, "")
            if before and now != before:
                yield Changed(use, address, before, now)


def wrong_mappings(observed: ObservedGpus) -> Iterator[tuple[MappedDevice, str]]:
    """Those whose device is not what the mapping says: no guest that uses it starts. Compared as Proxmox VE does."""
    functions = {one.address: one for card in observed.cards for one in card.functions}
    present = _identities(observed)
    for entry in observed.mapped:
        for path in entry.paths:
            whole = path if "." in path else f"{path}.0"
            found = present.get(whole)
            if found is None:
                yield entry, f"pci device '{path}' not found"
                continue
            id_, dummy, subsystem = found.partition(" ")
            group = functions[whole].group if whole in functions else None
            if entry.id != id_:
                yield entry, f"'id' does not match for '{path}' ({id_} != {entry.id})"
            elif subsystem and entry.subsystem != subsystem:
                yield entry, f"'subsystem-id' does not match for '{path}' ({subsystem} != {entry.subsystem or 'none'})"
            elif group is not None and entry.group != str(group):
                yield entry, f"'iommugroup' does not match for '{path}' ({group} != {entry.group or 'none'})"


def _identities(observed: ObservedGpus) -> dict[str, str]:
    return {
        **observed.strangers,
        **{one.address: one.identity for card in observed.cards for one in card.functions},
    }


def will_fail(observed: ObservedGpus, mappings: Iterable[str]) -> list[Use]:
    """Guests that start with the node, and would not, as no device of their mapping is there."""
    names = set(mappings)
    return [use for use in observed.uses if use.mapping in names and use.onboot]


def vgpu_members(card: Card) -> list[str]:
    """What belongs into a mapping of vGPUs: virtual functions, never the card itself, whose ids are the same."""
    return [one.address for one in card.virtual]
