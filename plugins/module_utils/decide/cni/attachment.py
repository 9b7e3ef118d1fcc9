# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A container is in a network: added whole, checked along what was stored, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Program, Refusal, RemoveFile, Step
from ...model.cni.attachment import (
    ABSENT,
    NOTES,
    PORT_MAPPINGS,
    PRESENT,
    DesiredAttachment,
    Key,
    ObservedAttachment,
    tolerant,
)
from ...model.cni.conflist import Conflist, Fault, undeclared
from ...model.cni.network import Around
from ...model.cni.plugins import check_bug, proves_nothing
from .faults import on_node, spoken
from .leftovers import RUNTIME, address_warnings, cleaning, port_refusals


def key_from(params: Mapping[str, Any]) -> Key:
    key = Key(params["network"], params["container_id"], params["ifname"])
    if key.problems():
        raise Invalid(" ".join(key.problems()))
    return key


def desired_from(params: Mapping[str, Any]) -> DesiredAttachment:
    key, problems = key_from(params), []
    if params["state"] == PRESENT and not params["netns"].startswith("/"):
        problems.append("netns: the path of the namespace has to be given.")
    mappings = params["capability_args"].get(PORT_MAPPINGS) or ()
    if not all(isinstance(one, dict) and str(one.get("hostPort", "")).isdigit() for one in mappings):
        problems.append(f"{PORT_MAPPINGS}: each has a hostPort, which is a number.")
    if problems:
        raise Invalid(" ".join(problems))
    containers = params["containers"]
    return DesiredAttachment(
        key,
        params["state"],
        params["netns"],
        tolerant(params["args"]),
        params["capability_args"],
        params["conf_dir"],
        tuple(params["bin_dirs"]),
        params["cache_dir"],
        params["runtime_socket"],
        None if containers is None else tuple(containers),
    )


def decide(desired: DesiredAttachment, observed: ObservedAttachment) -> Plan:
    steps = tuple(_steps(desired, observed))
    return Plan(
        steps=steps,
        refusals=tuple(_refusals(desired, observed, any(step.id.startswith("attachment.add") for step in steps))),
        warnings=tuple(_warnings(desired, observed)),
        before={"attached": observed.cached.addresses if observed.cached else None},
        after={"attached": desired.state == PRESENT},
    )


