# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Apply what is staged, and tell by what each node shows whether it was: the task ends well though nodes failed."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Call, Refusal, Step
from ...model.sdn.frr import MERGED
from ...model.sdn.sdn import AT_ONCE, AVAILABLE, Key, ObservedNode
from .change import Change
from .lock import hand_in

_TIMEOUT = 1800


def needs_apply(change: Change) -> bool:
    return change.staging or any(change.concerns(key) for key in change.observed.pending) or bool(problems(change))


def apply(change: Change) -> Step:
    held = hand_in(change.desired) if change.locks else None
    call = Call("PUT", "/cluster/sdn", task=True, timeout=_TIMEOUT, hand_in=held, last=True)
    told = problems(change)
    why = f"apply the networks on {', '.join(sorted(name for name, node in _up(change)))}"
    return Step(
        f"{why} ({'; '.join(told)})" if told else why,
        call,
        "sdn.apply",
        "network",
        hint="What each node did is in its own task log; the task of the whole ends well even if a node has failed.",
    )


def _up(change: Change) -> Iterator[tuple[str, ObservedNode]]:
    yield from ((name, node) for name, node in sorted(change.observed.nodes.items()) if node is not None)


def problems(change: Change) -> list[str]:
    """What nodes do not show as it runs, of what is declared. What is staged need not show yet."""
    found = []
    for name, node in _up(change):
        found += [f"{name} {what}" for what in _of(change, name, node)]
    return found


def _of(change: Change, name: str, node: ObservedNode) -> Iterator[str]:
    for zone in _zones(change):
        running = change.observed.running.get(("zone", zone))
        if running is None or name not in change.nodes_of(running) or ("zone", zone) in change.observed.pending:
            continue
        shown = node.shows.get(zone, "nothing")
        if shown != AVAILABLE:
            reasons = sorted({node.vnets[vnet] for vnet in _vnets(change, zone) if vnet in node.vnets})
            yield f"shows the zone {zone} as {shown}{': ' if reasons else ''}{', '.join(reasons)}"
    for path in node.differs:
        asked = " (is frr-pythontools installed?)" if path == MERGED else ""
        yield f"has another {path} than belongs to them{asked}"


def _zones(change: Change) -> list[str]:
    """Those that are declared, and those of vnets and subnets that are."""
    vnets = {name.partition("/")[0] for kind, name in change.desired.wishes if kind in ("vnet", "subnet")}
    homes = {
        one.text("zone") for (kind, name), one in change.observed.running.items() if kind == "vnet" and name in vnets
    }
    return sorted({*homes, *dict(change.wished("zone"))})


def _vnets(change: Change, zone: str) -> list[str]:
    return [
        name for (kind, name), one in change.observed.running.items() if kind == "vnet" and one.text("zone") == zone
    ]


def foreign(change: Change) -> list[str]:
    """What somebody else has staged: it is neither declared nor in an exclusive scope."""
    return [f"{kind} {name}" for kind, name in _foreign(change)]


def _foreign(change: Change) -> list[Key]:
    return [key for key in sorted(change.observed.pending) if key[0] not in AT_ONCE and not change.concerns(key)]


def refuse_apply(change: Change) -> Iterator[Refusal]:
    """Applying takes along whatever is staged, by whomever, and each node's own network as well."""
    others = foreign(change)
    if others:
        yield Refusal(
            f"Somebody else has staged changes that would be applied along: {', '.join(others)}.",
            "Apply them or take them back in the web interface (Datacenter, SDN), or declare them.",
        )
    for name, node in _up(change):
        if node.staged:
            yield Refusal(
                f"On {name} a change of the node's own network is staged, and would be activated along.",
                f"Apply it or take it back in the web interface ({name}, Network).",
            )
