# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a report is made from, in the run's own store, and the files that it becomes: readable by their owner alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils.engine.errors import Invalid
from ..module_utils.engine.reader import Replay
from ..module_utils.model.node.look import SiteLook
from ..module_utils.observe.node import look as node_look
from . import saved_plan
from .own_files import write_text
from .run_store import RunStore


def look(variables: Mapping[str, Any]) -> SiteLook:
    """What every host of the play said; results of node_observation are in ``report_told``."""
    hosts = list(variables["ansible_play_hosts_all"])
    own = {host: variables["hostvars"][host] for host in hosts}
    recordings = {host: RunStore().recall_look(host) for host in hosts}
    found = {host: one for host, one in recordings.items() if one is not None}
    return SiteLook(
        order=tuple(hosts),
        nodes={host: node_look.observe(Replay(recording)) for host, recording in found.items()},
        silent={host: _why(own[host]) for host in hosts if host not in found},
        addresses={host: str(own[host]["ansible_host"]) for host in hosts if "ansible_host" in own[host]},
    )


def _why(variables: Mapping[str, Any]) -> str:
    told = variables.get("report_told", {})
    return str(told.get("msg", "It was not asked."))


def read(path: str) -> Any:
    try:
        return json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"The report {path} cannot be read: {error}.", "Name a report.json of earlier.") from error


def write(path: str, page: str, document: Mapping[str, Any]) -> list[str]:
    """The page, and beside it the document."""
    beside = str(Path(path).with_suffix(".json"))
    if beside == path:
        raise Invalid(f"The report cannot be written to {path}.", "Name a file that ends with .html.")
    write_text(Path(path).expanduser(), page)
    saved_plan.write(beside, document)
    return [path, beside]
