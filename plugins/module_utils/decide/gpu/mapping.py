# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the mappings that there are to those that are declared, each with the devices that all nodes have now.

What a node does not show is not taken for absent: entries of a node that does not answer stay, and so do those of
devices that are missing, as they come back with the next boot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ...engine.plan import Call, Plan, Refusal, Step, Value
from ...model.gpu.mapping import (
    DesiredMapping,
    DesiredMappings,
    MappableDevice,
    MappingUser,
    ObservedMappings,
    PresentMapping,
    entry_of,
    entry_text,
)
from ...model.gpu.pci import slot_of
from ..access.calls import Method, part

_PATH = "/cluster/mapping/pci"


@dataclass(frozen=True)
class Goal:
    """``entries``: as they are to stand there. missing: those of them whose device is not there. lost: others."""

    entries: tuple[str, ...]
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def decide(desired: DesiredMappings, observed: ObservedMappings) -> Plan:
    if observed.release is not None and observed.release < 8:
        return Plan(refusals=(Refusal("Mappings need Proxmox VE 8 or 9.", "Upgrade the nodes first."),))
    if observed.lacking:
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        why = (
            f"{desired.caller} lacks {', '.join(observed.lacking)}: it would not see, or not change, what is declared."
        )
        return Plan(refusals=(Refusal(why, hint),))
    if observed.release is None:
        return Plan()
    goals = {one.name: goal(one, observed) for one in desired.mappings if not one.absent}
    return Plan(
        steps=tuple(_steps(desired, observed, goals)),
        refusals=tuple(_refuse(desired, observed, goals)),
        warnings=tuple(_warnings(observed, goals)),
        before={name: list(one.entries) for name, one in observed.present.items() if name in goals},
        after={name: list(one.entries) for name, one in goals.items()},
    )


def goal(wish: DesiredMapping, observed: ObservedMappings) -> Goal:
    """Entries that are right stay as they are written."""
    present = observed.present.get(wish.name)
    known = {_place(text): text for text in (present.entries if present else ())}
    wanted: dict[tuple[str, str], str] = {}
    for node, devices in sorted(observed.devices.items()):
        for device in _members(wish, node, devices):
            path = _path(wish, device, devices)
            wanted[node, path] = entry_text(node, path, device)
    kept = {place: text for place, text in known.items() if place not in wanted and _is_kept(wish, place, observed)}
    entries = {place: _unless_same(known.get(place), text) for place, text in wanted.items()}
    missing = tuple(text for place, text in kept.items() if place[0] in observed.devices)
    lost = tuple(text for place, text in known.items() if place not in wanted and place not in kept)
    return Goal(tuple(text for dummy, text in sorted({**entries, **kept}.items())), missing, lost)


def _place(text: str) -> tuple[str, str]:
    entry = entry_of(text)
    return entry.get("node", ""), entry.get("path", "")


def _unless_same(known: Optional[str], text: str) -> str:
    """Another order, and a description, are nobody's business."""
    if known is None:
        return text
    return known if {**entry_of(known), **entry_of(text)} == entry_of(known) else text


def _members(wish: DesiredMapping, node: str, devices: tuple[MappableDevice, ...]) -> Iterator[MappableDevice]:
    """By what they are. A card and its functions have the same ids: those that offer types are the functions."""
    if wish.nodes and node not in wish.nodes:
        return
    for one in devices:
        fits = one.id == wish.id and wish.subsystem in ("", one.subsystem)
        if fits and one.mediated == wish.vgpu:
            yield one


def _path(wish: DesiredMapping, device: MappableDevice, devices: tuple[MappableDevice, ...]) -> str:
    """Without its function, all of the slot go to the guest; never where virtual functions are among them."""
    slot = slot_of(device.address)
    beside = [one for one in devices if slot_of(one.address) == slot and one != device]
    own = all(one.id[:4] == device.id[:4] and one.id != device.id and one.group == device.group for one in beside)
    whole = wish.whole and not wish.vgpu and device.address.endswith(".0")
    return slot if whole and beside and own else device.address


def _is_kept(wish: DesiredMapping, place: tuple[str, str], observed: ObservedMappings) -> bool:
    """Its node does not tell, or the device may come back: nothing is there, or its driver offers no vGPUs now."""
    node, paths = place
    if node in observed.silent:
        return True
    if node not in observed.devices or (wish.nodes and node not in wish.nodes):
        return False
    devices = observed.devices[node]
    there = [one for one in devices if any(one.address.startswith(path) for path in paths.split(";"))]
    driven = any(one.mediated and one.id == wish.id for one in devices)
    undriven = wish.vgpu and not driven and all(one.id == wish.id for one in there)
    return not there or (undriven and all("." in path for path in paths.split(";")))


