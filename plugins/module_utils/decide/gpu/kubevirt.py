# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what KubeVirt and the nodes are told of GPUs to what is declared: sets, so that a second run changes nothing.

KubeVirt's lists can only be replaced whole. So what is there is read, what is declared is added, and the server refuses
the write if somebody else wrote in between.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.plan import Plan, Refusal, Send, Step
from ...model.gpu.gpu import WORKLOADS
from ...model.gpu.kubevirt import (
    GATES,
    LABEL,
    LISTS,
    MEDIATED_SETTING,
    SANDBOX_LABELS,
    DesiredKubevirt,
    KubeNode,
    ObservedKubevirt,
    PermittedDevice,
    Version,
)
from ...model.gpu.names import pairs

_PERMITTED = "permittedHostDevices"
_MEDIATED = "mediatedDevicesConfiguration"
#: Where KubeVirt is told which mediated devices to make.
_MADE = ("mediatedDeviceTypes", "mediatedDevicesTypes", "nodeMediatedDeviceTypes")


def decide(desired: DesiredKubevirt, observed: ObservedKubevirt) -> Plan:
    refusals = tuple(_refuse(desired, observed))
    if not observed.path or observed.version is None:
        return Plan(refusals=refusals)
    told = _told(observed)
    return Plan(
        steps=tuple(_steps(desired, observed, observed.version)),
        refusals=refusals,
        warnings=tuple(_warnings(desired, observed)),
        before={"configuration": observed.configuration},
        after={"configuration": {**observed.configuration, **_wanted(desired, observed, observed.version)}},
        tells={"nodes": told},
    )


def _told(observed: ObservedKubevirt) -> list[dict[str, Any]]:
    return [
        {
            "node": node.name,
            "workload": node.labels.get(LABEL, ""),
            "offered": dict(node.offered),
            "users": {resource: list(pods) for resource, pods in node.users.items()},
        }
        for node in observed.nodes.values()
        if node.offered or LABEL in node.labels
    ]


def gates(desired: DesiredKubevirt, version: Version) -> list[str]:
    """Those that this version knows and needs: a pass with a newer one says nothing of an older."""
    asked = ["GPU"] if desired.devices else []
    asked += ["HostDevices"] if desired.host_devices else []
    asked += ["DisableMDEVConfiguration"] if desired.leave_mediated and desired.devices else []
    return [gate for gate in asked if _is_needed(gate, version)]


def _is_needed(gate: str, version: Version) -> bool:
    since, until = GATES[gate]
    return version >= since and (until is None or version < until)


def _wanted(desired: DesiredKubevirt, observed: ObservedKubevirt, version: Version) -> dict[str, Any]:
    """The parts of the configuration that are not so yet, whole."""
    found: dict[str, Any] = {}
    developer = observed.configuration.get("developerConfiguration") or {}
    listed = list(developer.get("featureGates") or ())
    missing = [gate for gate in gates(desired, version) if gate not in listed]
    if missing:
        found["developerConfiguration"] = {"featureGates": [*dict.fromkeys(listed), *missing]}
    setting = observed.configuration.get(_MEDIATED) or {}
    if (
        desired.devices
        and desired.leave_mediated
        and version >= MEDIATED_SETTING
        and setting.get("enabled") is not False
    ):
        found[_MEDIATED] = {"enabled": False}
    permitted = _permitted(desired, observed)
    if permitted:
        found[_PERMITTED] = permitted
    return found


def _permitted(desired: DesiredKubevirt, observed: ObservedKubevirt) -> dict[str, Any]:
    """Lists that differ. An entry of the same device, or of the same name, is replaced; others stay."""
    present = observed.configuration.get(_PERMITTED) or {}
    found = {}
    for kind, (plural, selector) in LISTS.items():
        entries = list(present.get(plural) or ())
        for wish in (one for one in desired.devices if one.kind == kind):
            same = [one for one in entries if _is_same(wish, one, selector)]
            if len(same) != 1 or not _is_as(wish, same[0], selector):
                entries = [one for one in entries if one not in same] + [wish.spelled]
        if entries != list(present.get(plural) or ()):
            found[plural] = entries
    return found


def _is_same(wish: PermittedDevice, entry: Mapping[str, Any], selector: str) -> bool:
    return _chosen(wish, entry, selector) == wish.chosen or entry.get("resourceName") == wish.resource


def _chosen(wish: PermittedDevice, entry: Mapping[str, Any], selector: str) -> str:
    return PermittedDevice(wish.kind, str(entry.get(selector, "")), "").chosen


def _is_as(wish: PermittedDevice, entry: Mapping[str, Any], selector: str) -> bool:
    external = bool(entry.get("externalResourceProvider", False))
    found = (_chosen(wish, entry, selector), entry.get("resourceName"), external)
    return found == (wish.chosen, wish.resource, wish.external)


def _steps(desired: DesiredKubevirt, observed: ObservedKubevirt, version: Version) -> Iterator[Step]:
    wanted = _wanted(desired, observed, version)
    if wanted:
        document = {"metadata": {"resourceVersion": observed.resource_version}, "spec": {"configuration": wanted}}
        text = json.dumps(document, sort_keys=True)
        hint = "Somebody else has changed KubeVirt meanwhile? Run it again."
        yield Step(_sentence(wanted), Send("PATCH", observed.path, text), "kubevirt.change", "guest", hint=hint)
    for name, workload in sorted(desired.workloads.items()):
        node = observed.nodes.get(name)
        if node is not None and node.labels.get(LABEL) != workload:
            yield _label(node, workload)


