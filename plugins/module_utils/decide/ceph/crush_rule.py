# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which CRUSH rules are made. Existing ones are compared as the data they are, and never rewritten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step
from ...model.ceph.crush_rule import DesiredCrushRule, DesiredCrushRules
from ...model.ceph.state import CephCluster, CrushRule, ObservedCeph
from .pool_refusals import refuse_silence

_CREATE = ("ceph", "--connect-timeout", "10", "osd", "crush", "rule", "create-replicated")
_NAME = r"[A-Za-z0-9_.-]+"


def desired_from(params: Mapping[str, Any]) -> DesiredCrushRules:
    """Module parameters → desired state."""
    rules = tuple(DesiredCrushRule(**rule) for rule in params["rules"])
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"The CRUSH rule {', '.join(twice)} is listed twice.", "List every rule once.")
    for rule in rules:
        words = (rule.name, rule.root, rule.failure_domain, rule.device_class or "any")
        wrong = [word for word in words if not re.fullmatch(_NAME, word)]
        if wrong:
            raise Invalid(f"CRUSH rule {rule.name!r}: {wrong[0]!r} is no name.", "Use letters, digits, dot, _ and -.")
    return DesiredCrushRules(rules)


def decide(desired: DesiredCrushRules, observed: ObservedCeph) -> Plan:
    if observed.silence is not None and desired.rules:
        return Plan(refusals=(refuse_silence(observed.silence),))
    cluster = observed.cluster
    found = {} if cluster is None else {rule.name: rule for rule in cluster.rules}
    refusals = [_different(wanted, found[wanted.name]) for wanted in desired.rules if wanted.name in found]
    return Plan(
        steps=tuple(_create(wanted) for wanted in desired.rules if wanted.name not in found),
        refusals=tuple(refusal for refusal in refusals if refusal is not None),
        warnings=tuple(_warnings(desired, cluster)),
        before={"rules": sorted(found)},
        after={"rules": sorted({*found, *(wanted.name for wanted in desired.rules)})},
    )


def _create(wanted: DesiredCrushRule) -> Step:
    words = (wanted.name, wanted.root, wanted.failure_domain)
    argv = (*_CREATE, *words, *((wanted.device_class,) if wanted.device_class else ()))
    hint = f"There must be OSDs of the class {wanted.device_class} (`ceph osd crush class ls`)."
    why = f"create CRUSH rule {wanted.name}: {_text(wanted)}"
    action = Run(argv, timeout=120)
    return Step(why, action, f"crush-rule.create:{wanted.name}", "data", hint=hint if wanted.device_class else "")


def _text(wanted: DesiredCrushRule) -> str:
    of_class = f"{wanted.device_class} OSDs" if wanted.device_class else "OSDs"
    return f"every replica on another {wanted.failure_domain}, on {of_class} below {wanted.root}"


def _different(wanted: DesiredCrushRule, found: CrushRule) -> Optional[Refusal]:
    """A rule that was changed would move the data of every pool that uses it, all at once."""
    pairs = (
        ("root", wanted.root, ", ".join(sorted(found.roots))),
        ("failure_domain", wanted.failure_domain, found.failure_domain),
        ("device_class", wanted.device_class, found.device_class),
    )
    others = [f"{key} {has or 'any'} and not {value or 'any'}" for key, value, has in pairs if value != has]
    if not others:
        return None
    reason = f"CRUSH rule {wanted.name} exists, with {', '.join(others)}."
    return Refusal(
        reason, "Make a rule of another name, and give the pools that one; their data then moves, pool by pool."
    )


def _warnings(desired: DesiredCrushRules, cluster: Optional[CephCluster]) -> list[str]:
    classes = set() if cluster is None else {osd.device_class for osd in cluster.osds}
    missing = [rule for rule in desired.rules if classes and rule.device_class and rule.device_class not in classes]
    return [f"CRUSH rule {rule.name}: there is no OSD of the class {rule.device_class}." for rule in missing]
