"""Faults on demand: what goes wrong on a bad night. Each is begun by one command; `heal` undoes them all.

A fault is noted in the lab's state before it is begun, so that one whose command was killed half-way is undone as well.
"""

from __future__ import annotations

import json
from pathlib import Path

from . import faults_network, faults_node, faults_services, image, node
from .addresses import node_name
from .fault import Fault, Spec
from .settings import Lab, LabError
from .shell import in_parallel

FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (*faults_network.FAULTS, *faults_node.FAULTS, *faults_services.FAULTS)
}


def _record(lab: Lab) -> Path:
    return lab.state / "faults.json"


def noted(lab: Lab) -> list[Spec]:
    """The faults begun and not undone, oldest first."""
    record = _record(lab)
    found: list[Spec] = json.loads(record.read_text()) if record.exists() else []
    return found


def _note(lab: Lab, specs: list[Spec]) -> None:
    partial = _record(lab).with_suffix(".partial")
    partial.write_text(json.dumps(specs, indent=1) + "\n")
    partial.replace(_record(lab))


def begin(lab: Lab, name: str, arguments: Spec) -> None:
    """Make the fault happen. One that cannot be made is undone at once."""
    fault = FAULTS[name]
    spec = fault.complete(lab, {"fault": name, **arguments})
    before = noted(lab)
    if spec in before:
        if not fault.once:
            raise LabError(f"{name}: this fault is there already; `lab heal` undoes it")
        before.remove(spec)  # it may have happened meanwhile: make it happen again
    _note(lab, [*before, spec])
    try:
        fault.begin(lab, spec)
    except LabError as error:
        _end_failed(lab, spec, error)
        _note(lab, before)
        raise


def _end_failed(lab: Lab, spec: Spec, reason: LabError) -> None:
    """Undo a fault that could not be made; when that fails too, both reasons are told and it stays noted."""
    try:
        FAULTS[spec["fault"]].end(lab, spec)
    except LabError as error:
        raise LabError(f"{reason}\nand what was begun of it is not undone: {error}") from reason


def heal(lab: Lab) -> None:
    """Undo every fault: networks and cables first, then the power, then what is wrong inside the nodes."""
    specs = noted(lab)
    outside = [spec for spec in specs if not FAULTS[spec["fault"]].inside]
    inside = [spec for spec in specs if FAULTS[spec["fault"]].inside]
    _end(lab, outside)
    faults_network.plug_in_all(lab)
    dark = sorted({spec["node"] for spec in inside if not node.is_on(lab, spec["node"])})
    in_parallel(lambda number: node.power_on(lab, number, image.ensure(lab)), dark)
    _end(lab, inside)


def forget(lab: Lab) -> None:
    """Undo what is wrong outside the nodes; the nodes themselves are about to be made anew."""
    _end(lab, [spec for spec in noted(lab) if not FAULTS[spec["fault"]].inside])
    faults_network.plug_in_all(lab)
    _note(lab, [])


def _end(lab: Lab, specs: list[Spec]) -> None:
    """Undo these faults, the latest first, and strike each from the record."""
    for spec in reversed(specs):
        FAULTS[spec["fault"]].end(lab, spec)
        _note(lab, [other for other in noted(lab) if other != spec])


def describe(spec: Spec) -> str:
    """A noted fault as it was asked for: `lock pve1 file-storage_cfg`."""
    words = [str(value) for key, value in spec.items() if key not in ("fault", "node")]
    where = [node_name(spec["node"])] if "node" in spec else []
    return " ".join([spec["fault"], *where, *words])
