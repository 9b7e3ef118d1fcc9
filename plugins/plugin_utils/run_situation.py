# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that a plan is made from, as one digest; and the digests of situations whose plan was empty.

``decide`` is pure: from the same wishes, the same readings and the same collection it makes the same plan. So when a
run finds itself in a situation for which an earlier run has made the whole plan, and it was empty, there is nothing to
decide again. Any difference, in a variable, in a reading, in a file of this collection, is another situation.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Callable, Optional

from ..module_utils.engine.reader import CLUSTER, NODE, Question, Recording, Replay
from ..module_utils.model.node.proxmox_ve import NEEDED_SPACE
from ..module_utils.observe.ceph import state as ceph
from ..module_utils.observe.node import proxmox_ve
from ..module_utils.observe.storage import access as storage_access
from .collection import COLLECTION, source_digest

_KEPT = 50


def _monitors(recording: Recording) -> Any:
    """Ceph's monitors count and date everything they say; only what is understood of it matters."""
    return ceph.observe(Replay(recording)).cluster


def _space(recording: Recording) -> Any:
    """More free space than an installation needs is enough, however much it is."""
    found = proxmox_ve.parse_space(recording[NODE][_SPACE][1])
    return {path: [mount, min(free, sum(NEEDED_SPACE.values()))] for path, (mount, free) in found.items()}


def _active(recording: Recording) -> Any:
    """Which storages are active, not how full they are."""
    return storage_access.parse_status(recording[NODE][_STATUS][1])


def _published(recording: Recording) -> Any:
    """The same, as pvestatd has it."""
    return storage_access.published(Replay(recording))


_MONITORS = Question("run", ceph.ASK_MONITORS).key
_SPACE = Question("run", proxmox_ve.SPACE).key
_STATUS = Question("run", storage_access.STATUS).key
_FIGURES = Question("read", (storage_access.FIGURES,)).key
#: Answers that are never the same twice, and what of each can matter to a plan. All others count to the letter.
_RESTLESS: tuple[tuple[str, str, Callable[[Recording], Any]], ...] = (
    (CLUSTER, _MONITORS, _monitors),
    (NODE, _SPACE, _space),
    (NODE, _STATUS, _active),
    (NODE, _FIGURES, _published),
)


def situation(wishes: Mapping[str, Any], recordings: Mapping[str, Recording], collection: Path = COLLECTION) -> str:
    """recordings: host → what was read there in this run.

    wishes: whatever the inventory and the command line say; the variables of a host under ``host NAME``.
    """
    readings = {host: _at_rest(recording, wishes.get(f"host {host}", {})) for host, recording in recordings.items()}
    text = json.dumps([canonical(wishes), canonical(readings), source_digest(collection)])
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """The same JSON for equal values: no order where there is none, no memory addresses."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: canonical(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return sorted([str(key), canonical(item)] for key, item in value.items())
    if isinstance(value, AbstractSet):
        return sorted(json.dumps(canonical(item)) for item in value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [canonical(item) for item in value]
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)


def _at_rest(recording: Recording, wishes: Mapping[str, Any]) -> dict[str, Any]:
    readings: dict[str, Any] = {scope: dict(answers) for scope, answers in recording.items()}
    allowed = int(wishes.get("repositories_lists_max_age") or 0)
    for question, days in recording.get(NODE, {}).items():
        if json.loads(question)[0] == "age":  # a day more matters only when it is one too many
            readings[NODE][question] = days is not None and 0 < allowed < days
    for scope, question, what_matters in _RESTLESS:
        if question in readings.get(scope, {}):
            readings[scope][question] = what_matters(recording)
    return readings


class ConvergedSituations:
    """The last situations that needed nothing, as digests in a file of this user's cache on the controller."""

    def __init__(self, path: Optional[Path] = None) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._path = path or cache / "baremetal.virt" / "converged"

    def __contains__(self, digest: str) -> bool:
        return digest in self._read()

    def add(self, digest: str) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = [known for known in self._read() if known != digest][1 - _KEPT :]
        draft = self._path.with_name(f"converged.{os.getpid()}")
        draft.write_text("\n".join([*kept, digest]) + "\n", encoding="ascii")
        draft.replace(self._path)

    def _read(self) -> list[str]:
        try:
            return self._path.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return []
