# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what is kept of the HA groups before an upgrade, and whether they have become the rules that they should.

The HA manager itself turns them into rules. It does so once every node runs 9, is online and not in maintenance; one
node that is not holds it up without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.condition import Condition
from ...engine.plan import Plan, Refusal, RemoveFile, Step, Wait, WriteFile
from ...engine.reader import Question
from ...model.cluster.section_config import parse_sections
from ...model.guest.ha import FOLDER
from ...model.upgrade.release_ha import (
    GROUPS,
    GROUPS_FILE,
    KEPT,
    AffinityRule,
    Migrated,
    ObservedReleaseHa,
    kept_text,
    migrated,
    parse_affinity_rules,
    parse_kept,
)

KEEP, SEEN = "kept", "migrated"
STATES = (KEEP, SEEN)
#: The HA manager looks once a minute, and whoever was in maintenance takes some rounds to be out of it.
_DEADLINE = 600
_GONE = Condition(Question("names", (FOLDER,)), (), "lacks", GROUPS)


def desired_from(params: Mapping[str, Any]) -> str:
    return str(params["state"])


def decide(state: str, observed: ObservedReleaseHa) -> Plan:
    return _keep(observed) if state == KEEP else _see(observed)


def _keep(observed: ObservedReleaseHa) -> Plan:
    """As long as there are groups; afterwards what was kept is all that tells of them."""
    if not observed.groups.strip():
        return Plan()
    will = migrated(observed.groups, observed.resources)
    text = kept_text(observed.groups, observed.resources)
    why = f"keep the HA groups as they are in {KEPT}, until their rules have been seen"
    step = Step(why, WriteFile(KEPT, text, mode=0o600), f"file.write:{KEPT}", "cluster")
    return Plan(
        steps=() if observed.kept == text else (step,),
        warnings=tuple(_warnings(will)),
        before={"kept": bool(observed.kept)},
        after={"kept": True},
        tells=_told(will),
    )


def _see(observed: ObservedReleaseHa) -> Plan:
    if not observed.kept:
        found = Refusal(f"{GROUPS_FILE} is there, and nothing was kept of it.", "Run this with the state kept first.")
        return Plan(refusals=(found,) if observed.groups.strip() else (), tells=_told(Migrated()))
    groups, resources = parse_kept(observed.kept)
    will = migrated(groups, resources)
    steps = []
    hint = "Every node has to be online, and none in maintenance."
    refusals = [Refusal(f"HA groups do not become rules: {node} {why}.", hint) for node, why in observed.busy.items()]
    if observed.groups.strip():
        says = "the HA manager to turn the groups into rules"
        steps.append(Step(f"wait for {says}", Wait((_GONE,), _DEADLINE, interval=5), "ha.wait-migrated:all", "cluster"))
    else:
        refusals += list(_refuse_rules(will, observed))
    forget = Step(f"forget what was kept in {KEPT}", RemoveFile(KEPT), f"file.remove:{KEPT}", "cluster")
    warnings = [*_warnings(will), *(_as_it_was(name, groups) for name in will.lost)]
    return Plan(steps=(*steps, forget), refusals=tuple(refusals), warnings=tuple(warnings), tells=_told(will))


def _refuse_rules(will: Migrated, observed: ObservedReleaseHa) -> Iterator[Refusal]:
    found = parse_affinity_rules(observed.rules)
    there = {f"{one['type']}:{name}" for name, one in parse_sections(observed.resources).items()}
    for name, wanted in will.rules.items():
        rule = found.get(name)
        if rule is None:
            if wanted.resources & there:
                reason = f"The HA rule {name} is not there, and was to come of a group."
                yield Refusal(reason, f"Make it: {_shown(wanted)}.")
        elif (rule.nodes, rule.strict) != (wanted.nodes, wanted.strict) or (wanted.resources & there) - rule.resources:
            yield Refusal(f"The HA rule {name} is {_shown(rule)}, where {_shown(wanted)} was a group.", "Correct it.")


def _shown(rule: AffinityRule) -> str:
    nodes = ",".join(f"{name}:{priority}" for name, priority in sorted(rule.nodes.items()))
    return f"{'strict ' if rule.strict else ''}{nodes} for {', '.join(sorted(rule.resources))}"


def _warnings(will: Migrated) -> Iterator[str]:
    if will.lost:
        yield f"No HA resource uses {', '.join(will.lost)}: such groups become no rules, and vanish."
    if will.orphans:
        yield f"{', '.join(will.orphans)} names an HA group that does not exist, and will be tied to no node."


def _as_it_was(name: str, groups: str) -> str:
    found = sorted(parse_sections(groups)[name].items())
    words = ", ".join(f"{key} {value}" for key, value in found if key != "type")
    return f"The HA group {name} was: {words}."


def _told(will: Migrated) -> dict[str, Any]:
    rules = {
        name: {"nodes": dict(rule.nodes), "resources": sorted(rule.resources), "strict": rule.strict}
        for name, rule in will.rules.items()
    }
    return {"rules": rules, "failback": dict(will.failback), "lost": list(will.lost), "orphans": list(will.orphans)}
