# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is left over from containers that are no more, and what others that live have.

Whether one lives is for the runtime to say. As long as nobody says it, nothing is left over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from ...engine.plan import Program, Refusal, Step
from ...model.cni.attachment import DesiredAttachment, Kept, ObservedAttachment
from ...model.cni.leftover import PortRule, before

RUNTIME = "cni_runtime"


def is_dead(container: str, desired: DesiredAttachment, observed: ObservedAttachment) -> bool:
    """One whose namespace is there lives, whoever made it."""
    live: Optional[Sequence[str]] = desired.containers
    if live is None and observed.node.runtime is not None:
        live = observed.node.runtime.sandboxes
    stored = [one for one in observed.others if one.key.container == container]
    with_namespace = any(one.netns and one.netns not in observed.gone for one in stored)
    return live is not None and container not in (*live, desired.key.container) and not with_namespace


def _taken(desired: DesiredAttachment, observed: ObservedAttachment) -> list[PortRule]:
    """Rules that come before the container's own: the first one wins."""
    return [rule for port in desired.ports for rule in before(port, desired.key.container, observed.rules)]


def left_over(desired: DesiredAttachment, observed: ObservedAttachment) -> list[Kept]:
    """What is stored of dead containers that still have one of the ports, or an address of the network."""
    holders = {rule.container for rule in _taken(desired, observed)}
    holders |= {one.container for one in observed.allocations}
    dead = {container for container in holders if is_dead(container, desired, observed)}
    return [one for one in observed.others if one.key.container in dead]


def cleaning(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[Step]:
    """Along the list that was stored for each; its namespace is not needed."""
    ports = {rule.container: str(rule.port) for rule in reversed(_taken(desired, observed))}
    for one in left_over(desired, observed):
        what = f"port {ports[one.key.container]}" if one.key.container in ports else "an address"
        yield Step(
            f"detach {one.key.container}, which is no more and still has {what}",
            Program(RUNTIME, ("del", desired.request(key=one.key))),
            f"attachment.delete:{one.key.file}",
            "network",
        )


def port_refusals(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[Refusal]:
    """Ports that somebody has who lives, or of whom nobody has stored how to take them away."""
    stored = {one.key.container for one in left_over(desired, observed)}
    for rule in _taken(desired, observed):
        if not is_dead(rule.container, desired, observed):
            yield Refusal(f"The port {rule.port} is taken by {rule.container}.", "Choose another one, or end that.")
        elif rule.container not in stored:
            told = f"The port {rule.port} goes to {rule.to or 'nobody'}, of {rule.container}, which is no more"
            yield Refusal(f"{told}, and no list is stored for it.", "Run DEL of portmap with its id.")


def address_warnings(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[str]:
    """Those that nobody will give back by himself."""
    stored = {one.key.container for one in left_over(desired, observed)}
    for one in observed.allocations:
        if one.container not in stored and is_dead(one.container, desired, observed):
            yield f"{one.address} is still given to {one.container}, which is no more, and no list is stored for it."
