# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide on the driver of a node's watchdog. What is set holds from the next boot on: nobody restarts a watchdog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Step, WriteFile
from ...model.datacenter.watchdog import FILE, MODULE, ObservedWatchdog, with_module


@dataclass(frozen=True)
class DesiredWatchdog:
    """``module``: "" leaves it as it is."""

    module: str = ""


def desired_from(params: Mapping[str, Any]) -> DesiredWatchdog:
    module = params["module"] or ""
    if module and not MODULE.fullmatch(module):
        raise Invalid(f"{module!r} names no module of the kernel.", "Such as softdog, ipmi_watchdog or iTCO_wdt.")
    return DesiredWatchdog(module)


def decide(desired: DesiredWatchdog, observed: ObservedWatchdog) -> Plan:
    tells = {"node": observed.node, "driver": observed.driver, "module": observed.module}
    if not desired.module:
        return Plan(warnings=_warnings(observed, observed.module), tells=tells)
    if observed.text is None:
        missing = Refusal(f"{FILE} is not there: the HA manager is not installed.", "Install Proxmox VE first.")
        return Plan(refusals=(missing,), tells=tells)
    steps: tuple[Step, ...] = ()
    if observed.module != desired.module:
        action = WriteFile(FILE, with_module(observed.text, desired.module))
        why = f"name the module of the watchdog in {FILE}: {desired.module}, from the next boot on"
        steps = (Step(why, action, f"file.write:{FILE}", "file"),)
    return Plan(
        steps=steps,
        warnings=_warnings(observed, desired.module),
        before={"module": observed.module},
        after={"module": desired.module},
        tells={**tells, "module": desired.module},
    )


def _warnings(observed: ObservedWatchdog, module: str) -> tuple[str, ...]:
    if observed.is_other or (observed.driver and observed.module != module):
        told = f"{observed.node} has the watchdog '{observed.driver}' in this boot, and {module} is set: restart it."
        return (told,)
    return ()
