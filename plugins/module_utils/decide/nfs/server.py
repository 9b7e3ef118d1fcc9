# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node becomes the wanted NFS server, without ever restarting one that serves."""

from __future__ import annotations

from collections.abc import Mapping

from ...engine.plan import MakeDirectory, Plan, Run, Step, WriteFile
from ...model.debian.apt import install
from ...model.nfs.conf import Settings, render_settings
from ...model.nfs.options import effective, same_meaning
from ...model.nfs.server import (
    EXPORTS_FILE,
    PACKAGE,
    Client,
    DesiredNfsServer,
    Export,
    ObservedNfsServer,
    as_document,
    canonical_host,
    is_name,
)
from ...model.nfs.text import parse_exports, render_exports
from . import settings as conf
from .refusals import refuse_exports
from .warnings import warn_of_exports

#: exportfs has no dry run, and `exportfs -ra` on a file it cannot read takes away every export. So it tries the new
#: file first in a mount namespace of its own: the draft in the place of the managed file, an empty table to write to.
_TRY_EXPORTS = (
    *("systemd-run", "--quiet", "--wait", "--pipe", "--collect"),
    *("--property", f"BindReadOnlyPaths=%s:{EXPORTS_FILE}"),
    *("--property", "TemporaryFileSystem=/var/lib/nfs"),
    *("exportfs", "-ra"),
)

#: What exportfs only remarks on before it exits with 0: a client that it leaves out, a file system nobody could mount.
_LEFT_OUT = (r"exportfs: Failed to resolve", r"does not support NFS export", r"requires fsid= for NFS export")


def decide(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Plan:
    if not desired.exports and observed.declared is None and observed.settings.managed is None:
        return Plan()
    settings = desired.settings if desired.exports else Settings()
    changed = not same_exports(desired.exports, parse_exports(observed.declared or ""))
    return Plan(
        steps=(
            *conf.declare(settings, observed.settings),
            *_install(observed),
            *_directories(desired, observed),
            *(_write(desired) if changed or observed.declared is None else ()),
            *_serve(desired, observed, changed),
            *conf.hand_over(settings, observed.settings),
        ),
        refusals=(*refuse_exports(desired, observed), *conf.refuse_settings(settings, observed.settings)),
        warnings=(
            *(warn_of_exports(desired, observed) if changed else ()),
            *conf.warn_of_settings(settings, observed.settings),
        ),
        before={"exports": (observed.declared or "").splitlines(), "settings": observed.settings.managed or ""},
        after={
            "exports": render_exports(desired.exports).splitlines(),
            "settings": render_settings(settings) or "",
            "directories": as_document(desired.exports),
        },
    )


def same_exports(wanted: tuple[Export, ...], declared: tuple[Export, ...]) -> bool:
    """Do both let the same clients do the same, in whatever order and spelling?"""
    return _meanings(wanted) == _meanings(declared) and len(wanted) == len(declared)


def _meanings(exports: tuple[Export, ...]) -> dict[str, frozenset[object]]:
    return {export.path: frozenset(client.meaning for client in export.clients) for export in exports}


def _install(observed: ObservedNfsServer) -> tuple[Step, ...]:
    if observed.installed:
        return ()
    action = install(PACKAGE, recommended=False)
    return (Step(f"install {PACKAGE}", action, id=f"package.install:{PACKAGE}", topic="packages"),)


def _directories(desired: DesiredNfsServer, observed: ObservedNfsServer) -> tuple[Step, ...]:
    steps = []
    for export in desired.exports:
        found = observed.directories.get(export.path)
        if found is not None and (found.owner, found.group, found.mode) == (export.owner, export.group, export.mode):
            continue
        verb = "make the directory" if found is None else "correct owner and mode of"
        why = f"{verb} {export.path} ({export.owner}:{export.group}, {export.mode:04o})"
        action = MakeDirectory(export.path, export.owner, export.group, export.mode)
        steps.append(Step(why, action, id=f"directory.make:{export.path}", topic="file"))
    return tuple(steps)


def _write(desired: DesiredNfsServer) -> tuple[Step, ...]:
    why = f"write {EXPORTS_FILE} (tried by exportfs first){_roots(desired.exports)}"
    hint = "The file in use and what is exported have not changed."
    action = WriteFile(EXPORTS_FILE, render_exports(desired.exports), validate=_TRY_EXPORTS, fail_on=_LEFT_OUT)
    return (Step(why, action, id=f"file.write:{EXPORTS_FILE}", topic="file", hint=hint),)


def _roots(exports: tuple[Export, ...]) -> str:
    """Who becomes root where: the one thing that must not be overlooked in a plan."""
    granted = [(export.path, client.host) for export in exports for client in export.clients if client.writes_as_root]
    if not granted:
        return ""
    return "; root there is root here (no_root_squash): " + ", ".join(f"{host} on {path}" for path, host in granted)


def _serve(desired: DesiredNfsServer, observed: ObservedNfsServer, changed: bool) -> tuple[Step, ...]:
    steps = []
    if not (observed.unit_enabled and observed.unit_active):
        action = Run(("systemctl", "enable", "--now", "nfs-server.service"))
        steps.append(Step("enable and start nfs-server", action, id="service.enable:nfs-server", topic="service"))
    declared = {export.path for exports in (desired.exports, *observed.foreign.values()) for export in exports}
    stale = set(observed.served) - declared
    served = all(_is_served(export, observed.served.get(export.path, {})) for export in desired.exports)
    if changed or stale or not served:
        why = "hand the exports to the running server (exportfs -ra)"
        steps.append(Step(why, Run(("exportfs", "-ra")), id="exports.reload", topic="service"))
    return tuple(steps)


def _is_served(export: Export, served: Mapping[str, Mapping[str, str]]) -> bool:
    """Exactly these clients, each as wanted. Names are counted, since exportfs serves what they resolve to."""
    left = dict(served)
    named = []
    for client in export.clients:
        found = left.pop(canonical_host(client.host), None)
        if found is None and is_name(client.host):
            named.append(client)
        elif found is None or not same_meaning(effective(client.options), found):
            return False
    return _names_served(named, left)


def _names_served(named: list[Client], left: dict[str, Mapping[str, str]]) -> bool:
    for client in named:
        wanted = effective(client.options)
        match = next((host for host in left if is_name(host) and same_meaning(wanted, left[host])), None)
        if match is None:
            return False
        del left[match]
    return not left
