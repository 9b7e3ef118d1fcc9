# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node becomes the wanted NFS server, without ever restarting one that serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Invalid
from ..model.nfs_server import (
    DEFAULT_OPTIONS,
    EXPORTS_FILE,
    PACKAGE,
    Client,
    Export,
    NfsServer,
    NfsServerObserved,
    as_document,
    render_exports,
)
from ..model.plan import MakeDirectory, Plan, Refusal, Run, Step, WriteFile

_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends", "install")


def desired_from(params: Mapping[str, Any]) -> NfsServer:
    """Module parameters → desired state."""
    exports = tuple(
        Export(
            path=export["path"],
            owner=export["owner"],
            group=export["group"],
            mode=int(str(export["mode"]), 8),
            clients=tuple(
                Client(client["host"], tuple(client["options"] or DEFAULT_OPTIONS)) for client in export["clients"]
            ),
        )
        for export in params["exports"]
    )
    paths = [export.path for export in exports]
    for path in paths:
        if not path.startswith("/") or path != "/" and path.endswith("/"):
            raise Invalid(f"The export path {path!r} is not an absolute path without a slash at its end.")
        if paths.count(path) > 1:
            raise Invalid(f"{path} is listed twice.", "Give one export all of its clients.")
    return NfsServer(exports, params["allow_any_client"])


def decide(desired: NfsServer, observed: NfsServerObserved) -> Plan:
    wanted = render_exports(desired.exports)
    return Plan(
        steps=(
            *_install(observed),
            *_directories(desired, observed),
            *_exports_file(wanted, observed),
            *_serve(desired, observed, file_changes=observed.declared != wanted),
        ),
        refusals=(*_refuse_any_client(desired), *_refuse_foreign(desired, observed), *_refuse_not_directory(observed)),
        before={"exports": (observed.declared or "").splitlines()},
        after={"exports": wanted.splitlines(), "directories": as_document(desired.exports)},
    )


def _install(observed: NfsServerObserved) -> tuple[Step, ...]:
    if observed.installed:
        return ()
    return (Step(f"install {PACKAGE}", Run((*_APT, PACKAGE), timeout=1200)),)


def _directories(desired: NfsServer, observed: NfsServerObserved) -> tuple[Step, ...]:
    steps = []
    for export in desired.exports:
        found = observed.directories.get(export.path)
        if found is not None and (found.owner, found.group, found.mode) == (export.owner, export.group, export.mode):
            continue
        verb = "make the directory" if found is None else "correct owner and mode of"
        why = f"{verb} {export.path} ({export.owner}:{export.group}, {export.mode:04o})"
        steps.append(Step(why, MakeDirectory(export.path, export.owner, export.group, export.mode)))
    return tuple(steps)


def _exports_file(wanted: str, observed: NfsServerObserved) -> tuple[Step, ...]:
    if observed.declared == wanted:
        return ()
    return (Step(f"write {EXPORTS_FILE}", WriteFile(EXPORTS_FILE, wanted)),)


def _serve(desired: NfsServer, observed: NfsServerObserved, file_changes: bool) -> tuple[Step, ...]:
    steps = []
    if not (observed.unit_enabled and observed.unit_active):
        action = Run(("systemctl", "enable", "--now", "nfs-server.service"))
        steps.append(Step("enable and start nfs-server", action))
    served = all(
        {client.host for client in export.clients} <= observed.active.get(export.path, frozenset())
        for export in desired.exports
    )
    if file_changes or not served:
        steps.append(Step("hand the exports to the running server (exportfs -ra)", Run(("exportfs", "-ra"))))
    return tuple(steps)


def _refuse_any_client(desired: NfsServer) -> tuple[Refusal, ...]:
    if desired.allow_any_client:
        return ()
    return tuple(
        Refusal(
            f"{export.path} would be exported to '{client.host}', that is to everybody who can reach this node.",
            "Name the storage network instead (for example 10.10.2.0/24), or set allow_any_client.",
        )
        for export in desired.exports
        for client in export.clients
        if client.host in ("*", "0.0.0.0/0", "::/0")
    )


def _refuse_foreign(desired: NfsServer, observed: NfsServerObserved) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(
            f"{export.path} is already exported by /etc/exports or another file in /etc/exports.d.",
            "Remove it there or here: two declarations of one path contradict each other sooner or later.",
        )
        for export in desired.exports
        if export.path in observed.foreign_paths
    )


def _refuse_not_directory(observed: NfsServerObserved) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(f"{path} exists and is a {found.kind}, not a directory.", "Export another path.")
        for path, found in observed.directories.items()
        if found is not None and found.kind != "directory"
    )
