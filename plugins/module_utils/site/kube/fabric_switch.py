# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A switch with FRR as a fabric declares it: only what is missing is loaded, and nothing before FRR understands it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from ...decide.kube.fabric import fabric_from
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, WriteFile
from ...model.kube.frr import PART, Line, ObservedSwitch, text
from ...model.sdn.frr import shown
from .switch_texts import frr_lines
from .switches import Switch, switch_of

_NEIGHBOUR = re.compile(r"neighbor (\S+) (?:remote-as|peer-group|interface)\b.*")
_NO_IPV4 = "no bgp default ipv4-unicast"
_PASSWORD = re.compile(r"[!-~]{1,80}")


@dataclass(frozen=True)
class DesiredSwitch:
    """``exclusive``: neighbours that are not declared go."""

    switch: Switch
    lines: tuple[Line, ...] = field(repr=False)
    exclusive: bool = False

    @property
    def top(self) -> str:
        return f"router bgp {self.switch.asn}"


def desired_from(params: Mapping[str, Any]) -> DesiredSwitch:
    fabric = fabric_from(params["fabric"])
    switch, password = switch_of(fabric, params["name"]), params["password"] or ""
    nodes = any(one.rack is not None for one in switch.neighbours)
    if fabric.password is not None and nodes and not password:
        raise Invalid("The sessions with nodes have a password, and it is not given.", "Give password, from a vault.")
    if password and fabric.password is None:
        raise Invalid("A password is given, and the fabric has none: no session with a node would come up.")
    if password and not _PASSWORD.fullmatch(password):
        raise Invalid("The password is none for BGP: 1 to 80 printable characters without spaces.")
    return DesiredSwitch(switch, tuple(frr_lines(switch, password)), params["exclusive"])


def decide(desired: DesiredSwitch, observed: ObservedSwitch) -> Plan:
    refusals = tuple(_refuse(desired, observed))
    return Plan(
        steps=() if refusals else tuple(_steps(desired, observed)),
        refusals=refusals,
        warnings=tuple(_warnings(desired, observed)),
        before={"configuration": shown(text(sorted(_of_ours(desired, observed))))},
        after={"configuration": shown(text(desired.lines))},
    )


def _of_ours(desired: DesiredSwitch, observed: ObservedSwitch) -> set[Line]:
    wanted = {line[0] for line in desired.lines}
    return {line for line in observed.running if line[0] in wanted}


def _steps(desired: DesiredSwitch, observed: ObservedSwitch) -> Iterator[Step]:
    missing = [line for line in desired.lines if line not in observed.running]
    changed = [*_against(desired, observed.running), *missing]
    if changed:
        loaded = text(changed)
        told = ", ".join(" ".join(line[1:] or line) for line in changed[:3])
        check = ("vtysh", "-C", "-f", "%s")
        yield Step(
            f"write down what FRR lacks, in {PART}",
            WriteFile(PART, loaded, mode=0o600, validate=check),
            f"file.write:{PART}",
            "file",
            hint="This FRR does not understand it.",
        )
        yield Step(
            "load it into FRR", Run(("vtysh", "-f", PART)), "frr.load", "routes", because=f"it lacks {shown(told)}"
        )
    if changed or observed.left:
        yield Step(f"remove {PART}", RemoveFile(PART), f"file.remove:{PART}", "file")
    if changed or not set(desired.lines) <= observed.saved or any(_against(desired, observed.saved)):
        why = "have FRR begin with it at its next start"
        yield Step(why, Run(("vtysh", "-c", "write memory")), "frr.save", "file")


def _against(desired: DesiredSwitch, there: AbstractSet[Line]) -> Iterator[Line]:
    """What has to go: neighbours that nobody has declared, and what would keep a declared one from coming up."""
    if desired.exclusive:
        yield from ((desired.top, f"no neighbor {one}") for one in _undeclared(desired, there))
    for one in desired.switch.neighbours:
        secret = any(line[-1].startswith(f"neighbor {one.address} password ") for line in desired.lines)
        for line in sorted(there):
            if line[:-1] == (desired.top,) and line[-1].startswith(f"neighbor {one.address} shutdown"):
                yield desired.top, f"no neighbor {one.address} shutdown"
            if line[:-1] == (desired.top,) and line[-1].startswith(f"neighbor {one.address} password ") and not secret:
                yield desired.top, f"no neighbor {one.address} password"


def _undeclared(desired: DesiredSwitch, there: AbstractSet[Line]) -> list[str]:
    """A peer group is no neighbour of its own."""
    inside = [line[1] for line in there if line[:1] == (desired.top,) and len(line) == 2]
    groups = {one.split()[1] for one in inside if re.fullmatch(r"neighbor \S+ peer-group", one)}
    found = {match[1] for one in inside if (match := _NEIGHBOUR.fullmatch(one))}
    return sorted(found - groups - {one.address for one in desired.switch.neighbours})


def _refuse(desired: DesiredSwitch, observed: ObservedSwitch) -> Iterator[Refusal]:
    for line in sorted(observed.running):
        if len(line) == 1 and re.fullmatch(r"router bgp \d+", line[0]) and line[0] != desired.top:
            yield Refusal(
                f"FRR speaks BGP with the AS {line[0].split()[2]}, and {desired.switch.asn} is declared for"
                f" {desired.switch.name}.",
                "All its sessions would go with the former one. Remove that by hand, or declare it.",
            )
    if (desired.top, _NO_IPV4) in observed.running:
        yield Refusal(
            f"FRR takes no neighbour for one of IPv4 by itself ({_NO_IPV4}): no declared one would get a route.",
            "Remove that line by hand, after `neighbor ... activate` for those that are not declared.",
        )


def _warnings(desired: DesiredSwitch, observed: ObservedSwitch) -> Iterator[str]:
    if not desired.exclusive:
        for name in _undeclared(desired, observed.running):
            yield f"The neighbour {name} is not declared, and stays."
    seen = {one.name: one for one in observed.sessions}
    for one in desired.switch.neighbours:
        there = seen.get(one.address)
        if there is not None and not there.up:
            yield f"The session with {one.name} ({one.address}) is {there.state}."
