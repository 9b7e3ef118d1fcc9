# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was observed in this run of ansible-playbook, and is still true.

Observations are kept as files in the private temporary directory that Ansible makes for a run and removes after it
(mode 0700): forked workers share it, and no variable has to carry the document around. ``node`` readings belong
to one host, ``cluster`` readings to all. Forgetting is always safe: the next task simply asks the node again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any, Optional

from ansible import constants

from ..module_utils.engine.reader import CLUSTER, NODE, Recording

_ASKED = "asked"
_CHECKED = "checked"
_DEMANDED = "demanded"
_REPORT = "report"
_LIVE = "live"


class RunStore:
    """The observations of one run, as far as nothing has touched what they describe."""

    def __init__(self, directory: Optional[str] = None) -> None:
        self._directory = directory or os.path.join(constants.DEFAULT_LOCAL_TMP, "baremetal.virt")

    def keep(self, host: str, recording: Recording) -> None:
        """Remember what was read on a host; cluster readings replace those of any other host."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._write(self._path(host), recording[NODE])
        if CLUSTER in recording:
            self._write(self._path(None), recording[CLUSTER])

    def recall(self, host: str) -> Optional[Recording]:
        """The readings of a host with those of the cluster; None when the host was not observed or has changed."""
        own = self._read(self._path(host))
        return None if own is None else {NODE: own, CLUSTER: self._read(self._path(None)) or {}}

    def keep_look(self, host: str, recording: Recording) -> None:
        """Remember all that a host said, also of the cluster, and what it could not say: each sees its own picture."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._write(self._path(host, "look"), recording)

    def recall_look(self, host: str) -> Optional[Recording]:
        return self._read(self._path(host, "look"))

    def forget(self, host: str) -> None:
        """This host has changed; what the cluster looks like from any node may have changed with it."""
        for path in (self._path(host), self._path(None)):
            _unlink(path)

    def forget_all(self) -> None:
        """Something that every node may see has changed."""
        if os.path.isdir(self._directory):
            for name in os.listdir(self._directory):
                if name.startswith(("host-", CLUSTER)):
                    _unlink(os.path.join(self._directory, name))

    def note_asked(self) -> None:
        """Remember that a node was asked something beyond its recorded readings."""
        self._mark(_ASKED)

    @property
    def asked(self) -> bool:
        return self._marked(_ASKED)

    def note_checked(self) -> None:
        """Remember that the plan of the whole site was made, and that nothing in it is refused."""
        self._mark(_CHECKED)

    @property
    def checked(self) -> bool:
        return self._marked(_CHECKED)

    def note_live(self) -> None:
        """Remember that the last line of the terminal is written anew again and again."""
        self._mark(_LIVE)

    @property
    def live(self) -> bool:
        return self._marked(_LIVE)

    def demand(self, plan: Mapping[str, Any]) -> None:
        """Remember a saved plan: nothing but what it holds may be done in this run."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._write(os.path.join(self._directory, _DEMANDED), dict(plan))

    @property
    def demanded(self) -> Optional[dict[str, Any]]:
        return self._read(os.path.join(self._directory, _DEMANDED))

    def keep_report(self, document: Mapping[str, Any]) -> None:
        """Remember a report, to which the plan of the dry run that follows belongs."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._write(os.path.join(self._directory, _REPORT), dict(document))

    @property
    def report(self) -> Optional[dict[str, Any]]:
        return self._read(os.path.join(self._directory, _REPORT))

    def note(self, host: str, subject: str, task: str, told: Mapping[str, Any]) -> None:
        """Remember what a dry run of a subject said of a host, in the order in which tasks were first planned.

        told: ``steps``, ``warnings`` and ``refusals`` as modules return them; further notes of the same add to it.
        """
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        path = self._path(f"{host} {subject} {task}", "plan")
        known = self._read(path) or {"host": host, "subject": subject, "task": task, "at": time.time_ns()}
        for key in ("steps", "warnings", "refusals"):
            known[key] = [*known.get(key, ()), *(one for one in told.get(key, ()) if one not in known.get(key, ()))]
        self._write(path, known)

    def notes(self) -> list[dict[str, Any]]:
        """All notes that say anything, in the order in which they were made."""
        names = os.listdir(self._directory) if os.path.isdir(self._directory) else []
        found = [self._read(os.path.join(self._directory, name)) or {} for name in names if name.startswith("plan-")]
        return sorted(found, key=lambda known: known["at"])

    def _mark(self, name: str) -> None:
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        self._write(os.path.join(self._directory, name), {})

    def _marked(self, name: str) -> bool:
        return os.path.exists(os.path.join(self._directory, name))

    def _path(self, host: Optional[str], kind: str = "host") -> str:
        name = CLUSTER if host is None else f"{kind}-{hashlib.sha256(host.encode()).hexdigest()}"
        return os.path.join(self._directory, f"{name}.json")

    def _write(self, path: str, answers: dict[str, Any]) -> None:
        draft = f"{path}.{os.getpid()}"
        with open(draft, "w", encoding="utf-8") as stream:
            json.dump(answers, stream)
        os.replace(draft, path)

    def _read(self, path: str) -> Optional[dict[str, Any]]:
        try:
            with open(path, encoding="utf-8") as stream:
                found: dict[str, Any] = json.load(stream)
                return found
        except FileNotFoundError:
            return None


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
