# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that a plan is made from, as one digest; and the digests of situations whose plan was empty.

``decide`` is pure: from the same wishes, the same observed models and the same collection it makes the same plan. So
when a run finds itself in a situation for which an earlier run has made the whole plan, and it was empty, there is
nothing to decide again. Any difference, in a variable, in a model, in a file of this collection, is another situation.
A domain of which nothing is declared anywhere does not count: guests that start and stop change the links of a node.

So is another password of a storage: nobody would bring it to the nodes if it did not count here. What is kept and shown
is therefore keyed. Without the key, which lies elsewhere, no password can be tried on a digest.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from ansible.utils.display import Display

from ..module_utils.engine.digest import digest
from ..module_utils.engine.reader import Recording, Replay
from .collection import COLLECTION, source_digest
from .observers import domain, idle_domains, observers
from .own_files import cache_folder, keep_text, state_folder

_KEPT = 50


def situation(
    wishes: Mapping[str, Any], recordings: Mapping[str, Recording], key: str, collection: Path = COLLECTION
) -> str:
    """recordings: host → what was read there in this run. Raises NotRead when that is not all.

    wishes: whatever the inventory and the command line say; the variables of a host under ``host NAME``.
    key: that of this user, see ``own_key``.
    """
    wanted = {name.removeprefix("host "): own for name, own in wishes.items() if name.startswith("host ")}
    idle = idle_domains(wanted)
    models = {host: model_digests(recording, wanted.get(host, {}), idle) for host, recording in recordings.items()}
    everything = digest([wishes, models, source_digest(collection)], {})
    return hmac.new(key.encode(), everything.encode(), "sha256").hexdigest()


def model_digests(
    recording: Recording, variables: Mapping[str, Any], idle: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Domain → digest of all that was observed of it on a host with these variables, but for idle domains."""
    found: dict[str, list[str]] = {}
    reader = Replay(recording)
    limits = {name: float(value) for name, value in variables.items() if isinstance(value, (int, float))}
    for observer in observers():
        if domain(observer) not in idle:
            found.setdefault(domain(observer), []).append(digest(observer(reader), limits))
    return {name: digest(parts, {}) for name, parts in found.items()}


def own_key(path: Optional[Path] = None) -> str:
    """Made once for this user. With another one no situation is known, and every plan is made.

    So it is where nothing can be kept: there each run has a key of its own.
    """
    path = path or state_folder() / "key"
    try:
        if not path.exists():
            keep_text(path, secrets.token_hex(32))
        return path.read_text(encoding="ascii")
    except OSError as error:
        Display().vv(f"The key of known situations is not kept: {error}")
        return secrets.token_hex(32)


class ConvergedSituations:
    """The last situations that needed nothing, as digests in a file of this user's cache on the controller."""

    def __init__(self, path: Optional[Path] = None) -> None:
        self._path = path or cache_folder() / "converged"

    def __contains__(self, digest: str) -> bool:
        return digest in self._read()

    def add(self, digest: str) -> None:
        """Where it cannot be kept, the next run makes the whole plan again; that is no reason to fail."""
        kept = [known for known in self._read() if known != digest][1 - _KEPT :]
        try:
            keep_text(self._path, "\n".join([*kept, digest]) + "\n")
        except OSError as error:
            Display().vv(f"This situation is not remembered: {error}")

    def _read(self) -> list[str]:
        try:
            return self._path.read_text(encoding="ascii").split()
        except OSError:
            return []
