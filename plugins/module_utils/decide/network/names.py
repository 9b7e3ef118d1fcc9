# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of cards: what somebody has pinned for the next boot, what the next kernel may change, and who goes by a name.

Upstream: pve-network-interface-pinning writes .link files, and stages files with the new names, which are right only
after a boot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.network.interface import Link
from ...model.network.network import ObservedNetwork, Pin
from ...model.network.statements import STAGED
from .target import Target


def pending(observed: ObservedNetwork) -> Iterator[tuple[Link, Pin]]:
    """The cards that have another name after the next boot."""
    for pin in observed.pins:
        for link in observed.kernel.links.values():
            named = pin.name in (link.name, *link.alternatives)
            if not named and not link.kind and pin.mac == (link.permanent_mac or link.mac):
                yield link, pin


def refuse_staged_names(observed: ObservedNetwork) -> Iterator[Refusal]:
    """Nobody may be told to apply these: the names are not there yet."""
    words = set(re.split(r"[\s.:]+", observed.staged or ""))
    names = [pin.name for dummy, pin in pending(observed) if pin.name in words]
    if names:
        yield Refusal(
            f"{STAGED} has the names that cards get at the next boot ({', '.join(names)}). Applied before that, it"
            " takes this node off the network.",
            "Apply nothing on this node, nor networks of the cluster, before its reboot. Then declare the new names.",
        )


def refuse_pending_names(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """Until the next boot, no change can be tried that is right after it."""
    for link, pin in pending(observed) if target.changed else ():
        yield Refusal(
            f"{link.name} will be called {pin.name} after the next boot ({pin.path}).", "Reboot the node first."
        )


def warn_of_names(observed: ObservedNetwork, target: Target) -> Iterator[str]:
    """The next kernel may give a card another name, unless a .link file holds it."""
    loose = {link.name: link for link in observed.kernel.links.values() if link.pci and not _is_pinned(observed, link)}
    changed = [one for name in target.changed for one in [target.after.get(name)] if one]
    above = {one.name: one.name for one in changed} | {port: one.name for one in changed for port in one.lower}
    for name, who in above.items():
        link = observed.kernel.named(name)
        if link is not None and link.name in loose:
            what = f"{who} stands on {name}, whose" if who != name else f"{name}: its"
            yield (
                f"{what} name the next kernel may change. Pin it (pve-network-interface-pinning generate --interface"
                f" {link.name}; without that program, a file /etc/systemd/network/10-{link.name}.link with the"
                f" MACAddress {link.permanent_mac or link.mac})."
            )
    soon = {link.name: pin.name for link, pin in pending(observed)}
    for rule in observed.rules:
        before, after = target.before.get(rule.interface), target.after.get(rule.interface)
        if before and before.has_address and not (after and after.has_address):
            yield f"{rule.path} has a rule for {rule.interface}, whose address moves: {rule.text}"
        if rule.interface in soon:
            yield f"{rule.path} has a rule for {rule.interface}, to be called {soon[rule.interface]}: {rule.text}"
        elif rule.interface in loose:
            yield f"{rule.path} has a rule for {rule.interface}, whose name the next kernel may change: {rule.text}"


def _is_pinned(observed: ObservedNetwork, link: Link) -> bool:
    """By the address or the name."""
    names = {link.name, *link.alternatives}
    return any(pin.name in names or pin.mac == (link.permanent_mac or link.mac) for pin in observed.pins)