def _steps(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[Step]:
    name = desired.key.file
    if desired.state == ABSENT:
        if observed.cached or observed.noted:
            yield _delete(desired, f"detach {name}")
        return
    drift = _drift(desired, observed)
    if observed.cached and observed.noted and not drift:
        path = f"{NOTES}/{name}"
        yield Step(f"forget that {name} was begun, as it is whole", RemoveFile(path), f"file.remove:{path}", "file")
    elif observed.noted:
        yield _delete(desired, f"detach {name}, of which a run that was cut short has left a part")
    elif drift:
        yield _delete(desired, f"detach {name}, which is not as it was made", drift)
    yield from cleaning(desired, observed)
    if not observed.cached or drift:
        config = json.dumps(observed.conflist.document) if observed.conflist else ""
        action = Program(RUNTIME, ("add", desired.request(config)))
        yield Step(f"attach {name}", action, f"attachment.add:{name}", "network")
        datagrams = [str(port.number) for port in desired.ports if port.protocol == "udp"]
        if datagrams and observed.untracks:
            yield Step(
                f"forget the connections to the ports {', '.join(datagrams)} over UDP",
                Program(RUNTIME, ("untrack", *datagrams)),
                f"connections.forget:{name}",
                "network",
            )


def _delete(desired: DesiredAttachment, why: str, because: str = "") -> Step:
    action = Program(RUNTIME, ("del", desired.request()))
    return Step(why, action, f"attachment.delete:{desired.key.file}", "network", because=because)


def _drift(desired: DesiredAttachment, observed: ObservedAttachment) -> str:
    """Why what is there is not what is wanted; empty where it is, as far as CHECK can tell."""
    cached = observed.cached
    if cached is None:
        return ""
    different = [
        name
        for name, wanted, stored in (
            ("the namespace", _canonical(desired.netns), _canonical(cached.netns or desired.netns)),
            ("arguments", dict(desired.args), dict(cached.args)),
            ("capability arguments", dict(desired.capability_args), dict(cached.capability_args)),
        )
        if wanted != stored
    ]
    found = [f"{' and '.join(different)} are others"] if different else []
    return "; ".join([*found, *(str(one) for one in observed.failures if not _excused(one.plugin, one.msg, observed))])


def _canonical(netns: str) -> str:
    """/var/run is a link to /run."""
    return netns[4:] if netns.startswith("/var/run/") else netns


def _excused(plugin: str, message: str, observed: ObservedAttachment) -> str:
    program = observed.node.programs.get(plugin)
    bug = check_bug(plugin, program.release if program else "", message)
    return bug.about if bug else ""


def _refusals(desired: DesiredAttachment, observed: ObservedAttachment, adds: bool) -> Iterator[Refusal]:
    if observed.unreadable:
        yield Refusal(
            f"{observed.unreadable}, so that nobody knows what there is to delete.",
            "Detach it with the runtime that has attached it.",
        )
    if desired.state == ABSENT:
        return
    yield from port_refusals(desired, observed)
    if not adds:
        return
    if not observed.netns:
        yield Refusal(f"There is no namespace {desired.netns}.", "ip netns add makes one.")
    if not observed.cached and not observed.noted:
        yield from _strays(desired, observed)
    if observed.conflist is None:
        yield Refusal(f"No list in {desired.conf_dir} is called {desired.key.network}.")
        return
    for name in undeclared(observed.conflist, list(desired.capability_args)):
        yield Refusal(
            f"No plugin of {desired.key.network} declares the capability {name}: it would be dropped without a word.",
            f'Write "capabilities": {{"{name}": true}} into the plugin that is to have it.',
        )
    yield from (Refusal(f"{fault.text}.", fault.hint) for fault in _faults(observed.conflist, observed))


def _strays(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[Refusal]:
    """What an ADD that failed elsewhere has left under the same names, and what hides its reason."""
    if observed.interface:
        yield Refusal(
            f"{desired.netns} has an interface {desired.key.ifname} already, and nothing is stored of how it was made.",
            "An ADD that failed and was not followed by DEL leaves one: delete it, or choose another ifname.",
        )
    for one in observed.allocations:
        if one.container == desired.key.container and one.ifname in ("", desired.key.ifname):
            yield Refusal(
                f"The address {one.address} is given to {one.container} already, and nothing is stored of it.",
                "Run DEL of host-local with its id.",
            )


def _faults(conflist: Conflist, observed: ObservedAttachment) -> list[Fault]:
    around = Around()
    found = (*spoken(conflist, around), *on_node(conflist, observed.node, around))
    return [fault for fault in found if not fault.told]


def _warnings(desired: DesiredAttachment, observed: ObservedAttachment) -> Iterator[str]:
    if desired.state == ABSENT:
        return
    for one in observed.failures:
        about = _excused(one.plugin, one.msg, observed)
        if about:
            yield f"CHECK of {one.plugin} fails for a reason of its own: {about}. What it would look at is not proved."
    cached = observed.cached
    if cached is not None and not observed.checkable:
        yield f"{desired.key.file} cannot be checked, as its list is too old or says disableCheck."
    for plugin in cached.document["plugins"] if cached is not None and observed.checkable else ():
        program = observed.node.programs.get(plugin["type"])
        if program is not None and proves_nothing(plugin["type"], program.release):
            yield f"CHECK of {plugin['type']} looks at nothing in this version."
    if cached is not None and observed.conflist is not None and cached.document != observed.conflist.document:
        yield f"{desired.key.file} was made along a list that has been changed since. Detach and attach it to follow."
    yield from address_warnings(desired, observed)