def _steps(desired: DesiredMappings, observed: ObservedMappings, goals: Mapping[str, Goal]) -> Iterator[Step]:
    for wish in desired.mappings:
        present = observed.present.get(wish.name)
        path = f"{_PATH}/{part(wish.name)}"
        if wish.absent:
            if present is not None:
                yield _step("remove", wish.name, f"remove the mapping {wish.name}", "DELETE", path, {})
        elif present is None:
            made: dict[str, Value] = {"id": wish.name, **_said(wish, goals[wish.name].entries)}
            why = f"create the mapping {wish.name} of {len(goals[wish.name].entries)} devices"
            yield _step("create", wish.name, why, "POST", _PATH, made)
        elif told := _difference(wish, present, goals[wish.name]):
            put: dict[str, Value] = {**_said(wish, goals[wish.name].entries), "digest": present.digest}
            why = f"change the mapping {wish.name}: {told}"
            yield _step("change", wish.name, why, "PUT", path, put)


def _step(verb: str, name: str, why: str, method: Method, path: str, said: Mapping[str, Value]) -> Step:
    """What is set may be asked for twice, what is made or removed may not."""
    call = Call(method, path, tuple(sorted(said.items())), repeatable=method == "PUT")
    return Step(why, call, f"mapping.{verb}:{name}", "guest")


def _said(wish: DesiredMapping, entries: tuple[str, ...]) -> dict[str, Value]:
    said: dict[str, Value] = {"map": entries, "mdev": wish.vgpu, "live-migration-capable": wish.live}
    return said if wish.description is None else {**said, "description": wish.description}


def _difference(wish: DesiredMapping, present: PresentMapping, wanted: Goal) -> str:
    new = [text for text in wanted.entries if text not in present.entries]
    told = [f"{entry_of(text)['path']} of {entry_of(text)['node']}" for text in new]
    told += [f"without {entry_of(text).get('path')} of {entry_of(text).get('node')}" for text in wanted.lost]
    told += [f"mdev {int(wish.vgpu)}"] if wish.vgpu != present.vgpu else []
    told += [f"live-migration-capable {int(wish.live)}"] if wish.live != present.live else []
    told += ["its description"] if wish.description not in (None, present.description) else []
    return ", ".join(told)


def _refuse(desired: DesiredMappings, observed: ObservedMappings, goals: Mapping[str, Goal]) -> Iterator[Refusal]:
    for wish in desired.mappings:
        yield from _refuse_absent(wish, observed) if wish.absent else _refuse_present(wish, observed, goals[wish.name])


def _refuse_absent(wish: DesiredMapping, observed: ObservedMappings) -> Iterator[Refusal]:
    if wish.name not in observed.present:
        return
    users = sorted({one.guest for one in observed.users if one.mapping == wish.name})
    if users:
        yield Refusal(f"{', '.join(users)} uses the mapping {wish.name}.", "Take it out of their configuration first.")
    elif observed.unread:
        told = ", ".join(observed.unread)
        yield Refusal(f"Nobody can tell whether {told} uses the mapping {wish.name}.", "Bring their nodes back first.")


def _refuse_present(wish: DesiredMapping, observed: ObservedMappings, wanted: Goal) -> Iterator[Refusal]:
    strange = sorted(wish.nodes - {*observed.devices, *observed.silent})
    if strange:
        yield Refusal(f"The mapping {wish.name} names {', '.join(strange)}, and there are no such nodes.")
    if not wanted.entries:
        kind = "virtual functions that offer types of vGPUs" if wish.vgpu else "devices that are given away whole"
        yield Refusal(
            f"No node has {kind} with {wish.id} {wish.subsystem}".rstrip() + ".", "See gpu_info of the nodes."
        )
    for text in wanted.entries:
        entry = entry_of(text)
        if entry.get("iommugroup") == "-1":
            yield Refusal(f"{entry['path']} of {entry['node']} is in no IOMMU group.", "See gpu_info of that node.")


def _warnings(observed: ObservedMappings, goals: Mapping[str, Goal]) -> Iterator[str]:
    for name, one in goals.items():
        missing: dict[str, list[str]] = {}
        for text in one.missing:
            missing.setdefault(entry_of(text)["node"], []).append(entry_of(text)["path"])
        for node, paths in missing.items():
            guests = [user.guest for user in observed.users if _will_fail(user, name, node, one, paths)]
            lost = f" {', '.join(guests)} will not start." if guests else ""
            what = "offers no vGPUs" if observed.present[name].vgpu else "has nothing"
            yield f"{node} {what} at {', '.join(paths)}, which the mapping {name} names.{lost}"
    for node, why in observed.silent.items():
        yield f"{node} does not tell its devices, and its entries stay as they are: {why}"


def _will_fail(user: MappingUser, name: str, node: str, wanted: Goal, paths: list[str]) -> bool:
    """It starts with its node, and none of the devices there is left for it."""
    left = [text for text in wanted.entries if entry_of(text)["node"] == node and entry_of(text)["path"] not in paths]
    return bool((user.mapping, user.node) == (name, node) and user.onboot and not left)