def _sentence(wanted: Mapping[str, Any]) -> str:
    told = [f"feature gates {', '.join(wanted['developerConfiguration']['featureGates'])}"] if _gated(wanted) else []
    told += ["no mediated devices of its own"] if _MEDIATED in wanted else []
    for entries in (wanted.get(_PERMITTED) or {}).values():
        told.append(f"permitted {', '.join(str(one.get('resourceName')) for one in entries)}")
    return f"tell KubeVirt: {'; '.join(told)}"


def _gated(wanted: Mapping[str, Any]) -> bool:
    return "developerConfiguration" in wanted


def _label(node: KubeNode, workload: str) -> Step:
    """From one workload of machines to the other, the operator leaves what it has deployed, unless its labels go."""
    before = node.labels.get(LABEL, "")
    stale = SANDBOX_LABELS if before.startswith("vm-") and workload.startswith("vm-") else ()
    labels = {LABEL: workload, **{label: None for label in stale if label in node.labels}}
    text = json.dumps({"metadata": {"labels": labels}}, sort_keys=True)
    why = f"label {node.name}: its GPUs are for {workload}" + (f", no more for {before}" if before else "")
    return Step(why, Send("PATCH", f"/api/v1/nodes/{node.name}", text), f"node.label:{node.name}", "guest")


def _refuse(desired: DesiredKubevirt, observed: ObservedKubevirt) -> Iterator[Refusal]:
    if observed.count != 1:
        yield Refusal(
            f"There are {observed.count} KubeVirt objects, and there has to be one.", "Install KubeVirt first."
        )
    elif observed.version is None:
        yield Refusal("KubeVirt does not tell its version.", "Wait until its operator has deployed it.")
    else:
        off = (observed.configuration.get("developerConfiguration") or {}).get("disabledFeatureGates") or ()
        both = [gate for gate in gates(desired, observed.version) if gate in off]
        if both:
            yield Refusal(f"disabledFeatureGates names {', '.join(both)}.", "Take it out there: KubeVirt refuses both.")
        yield from _refuse_mediated(desired, observed, observed.version)
    for name, workload in sorted(desired.workloads.items()):
        yield from _refuse_label(name, workload, observed.nodes.get(name))


def _refuse_mediated(desired: DesiredKubevirt, observed: ObservedKubevirt, version: Version) -> Iterator[Refusal]:
    """Machines may have the devices that KubeVirt makes by itself."""
    wanted = _wanted(desired, observed, version)
    before, after = (_listed(one) for one in (observed.configuration, wanted))
    made = [key for key in _MADE if (observed.configuration.get(_MEDIATED) or {}).get(key)]
    if made and (_MEDIATED in wanted or "DisableMDEVConfiguration" in after - before):
        hint = "Say leave_mediated: false; or take it out there, when no machine has one."
        yield Refusal(f"KubeVirt makes mediated devices by {', '.join(made)}, and would not any more.", hint)


def _listed(configuration: Mapping[str, Any]) -> set[str]:
    return set((configuration.get("developerConfiguration") or {}).get("featureGates") or ())


def _refuse_label(name: str, workload: str, node: Optional[KubeNode]) -> Iterator[Refusal]:
    if node is None:
        yield Refusal(f"There is no node {name}.")
        return
    if workload != "container" and node.guest and not node.viommu:
        yield Refusal(
            f"{name} is a virtual machine without an IOMMU, and cannot give cards to machines.",
            "Give its machine one (viommu), or take a node that is hardware.",
        )
    users = sorted({pod for pods in node.users.values() for pod in pods})
    if users and node.labels.get(LABEL) != workload:
        yield Refusal(f"{', '.join(users)} has GPUs of {name}.", "Stop them, or move them away, first.")


def _warnings(desired: DesiredKubevirt, observed: ObservedKubevirt) -> Iterator[str]:
    for node in observed.nodes.values():
        label = node.labels.get(LABEL)
        if label is not None and label not in WORKLOADS and node.name not in desired.workloads:
            yield f"{node.name} has the workload {label!r}, of which the operator silently makes its default."
    offered = {resource for node in observed.nodes.values() for resource in node.offered}
    permitted = [one.resource for one in desired.devices]
    if permitted and observed.configuration.get(_PERMITTED) is None:
        yield "KubeVirt has no list of permitted devices, and permits all. With one it refuses whatever is not on it."
    left = sorted(one for one in permitted if one not in offered)
    twins = dict(pairs(left, sorted(offered - set(permitted))))
    for resource in left if offered else ():
        twin = f"; {twins[resource]} is offered, and is the same card" if resource in twins else ""
        yield f"{resource} is permitted, and no node offers it{twin}."
    for wish in desired.devices:
        name = desired.planned.get(wish.selector.lower(), wish.resource)
        if name != wish.resource and wish.external:
            yield f"The plugin calls {wish.selector} {name}, and not {wish.resource}."
