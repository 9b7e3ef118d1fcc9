# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node becomes the wanted NFS server, without ever restarting one that serves."""

from __future__ import annotations

from ...engine.plan import MakeDirectory, Plan, Run, Step, WriteFile
from ...model.debian.apt import install
from ...model.nfs.conf import Settings, render_settings
from ...model.nfs.server import (
    EXPORTS_FILE,
    PACKAGE,
    DesiredNfsServer,
    Export,
    ObservedNfsServer,
    Withdrawn,
    as_document,
    canonical_host,
)
from ...model.nfs.text import parse_exports, render_exports
from . import settings as conf
from .refusals import refuse_exports
from .table import is_served, made_at_run_time, to_withdraw
from .warnings import warn_of_exports

#: exportfs has no dry run, and `exportfs -a` on a file it cannot read hands over a part of it. So it tries the new
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
    withdrawn = to_withdraw(desired, observed)
    changed = not same_exports(desired.exports, parse_exports(observed.declared or ""), observed)
    return Plan(
        steps=(
            *conf.declare(settings, observed.settings),
            *_install(observed),
            *_directories(desired, observed),
            *(_write(desired, withdrawn) if changed or observed.declared is None else ()),
            *_start(desired, observed),
            *_serve(desired, observed, changed),
            *(_withdraw(one) for one in withdrawn),
            *conf.hand_over(settings, observed.settings),
        ),
        refusals=(*refuse_exports(desired, observed), *conf.refuse_settings(settings, observed.settings)),
        warnings=(
            *(warn_of_exports(desired, observed) if changed else ()),
            *conf.warn_of_settings(settings, observed.settings),
        ),
        before={"exports": (observed.declared or "").splitlines(), "settings": observed.settings.managed or ""},
        after={
            "exports": render_exports(desired.exports, withdrawn).splitlines(),
            "settings": render_settings(settings) or "",
            "directories": as_document(desired.exports),
        },
    )


def same_exports(wanted: tuple[Export, ...], declared: tuple[Export, ...], observed: ObservedNfsServer) -> bool:
    """Do both let the same clients do the same, in whatever order and spelling?"""
    return _meanings(wanted, observed) == _meanings(declared, observed)


def _meanings(exports: tuple[Export, ...], observed: ObservedNfsServer) -> dict[tuple[str, str], object]:
    """Place and client → what it may; of two declarations exportfs takes the first."""
    found: dict[tuple[str, str], object] = {}
    for export in exports:
        for client in export.clients:
            found.setdefault((observed.real(export.path), canonical_host(client.host)), client.means.key)
    return found


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


def _write(desired: DesiredNfsServer, withdrawn: tuple[Withdrawn, ...]) -> tuple[Step, ...]:
    why = f"write {EXPORTS_FILE} (tried by exportfs first){_roots(desired.exports)}"
    hint = "The file in use and what is exported have not changed."
    content = render_exports(desired.exports, withdrawn)
    action = WriteFile(EXPORTS_FILE, content, validate=_TRY_EXPORTS, fail_on=_LEFT_OUT)
    return (Step(why, action, id=f"file.write:{EXPORTS_FILE}", topic="file", hint=hint),)


def _roots(exports: tuple[Export, ...]) -> str:
    """Who becomes root where: the one thing that must not be overlooked in a plan."""
    granted = [(export.path, client.host) for export in exports for client in export.clients if client.writes_as_root]
    if not granted:
        return ""
    clients = ", ".join(f"{host} on {path}" for path, host in granted)
    return f"; root on a client is root on the export (no_root_squash): {clients}"


def _start(desired: DesiredNfsServer, observed: ObservedNfsServer) -> tuple[Step, ...]:
    """The start makes the table anew from the files, which is said if it takes something away."""
    if observed.unit_enabled and observed.unit_active:
        return ()
    lost = () if observed.unit_active else made_at_run_time(desired, observed)
    said = ", ".join(f"{path} to {host}" for path, host in lost)
    loss = f"; its start withdraws what no file declares: {said}" if said else ""
    action = Run(("systemctl", "enable", "--now", "nfs-server.service"))
    return (Step(f"enable and start nfs-server{loss}", action, id="service.enable:nfs-server", topic="service"),)


def _serve(desired: DesiredNfsServer, observed: ObservedNfsServer, changed: bool) -> tuple[Step, ...]:
    if not desired.exports or not changed and all(is_served(export, observed) for export in desired.exports):
        return ()
    why = "hand the exports to the running server (exportfs -a)"
    return (Step(why, Run(("exportfs", "-a")), id="exports.load", topic="service"),)


def _withdraw(one: Withdrawn) -> Step:
    """As exportfs(8) wants it: an IPv6 address in brackets, its prefix behind them."""
    address, slash, prefix = one.host.partition("/")
    host = f"[{address}]{slash}{prefix}" if ":" in address else one.host
    why = f"withdraw the export of {one.path} to {one.host} (exportfs -u)"
    action = Run(("exportfs", "-u", f"{host}:{one.path}"))
    return Step(why, action, id=f"export.withdraw:{one.host}:{one.path}", topic="service")
