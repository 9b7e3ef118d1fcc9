# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of a guest's firewall → options, and the addresses that its cards may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.guest.firewall import DesiredFirewall, entry, set_of
from ...model.guest.properties import Overlay
from . import said

_FLAGS = ("enable", "ipfilter", "macfilter")
_POLICIES = ("policy_in", "policy_out")
_FROM_OTHERS = ("dhcp", "auto")


def firewall_from(
    what: str, given: Optional[Mapping[str, Any]], cards: Mapping[str, Overlay], ips: Mapping[str, Overlay]
) -> tuple[Optional[DesiredFirewall], dict[str, Overlay]]:
    """``cards``: slot → how it is declared. ``ips``: slot → its addresses. Also the cards as they have to be for it."""
    if given is None:
        return None, dict(cards)
    options = {**said.flags(given, _FLAGS), **{name: given[name] for name in _POLICIES if given[name] is not None}}
    if not given["enable"]:
        return DesiredFirewall(options), dict(cards)
    if not cards:
        raise Invalid(f"{what}: the firewall needs nets.", "It sees only cards that are told so. Declare them.")
    open_ones = sorted(slot for slot, card in cards.items() if card.get("firewall") == "0")
    if open_ones:
        raise Invalid(f"{what}: {', '.join(open_ones)} has firewall: false, so nothing of it would be filtered.")
    guarded: dict[str, Overlay] = {slot: {**card, "firewall": "1"} for slot, card in cards.items()}
    sets = _sets(what, cards, ips) if given["ipfilter"] else {}
    gone = frozenset(map(set_of, cards)) - set(sets) if given["ipfilter"] is not None else frozenset()
    return DesiredFirewall(options, sets, gone), guarded


def _sets(what: str, cards: Mapping[str, Overlay], ips: Mapping[str, Overlay]) -> dict[str, frozenset[str]]:
    """A card without an address may have none."""
    found: dict[str, frozenset[str]] = {}
    for slot in cards:
        own = [str(ips.get(slot, {}).get(name) or "") for name in ("ip", "ip6")]
        if set(own) & set(_FROM_OTHERS):
            hint = "Declare its addresses, or leave ipfilter out."
            raise Invalid(f"{what}: ipfilter cannot know which address others give to {slot}.", hint)
        addresses = frozenset(entry(ip.partition("/")[0]) for ip in own if ip)
        if addresses:
            found[set_of(slot)] = addresses
    if not found:
        raise Invalid(f"{what}: with ipfilter and without any address nothing would come through.")
    return found
