# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the firewall that a guest has to the one that is declared for it: sets first, then what makes them count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional
from urllib.parse import quote

from ...engine.plan import Step, Value
from ...model.guest.desired import DesiredGuest, DesiredGuests
from ...model.guest.firewall import DEFAULTS, DesiredFirewall, ObservedFirewall
from ...model.guest.guest import path_of
from .calls import step


def firewall_steps(guest: DesiredGuest, node: str, seen: Optional[ObservedFirewall]) -> Iterator[Step]:
    """``seen``: None of one that is only made."""
    wish = guest.firewall
    if wish is None:
        return
    there = seen or ObservedFirewall()
    path = f"{path_of(guest.kind, node, guest.vmid)}/firewall"
    for name in sorted(set(wish.sets) - set(there.sets)):
        why = f"make the set of addresses {name} of {guest}"
        yield step(guest, "ipset", why, "POST", f"{path}/ipset", {"name": name}, about=name)
    yield from _entries(guest, wish, there, f"{path}/ipset")
    options = _options(wish, there)
    if options:
        told = ", ".join(f"{name}={value}" for name, value in sorted(options.items()))
        why = f"change the firewall of {guest}: {told}"
        yield step(guest, "firewall", why, "PUT", f"{path}/options", options, repeatable=True)
    yield from _strange(guest, wish, there, f"{path}/ipset")


def firewall_to_be(wish: Optional[DesiredFirewall], there: Optional[ObservedFirewall]) -> Optional[ObservedFirewall]:
    """As far as somebody speaks of it."""
    if wish is None:
        return there
    before = there or ObservedFirewall()
    kept = {name: addresses for name, addresses in before.sets.items() if name not in wish.gone}
    return ObservedFirewall({**before.options, **wish.options}, {**kept, **wish.sets})


def _entries(guest: DesiredGuest, wish: DesiredFirewall, there: ObservedFirewall, path: str) -> Iterator[Step]:
    for name, wanted in sorted(wish.sets.items()):
        for address in sorted(wanted - there.sets.get(name, frozenset())):
            why = f"let {guest} have the address {address} ({name})"
            about = f"{name} {address}"
            yield step(guest, "address", why, "POST", f"{path}/{name}", {"cidr": address}, about=about)


def _strange(guest: DesiredGuest, wish: DesiredFirewall, there: ObservedFirewall, path: str) -> Iterator[Step]:
    """What takes comes last."""
    for name, wanted in sorted(wish.sets.items()):
        for address in sorted(there.sets.get(name, frozenset()) - wanted):
            why = f"no longer let {guest} have the address {address} ({name})"
            place = f"{path}/{name}/{quote(address.lstrip('!'), safe='')}"
            yield step(guest, "unaddress", why, "DELETE", place, about=f"{name} {address}", repeatable=True)
    for name in sorted(wish.gone & set(there.sets)):
        why = f"remove the set of addresses {name} of {guest}"
        yield step(guest, "unset", why, "DELETE", f"{path}/{name}", {"force": True}, about=name)


def _options(wish: DesiredFirewall, there: ObservedFirewall) -> dict[str, Value]:
    """Only what means something else than what is there."""
    return {name: value for name, value in wish.options.items() if value != there.options.get(name, DEFAULTS[name])}


def warn_of_firewall(desired: DesiredGuests, why_off: str) -> Iterator[str]:
    """``why_off``: how the sentence begins; empty where the firewall of the cluster is on."""
    guarded = [one for one in desired.guests if one.firewall is not None and not one.absent]
    guarded = [one for one in guarded if one.firewall is not None and one.firewall.options["enable"] == "1"]
    if guarded and why_off:
        more = f" and {len(guarded) - 3} more" if guarded[3:] else ""
        names = ", ".join(map(str, guarded[:3])) + more
        yield f"{why_off} what is declared of the firewall of {names} protects nothing."
