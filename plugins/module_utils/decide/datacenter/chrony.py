# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the time that a node has to a common source of it.

That chronyd says Normal and an offset of 0 proves nothing: so it does with nothing but its own clock. Nothing here sets
a clock: chronyd does, at once in its first three updates and slowly after them, and is waited for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, Wait, WriteFile
from ...engine.reader import command
from ...model.datacenter.chrony import CONF, PACKAGE, SOURCES, TRACKING, UNIT, DesiredChrony, ObservedChrony
from ...model.debian.apt import install

_SERVER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*")
#: What has an address is no clock of the node's own.
_FOLLOWED = r"^[0-9A-F]{8},[^,]+,.*,(Normal|Insert second|Delete second)$"
_FOLLOWS = Condition(
    command(*TRACKING), (), "matches", _FOLLOWED, "the node to follow a source that is not its own clock"
)
#: Seconds of a web server's Date, and the way to it.
_EXACT = 2.0


def desired_from(params: Mapping[str, Any]) -> DesiredChrony:
    wrong = [one for one in params["servers"] if not _SERVER.fullmatch(one)]
    if wrong:
        raise Invalid(f"chrony: {', '.join(map(repr, wrong))} is no name or address of a server.")
    return DesiredChrony(tuple(dict.fromkeys(params["servers"])), params["local"])


def decide(desired: DesiredChrony, observed: ObservedChrony) -> Plan:
    if desired.idle:
        return Plan()
    steps, told = tuple(_steps(desired, observed)), tuple(_unsynchronised(desired, observed))
    files = ({SOURCES: observed.sources, CONF: observed.conf}, {SOURCES: desired.sources, CONF: desired.conf})
    before, after = map(_lines, files)
    return Plan(steps, tuple(_refuse_others(observed)), told if observed.installed else (), before, after)


def _lines(files: Mapping[str, Optional[str]]) -> dict[str, list[str]]:
    return {path: text.splitlines() for path, text in files.items() if text is not None}


def _steps(desired: DesiredChrony, observed: ObservedChrony) -> Iterator[Step]:
    if not observed.installed:
        yield Step(f"install {PACKAGE}", install(PACKAGE), f"package.install:{PACKAGE}", "packages")
    if observed.sources != desired.sources:
        why = f"have the time from {', '.join(desired.servers) or 'its own clock'}"
        yield Step(why, WriteFile(SOURCES, desired.sources), f"file.write:{SOURCES}", "file")
    if observed.conf != desired.conf:
        action = RemoveFile(CONF) if desired.conf is None else WriteFile(CONF, desired.conf)
        verb, may = ("remove", "no longer be") if desired.conf is None else ("write", "be")
        why = f"let the clock of this node {may} the source where there is no other"
        yield Step(why, action, f"file.{verb}:{CONF}", "file")
    if observed.conf != desired.conf or (desired.local and any(_unsynchronised(desired, observed))):
        yield Step(
            "restart chronyd", Run(("systemctl", "restart", UNIT)), f"service.restart:{UNIT}", "service", unseen=True
        )
    elif observed.sources != desired.sources or any(_unsynchronised(desired, observed)):
        reload = Run(("chronyc", "reload", "sources"))
        yield Step("have chronyd read its sources", reload, "chrony.reload", "service", unseen=True)
    if not desired.local and any(_unsynchronised(desired, observed)):
        wait = Wait((_FOLLOWS,), timeout=90)
        hint = "See `chronyc sources` there. A clock that is far off is set when chronyd starts, as at the next boot."
        yield Step("wait until the node follows a source", wait, "chrony.wait", "service", hint=hint)


def _refuse_others(observed: ObservedChrony) -> Iterator[Refusal]:
    """chrony's package takes timesyncd away; others that run set the clock against it."""
    if observed.installed and observed.others:
        names = ", ".join(observed.others)
        yield Refusal(f"Beside chrony, {names} sets the clock of {observed.node}.", "Stop and disable it.")


def _unsynchronised(desired: DesiredChrony, observed: ObservedChrony) -> Iterator[str]:
    """Why the node has no common source of time; nothing where it has one."""
    tracking = observed.tracking
    if tracking is None:
        yield f"chronyd on {observed.node} does not answer."
    elif not tracking.synchronised(desired.local):
        told = {"local": "only its own clock", "none": "no source", "source": f"{tracking.source}, {tracking.leap}"}
        yield f"{observed.node} has no common source of time: {told[tracking.reference]}, {tracking.offset:+.3f} s."


def not_together(node: str, clocks: Mapping[str, Optional[float]]) -> Iterator[str]:
    """Clocks that a node sees apart from its own, by more than a web server's Date can be wrong."""
    for name, ahead in sorted(clocks.items()):
        if ahead is None:
            yield f"{node} cannot tell the clock of {name}: its web interface does not answer."
        elif abs(ahead) > _EXACT:
            yield f"The clock of {name} is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} that of {node}."
