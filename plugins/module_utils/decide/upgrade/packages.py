# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how the packages of a node are brought up to date, and what an earlier run has left half way is finished.

A file that somebody has changed stays as it is, and the new one lies beside it. That is dpkg's own question, so it is
answered to dpkg itself: what is said to apt, or to debconf, does not reach it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...engine.condition import Condition
from ...engine.plan import Plan, Refusal, Run, Step, Wait
from ...engine.reader import command
from ...model.debian.apt import finish_interrupted, full_upgrade, update
from ...model.node.state import STATE
from ...model.upgrade.packages import Packages
from ...model.upgrade.work import (
    DOWNLOADED,
    ENDED,
    FAILED,
    KILLED,
    LOG,
    UNIT,
    DesiredPackages,
    ObservedPackages,
)
from .node import refuse_node, warnings

_ENVIRONMENT = (
    "DEBIAN_FRONTEND=noninteractive",
    "APT_LISTCHANGES_FRONTEND=none",
    "NEEDRESTART_SUSPEND=1",
    "UCF_FORCE_CONFFOLD=1",
    "LC_ALL=C.UTF-8",
)
#: dpkg may have to wait until services have ended; it is never killed for that.
_DEADLINE = 2 * 3600
_SHOWN = 5
_BEGIN = "package.upgrade:all"


def desired_from(params: Mapping[str, Any]) -> DesiredPackages:
    return DesiredPackages(
        state=params["state"],
        removals=frozenset(params["removals"]),
        elsewhere=params["elsewhere"],
        done=frozenset(params["done"]),
    )


def decide(desired: DesiredPackages, observed: ObservedPackages) -> Plan:
    if observed.busy:
        return Plan((_wait(),))
    if observed.node is None:
        return Plan((Step("fetch apt's lists", update(), "index.fetch:all", "packages", unseen=True),))
    packages = observed.node.packages
    return Plan(
        steps=tuple(_download(packages) if desired.state == DOWNLOADED else _upgrade(desired, packages, observed)),
        refusals=(*refuse_node(observed.node, desired.removals), *_refuse_other_versions(desired, packages)),
        warnings=tuple(warnings(observed.node)),
        before={one.package: one.installed for one in packages.updates},
        after={one.package: one.available for one in packages.updates},
        tells={"updated": len(packages.updates)},
    )


def _refuse_other_versions(desired: DesiredPackages, packages: Packages) -> Iterator[Refusal]:
    """A mirror in the middle of its own update gives one node other versions than the next."""
    own = packages.candidates
    for node, candidates in sorted(desired.elsewhere.items()):
        names = sorted(name for name, version in candidates.items() if own.get(name, version) != version)
        if names:
            first = f"{names[0]} would be {own[names[0]]} here, and {candidates[names[0]]} on {node}"
            more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            yield Refusal(
                f"{first}{more}: a mirror is in the middle of its own update, or the repositories differ.",
                "Wait until it is done, or compare their repositories (node_info).",
            )


def _download(packages: Packages) -> Iterator[Step]:
    if packages.updates and not packages.unfinished:
        argv = full_upgrade().argv
        fetch = Run((*argv[:-1], "--download-only", argv[-1]), timeout=3600, retry_on=full_upgrade().retry_on)
        why = f"fetch {len(packages.updates)} packages"
        yield Step(why, fetch, "package.fetch:all", "packages", unseen=True)


def _upgrade(desired: DesiredPackages, packages: Packages, observed: ObservedPackages) -> Iterator[Step]:
    """What was begun in this run and is not at work any more has failed; waiting for it tells how."""
    if packages.unfinished or packages.updates:
        if _BEGIN not in desired.done:
            yield Step(_why(packages), _begin(packages), _BEGIN, "packages", hint=f"See {LOG}.")
        yield _wait()
    elif observed.services:
        for service in observed.services:
            if not service.runs:
                active = Condition(command("systemctl", "is-active", service.name), (), "succeeds")
                hint = f"systemctl status {service.name} says why it does not run."
                why = f"wait until {service.name} runs again"
                yield Step(why, Wait((active,)), f"service.wait:{service.name}", "service", hint=hint)


def _why(packages: Packages) -> str:
    parts = []
    if packages.unfinished:
        shown = ", ".join(sorted(packages.unfinished)[:_SHOWN])
        more = ", ..." if len(packages.unfinished) > _SHOWN else ""
        parts.append(f"configure what was left half way ({shown}{more})")
    if packages.updates or not parts:
        parts.append(f"upgrade {len(packages.updates)} packages")
    return f"{' and '.join(parts)}; a file that somebody has changed stays, and the new one lies beside it"


def _begin(packages: Packages) -> Run:
    """apt itself ends before it removes anything, unless this was said to be right."""
    argv = full_upgrade().argv
    removes = packages.simulation is not None and bool(packages.simulation.removed)
    commands = [finish_interrupted()[0].argv] if packages.unfinished else []
    commands.append(argv if removes else (*argv[:-1], "--no-remove", argv[-1]))
    given = [f"--setenv={one}" for one in _ENVIRONMENT]
    unit = ("systemd-run", "--quiet", "--collect", f"--unit={UNIT}", "--description=Upgrade of packages", *given)
    fresh = f'mkdir -p {STATE} && rm -f {LOG} && exec "$@"'  # what an earlier one wrote is no answer to this one
    return Run(("sh", "-c", fresh, "begin", *unit, "sh", "-c", work(commands)), timeout=60)


def work(commands: Iterable[tuple[str, ...]]) -> str:
    """What the unit runs: one after the other as long as all is well. The last line of its log says how that ended."""
    script = " && ".join(map(shlex.join, commands))
    return f"exec >{LOG} 2>&1 </dev/null; {script}; echo exit code $?"


def _wait() -> Step:
    wait = Wait((ENDED,), _DEADLINE, interval=2, lost=(FAILED, KILLED))
    return Step(
        "wait until the packages are installed",
        wait,
        "package.wait:all",
        "packages",
        hint=f"See {LOG}; running again goes on from there.",
    )
