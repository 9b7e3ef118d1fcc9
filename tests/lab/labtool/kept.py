"""States of a whole lab, put aside under a name, to which it goes back in seconds.

What the nodes have written becomes one more layer below, and they go on with an empty one on top. So a state may lie
on another, going back only drops what is on top, and no file is copied but the disks that are not empty.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import disks
from .addresses import node_name
from .settings import Lab, LabError


def _folder(lab: Lab) -> Path:
    return lab.state / "kept"


def _now(lab: Lab) -> Path:
    """Names the state that the nodes go on from; missing while that is the fresh one."""
    return _folder(lab) / "now"


def _names(lab: Lab) -> list[str]:
    """The states that lie below the nodes, the uppermost first."""
    names: list[str] = []
    link = _now(lab)
    while link.exists():
        names.append(link.read_text().strip())
        link = _folder(lab) / names[-1] / "below"
    return names


def known(lab: Lab) -> list[str]:
    return sorted(path.name for path in _folder(lab).glob("*/") if path.is_dir())


def layers(lab: Lab, node: int) -> list[Path]:
    return [_folder(lab) / name / node_name(node) for name in _names(lab)]


def keep(lab: Lab, name: str) -> None:
    """Put the state of all nodes aside; they are off."""
    target = _folder(lab) / name
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or name == "now":
        raise LabError(f"{name!r}: a state is called by lower-case letters, digits and hyphens, and not now")
    if target.exists():
        raise LabError(f"a state {name} is kept already; `lab reset` forgets all")
    target.mkdir(parents=True)
    for number in lab.numbers:
        (lab.node_dir(number) / "upper").rename(target / node_name(number))
        _clear(lab, number)
    disks.copy(lab, target / "disks")
    if _now(lab).exists():
        (target / "below").write_text(_now(lab).read_text())
    _now(lab).write_text(f"{name}\n")


def back(lab: Lab, name: str) -> None:
    """Let the nodes, which are off, go on from a state that was put aside."""
    source = _folder(lab) / name
    if not source.is_dir():
        raise LabError(f"no state {name} is kept")
    for number in lab.numbers:
        if not (source / node_name(number)).is_dir():
            raise LabError(f"{node_name(number)} was not there when {name} was kept")
        _clear(lab, number)
    disks.put_back(lab, source / "disks")
    _now(lab).write_text(f"{name}\n")


def _clear(lab: Lab, number: int) -> None:
    for part in ("upper", "work"):
        shutil.rmtree(lab.node_dir(number) / part, ignore_errors=True)


def forget(lab: Lab) -> None:
    if _folder(lab).exists():
        shutil.rmtree(_folder(lab))
