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
from ...engine.plan import Plan, Run, Step, Wait
from ...engine.reader import command
from ...model.debian.apt import finish_interrupted, full_upgrade, update
from ...model.node.state import STATE
from ...model.upgrade.packages import Packages
from ...model.upgrade.work import (
    DOWNLOADED,
    ENDED,
    FAILED,
    FETCHED,
    KILLED,
    LOG,
    UNIT,
    DesiredPackages,
    ObservedPackages,
)
from .package_refusals import refuse_packages

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


def desired_from(params: Mapping[str, Any]) -> DesiredPackages:
    return DesiredPackages(params["state"], frozenset(params["removals"]))


def decide(desired: DesiredPackages, observed: ObservedPackages) -> Plan:
    if desired.state == FETCHED:
        return Plan((Step("fetch apt's lists", update(), "index.fetch:all", "packages", unseen=True),))
    packages = observed.packages
    if observed.busy:
        return Plan((_wait("wait until the packages that an earlier run began are installed"),))
    return Plan(
        steps=tuple(_download(packages) if desired.state == DOWNLOADED else _upgrade(desired, observed)),
        refusals=tuple(refuse_packages(packages, desired.removals)),
        before={one.package: one.installed for one in packages.updates},
        after={one.package: one.available for one in packages.updates},
        tells={"updated": len(packages.updates)},
    )


def _download(packages: Packages) -> Iterator[Step]:
    if packages.updates and not packages.unfinished:
        argv = full_upgrade().argv
        fetch = Run((*argv[:-1], "--download-only", argv[-1]), timeout=3600, retry_on=full_upgrade().retry_on)
        why = f"fetch {len(packages.updates)} packages"
        yield Step(why, fetch, "package.fetch:all", "packages", unseen=True)


def _upgrade(desired: DesiredPackages, observed: ObservedPackages) -> Iterator[Step]:
    packages = observed.packages
    if packages.unfinished or packages.updates:
        yield Step(_why(packages), _begin(desired, packages), "package.upgrade:all", "packages", hint=f"See {LOG}.")
        yield _wait("wait until the packages are installed")
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


def _begin(desired: DesiredPackages, packages: Packages) -> Run:
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


def _wait(why: str) -> Step:
    wait = Wait((ENDED,), _DEADLINE, interval=2, lost=(FAILED, KILLED))
    return Step(why, wait, "package.wait:all", "packages", hint=f"See {LOG}; running again goes on from there.")
