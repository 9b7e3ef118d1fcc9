# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide on nfs.conf: how many threads the server has and which versions it speaks, without ever restarting it."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal, RemoveFile, Run, Step, WriteFile
from ...model.nfs.conf import (
    SETTINGS_FILE,
    ObservedSettings,
    Settings,
    as_options,
    parse_nfsd,
    render_settings,
    shown,
)


def declare(wanted: Settings, observed: ObservedSettings) -> tuple[Step, ...]:
    """Before the server is installed, because the package starts it."""
    text = render_settings(wanted)
    if text is None:
        why = f"remove {SETTINGS_FILE} (the server's own defaults hold again)"
        gone = Step(why, RemoveFile(SETTINGS_FILE), id=f"file.remove:{SETTINGS_FILE}", topic="file")
        return () if observed.managed is None else (gone,)
    if observed.managed is not None and parse_nfsd(observed.managed) == as_options(wanted):
        return ()
    why = f"write {SETTINGS_FILE} ({_sentence(wanted)})"
    return (Step(why, WriteFile(SETTINGS_FILE, text), id=f"file.write:{SETTINGS_FILE}", topic="file"),)


def hand_over(wanted: Settings, observed: ObservedSettings) -> tuple[Step, ...]:
    """The number of threads is the one thing that a running server takes."""
    if None in (wanted.threads, observed.running.threads) or wanted.threads == observed.running.threads:
        return ()
    why = f"give the running server {wanted.threads} threads in place of {observed.running.threads} (rpc.nfsd)"
    return (Step(why, Run(("rpc.nfsd", str(wanted.threads))), id="nfsd.set:threads", topic="service"),)


def refuse_settings(wanted: Settings, observed: ObservedSettings) -> Iterator[Refusal]:
    options = as_options(wanted)
    if options and not observed.supported:
        yield Refusal(
            "nfs-utils of this Debian release does not read nfs.conf.",
            "Leave threads and versions out for this node, and set RPCNFSDCOUNT in /etc/default/nfs-kernel-server.",
        )
    for path, others in observed.overriding.items():
        differing = sorted(key for key in options if others.get(key, options[key]) != options[key])
        if differing:
            yield Refusal(
                f"{path} is read after {SETTINGS_FILE} and says otherwise: "
                + ", ".join(f"{key}={others[key]}" for key in differing)
                + ".",
                "Remove these options there, or leave them out here.",
            )


def warn_of_settings(wanted: Settings, observed: ObservedSettings) -> Iterator[str]:
    running = observed.running.versions
    if wanted.versions is not None and running is not None and running != wanted.versions:
        yield (
            f"The running NFS server speaks {shown(running)}; it will speak {shown(wanted.versions)} when it starts"
            " next. It is not restarted here: do that when its clients can wait for a minute or two"
            " (`systemctl restart nfs-server`)."
        )


def _sentence(wanted: Settings) -> str:
    said = [] if wanted.threads is None else [f"{wanted.threads} threads"]
    return ", ".join(said + ([] if wanted.versions is None else [f"NFS {shown(wanted.versions)}"]))
