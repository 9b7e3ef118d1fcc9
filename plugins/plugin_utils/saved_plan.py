# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as a file: written for its owner alone, bound to what it was made from, and applied at most once."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

from ..module_utils.engine.digest import digest
from ..module_utils.engine.errors import Invalid
from ..module_utils.engine.reader import Replay
from ..module_utils.observe.node import identity
from ..module_utils.report.saved import SCHEMA, Key
from . import collection
from .own_files import cache_folder, write_text
from .role_variables import specifications
from .run_store import RunStore

INCOMPLETE: Mapping[str, Any] = {"schema": SCHEMA, "state": "incomplete"}


def write(path: str, data: Mapping[str, Any]) -> None:
    """The plan as JSON."""
    write_text(Path(path).expanduser(), json.dumps(data, indent=2, default=str) + "\n")


def read(path: str) -> dict[str, Any]:
    """What a plan file holds; what is no such file is ``Invalid``."""
    try:
        found = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"The plan {path} cannot be read: {error}.", "Make one with -e plan_to=FILE --check.") from error
    if not isinstance(found, dict):
        raise Invalid(f"{path} is not a plan.", "Make one with -e plan_to=FILE --check.")
    return found


def binding(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan made in this run belongs to: machines, wishes, hosts and tags, this very collection, and a time."""
    hosts = sorted(variables["ansible_play_hosts_all"])
    recorded = {host: RunStore().recall(host) for host in hosts}
    return {
        "made": time.time(),
        "version": collection.version(),
        "source": collection.source_digest(),
        "hosts": hosts,
        "tags": sorted(variables.get("ansible_run_tags", ())),
        "wishes": _wishes(variables, hosts),
        "identities": {
            host: asdict(identity.observe(Replay(recording)))
            for host, recording in recorded.items()
            if recording is not None
        },
    }


def _wishes(variables: Mapping[str, Any], hosts: Iterable[str]) -> str:
    """A digest of the roles' variables. No secret goes into it, as a digest lets one try what a secret may be."""
    specs = {name: spec for options in specifications().values() for name, spec in options.items()}
    wishes = {
        host: {
            name: without_secrets(variables["hostvars"][host][name], spec)
            for name, spec in specs.items()
            if name in variables["hostvars"][host] and not spec.get("no_log")
        }
        for host in hosts
    }
    return digest(wishes, {})


def without_secrets(value: Any, spec: Mapping[str, Any]) -> Any:
    """The value of an option without the suboptions that its specification calls ``no_log``."""
    options = spec.get("options")
    if not options:
        return value
    if isinstance(value, list):
        return [without_secrets(one, spec) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: without_secrets(one, options.get(name, {}))
        for name, one in value.items()
        if not options.get(name, {}).get("no_log")
    }


class DoneSteps:
    """The steps carried out for one saved plan, in a file of this user's cache on the controller."""

    def __init__(self, plan: Mapping[str, Any], directory: Optional[Path] = None) -> None:
        name = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()
        self._path = (directory or cache_folder() / "plans") / name

    def add(self, keys: Iterable[Key]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self._path, "a", encoding="utf-8") as stream:
            stream.writelines(f"{json.dumps(key)}\n" for key in keys)

    @property
    def keys(self) -> frozenset[Key]:
        if not self._path.is_file():
            return frozenset()
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return frozenset((host, subject, step) for host, subject, step in map(json.loads, lines))
