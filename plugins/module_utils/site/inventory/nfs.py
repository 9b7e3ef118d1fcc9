# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NFS server of a running node in the words of its role's variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...decide.nfs.desired import desired_from
from ...decide.nfs.server import decide
from ...decide.nfs.table import made_at_run_time
from ...engine.errors import Invalid
from ...engine.plan import Plan
from ...model.nfs.conf import Settings, parse_nfsd, settings_of
from ...model.nfs.server import DesiredNfsServer, Export, ObservedNfsServer, as_document
from ...model.nfs.text import parse_exports
from .node import Variables, given

_PREFIX = "nfs_server_"
_DANGERS = ("allow_any_client", "allow_insecure_ports", "allow_world_writable")


def nfs_server_variables(observed: ObservedNfsServer) -> Variables:
    """What the managed file exports, with the dangers that it has, and the settings that are declared beside it."""
    exports = tuple(_as_found(export, observed) for export in parse_exports(observed.declared or ""))
    if not exports:
        return {}
    clients = [client for export in exports for client in export.clients]
    settings = _settings(observed)
    found = {
        "exports": as_document(exports),
        "threads": settings.threads,
        "versions": None if settings.versions is None else sorted(settings.versions),
        "allow_any_client": any(client.is_anybody for client in clients) or None,
        "allow_insecure_ports": any(client.from_any_port for client in clients) or None,
        "allow_world_writable": any(export.is_world_writable for export in exports) or None,
    }
    return given({f"{_PREFIX}{name}": value for name, value in found.items()})


def _as_found(export: Export, observed: ObservedNfsServer) -> Export:
    found = observed.directories.get(export.path)
    return export if found is None else replace(export, owner=found.owner, group=found.group, mode=found.mode)


def _settings(observed: ObservedNfsServer) -> Settings:
    return settings_of(parse_nfsd(observed.settings.managed or ""))


def nfs_server_notes(observed: ObservedNfsServer) -> Iterator[str]:
    for path, file in observed.foreign.items():
        if file.exports:
            exported = ", ".join(one.path for one in file.exports)
            yield f"{path} exports {exported}, which no role manages; it is left alone."
    for path, host in made_at_run_time(DesiredNfsServer(), observed):
        yield f"{path} is exported to {host}, though no file declares it; it is left alone."
    try:
        plan = _plan(observed)
    except Invalid as error:
        yield f"site.yml will refuse what this node exports: {error.message}"
        return
    for refusal in plan.refusals:
        yield f"site.yml will refuse what this node exports: {refusal}"
    for sentence in plan.sentences:
        yield f"site.yml will change the NFS server of this node: {sentence}."


def _plan(observed: ObservedNfsServer) -> Plan:
    """What the role would do with these variables."""
    said = {name[len(_PREFIX) :]: value for name, value in nfs_server_variables(observed).items()}
    silent: dict[str, Any] = {"exports": [], "networks": [], "threads": None, "versions": None}
    return decide(desired_from({**silent, **dict.fromkeys(_DANGERS, False), **said}), observed)
