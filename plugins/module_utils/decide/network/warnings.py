# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is allowed, but worth knowing before the network of a node is loaded anew."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.network import hooks
from ...model.network.interface import FILTERS, Interface, Kernel
from ...model.network.meaning import numbers
from ...model.network.network import ObservedNetwork
from ...model.network.reading import read
from .names import warn_of_names
from .target import Target


def warn_of_network(observed: ObservedNetwork, target: Target) -> Iterator[str]:
    yield from target.changes
    for difference in target.meant:
        yield f"ifupdown2 would have read the old text otherwise ({difference}), so it is written anew."
    yield from (f"Nobody could be asked whether an address is free: {why}." for why in observed.unasked)
    if target.changed:
        yield from _run_again(target)
        yield from _problems(target)
        yield from warn_of_names(observed, target)
    yield from warn_of_filters(target.after, observed.kernel)


def _run_again(target: Target) -> Iterator[str]:
    """ifreload runs the hooks of all interfaces, changed or not."""
    for name, one in target.after.items():
        for hook in one.hooks if name not in target.changed else ():
            if hook.when in ("pre-up", "up", "post-up") and not hooks.is_repeatable(hook):
                yield (
                    f"{name}: a reload would run '{hook.when} {hook.command}' once more, and"
                    f" {hooks.what_it_adds(hook)} adds what is there already."
                )


def _problems(target: Target) -> Iterator[str]:
    for path, problem in read(target.files, "ifupdown2").problems:
        yield (
            f"{path}, line {problem.lines.first + 1}: {problem.what}. ifupdown2 does not know it, and ends every"
            " reload with exit code 1 because of it."
        )


def warn_of_filters(interfaces: dict[str, Interface], kernel: Kernel) -> Iterator[str]:
    """A card that filters VLANs itself has a table, and drops what does not fit."""
    for one in interfaces.values():
        tags = numbers(one.bridge.vids) if one.bridge else ()
        for port in one.lower if one.bridge else ():
            link = kernel.named(port)
            room = FILTERS.get(link.driver if link and link.filters_vlans else "")
            if room is not None and len(tags) > room:
                yield (
                    f"{one.name} wants {len(tags)} VLANs on {port}. Its card ({link.driver if link else ''}) loses some"
                    f" when there are more than {room} ids. Name those that are needed in vids, or set rx-vlan-filter"
                    f" off for {port}."
                )
