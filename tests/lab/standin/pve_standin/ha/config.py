"""ha/resources.cfg and ha/rules.cfg."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pve_standin.core import cfs, release, sectionconfig
from pve_standin.core.cfs import node_list
from pve_standin.core.errors import ApiError
from pve_standin.core.sectionconfig import Section, Sections
from pve_standin.guest import config as guests

RESOURCES = "ha/resources.cfg"
RULES = "ha/rules.cfg"
GROUPS = "ha/groups.cfg"
_REQUIRED = {"node-affinity": ("nodes", "resources"), "resource-affinity": ("affinity", "resources")}
_KNOWN = frozenset(
    ("affinity", "comment", "disable", "failback", "group", "max_relocate", "max_restart", "nodes", "nofailback")
    + ("resources", "restricted", "state", "strict")
)
_INTEGERS = ("max_relocate", "max_restart", "failback", "nofailback", "restricted", "strict", "disable")


def read(path: str) -> Sections:
    return sectionconfig.parse(cfs.cfs_read(path) or "")


def digest(path: str) -> str:
    return hashlib.sha1((cfs.cfs_read(path) or "").encode()).hexdigest()


@contextmanager
def changed(path: str, doing: str = "", known: str = "") -> Iterator[Sections]:
    """Change one of the files under the manager's lock. known: the digest of what the caller has seen."""
    with cfs.cfs_lock("domain-ha"):
        sections = read(path)
        try:
            if known and known != digest(path):
                raise ApiError(500, "detected modified configuration - file changed by other user? Try again.")
            yield sections
        except ApiError as error:
            raise ApiError(error.code, f"{doing} failed: {error.message}" if doing else error.message) from error
        (cfs.absolute("ha")).mkdir(exist_ok=True)
        cfs.cfs_write(path, sectionconfig.dump(sections))


def sid_parts(sid: str) -> list[str]:
    """'vm:100', 'ct:101' or '100' -> [type, id]."""
    match = re.fullmatch(r"(?:(vm|ct):)?(\d+)", sid)
    if not match:
        raise ApiError(500, f"unknown section type '{sid.partition(':')[0]}'")
    if match.group(1):
        return [match.group(1), match.group(2)]
    known = guests.guests().get(int(match.group(2)))
    if known is None:
        raise ApiError(500, f"unable to get resource type of '{sid}'")
    return ["ct" if known["type"] == "lxc" else "vm", match.group(2)]


def options_of(section: Section) -> dict[str, Any]:
    return {key: int(value) if key in _INTEGERS else value for key, value in section.options.items()}


def add_resource(sid: str, options: Mapping[str, Any]) -> None:
    kind, number = sid_parts(sid)
    known = guests.guests().get(int(number))
    if known is None or (known["type"] == "lxc") != (kind == "ct"):
        noun = "CT" if kind == "ct" else "VM"
        why = "does not exist in cluster" if known is None else f"- guest with ID {number} is not a {noun}"
        raise ApiError(500, f"resource '{kind}:{number}' {why}")
    if "group" in options and not release.current().ha_groups:
        raise ApiError(500, "invalid parameter 'group': ha groups have been migrated to rules")
    with changed(RESOURCES, "create resource") as sections:
        if number in sections:
            raise ApiError(500, f"resource ID '{kind}:{number}' already defined")
        sections[number] = Section(kind, number, texts(options))


def update_resource(sid: str, options: Mapping[str, Any], delete: Sequence[str], known: str = "") -> None:
    kind, number = sid_parts(sid)
    with changed(RESOURCES, "update resources config", known) as sections:
        if number not in sections:
            raise ApiError(500, f"no such resource '{kind}:{number}'")
        update(sections[number], options, delete)


def remove_resource(sid: str, purge: bool) -> None:
    """Take a guest out of high availability; `purge` also takes it out of the rules."""
    kind, number = sid_parts(sid)
    name = f"{kind}:{number}"
    with changed(RESOURCES) as sections:
        if sections.pop(number, None) is None:
            raise ApiError(500, f"cannot delete service '{name}', not HA managed!")
    if purge and any(name in rule.options.get("resources", "").split(",") for rule in read(RULES).values()):
        with changed(RULES) as rules:
            _purge(rules, name)


def _purge(rules: Sections, name: str) -> None:
    for rule_id, rule in list(rules.items()):
        kept = [sid for sid in rule.options.get("resources", "").split(",") if sid != name]
        if kept:
            rule.options["resources"] = ",".join(kept)
        else:
            del rules[rule_id]


def add_rule(rule_id: str, kind: str, options: Mapping[str, Any]) -> None:
    missing = [key for key in _REQUIRED[kind] if key not in options]
    if missing:
        told = "property is missing and it is not optional"
        raise ApiError(400, "Parameter verification failed.", {f"oneOf[{kind}].{key}": told for key in missing})
    with changed(RULES, "create ha rule") as sections:
        if rule_id in sections:
            raise ApiError(500, f"HA rule '{rule_id}' already defined")
        sections[rule_id] = Section(kind, rule_id, texts(options))
        _check_rule(sections, rule_id)


def update_rule(rule_id: str, kind: str, options: Mapping[str, Any], delete: Sequence[str], known: str = "") -> None:
    with changed(RULES, "update HA rules", known) as sections:
        if rule_id not in sections:
            raise ApiError(500, f"HA rule '{rule_id}' does not exist")
        if sections[rule_id].type != kind:
            raise ApiError(500, f"unexpected property '{next(iter(options))}'")
        update(sections[rule_id], options, delete)
        _check_rule(sections, rule_id)


def remove_rule(rule_id: str) -> None:
    """One that there is not is gone already."""
    with changed(RULES) as sections:
        sections.pop(rule_id, None)


def _words(section: Section, key: str) -> list[str]:
    return [word for word in section.options.get(key, "").split(",") if word]


def _check_rule(sections: Sections, rule_id: str) -> None:
    """As upstream's rules check themselves and each other: PVE/HA/Rules.pm and Rules/*.pm."""
    rule = sections[rule_id]
    managed = {f"{section.type}:{section.id}" for section in read(RESOURCES).values()}
    strangers = [sid for sid in _words(rule, "resources") if sid not in managed]
    if strangers:
        raise ApiError(500, f"cannot use unmanaged resource(s) {', '.join(strangers)}.")
    unknown = [name for name in (word.partition(":")[0] for word in _words(rule, "nodes")) if name not in node_list()]
    if unknown:
        raise ApiError(500, f"cannot use non-existent node(s) {', '.join(unknown)}.")
    if rule.options.get("disable") == "1":
        return
    others = [one for one in sections.values() if one is not rule and one.options.get("disable") != "1"]
    ties = [one for one in others if one.type == "node-affinity"]
    found = _twice(rule, ties) if rule.type == "node-affinity" else _infeasible(rule, ties)
    if found:
        raise ApiError(500, f"400 Rule '{rule_id}' is invalid.\nresources: {', '.join(found)}")


def _twice(rule: Section, ties: Sequence[Section]) -> list[str]:
    used = {sid for one in ties for sid in _words(one, "resources")}
    twice = [sid for sid in _words(rule, "resources") if sid in used]
    return [f"resource '{sid}' is already used in another node affinity rule" for sid in twice]


def _infeasible(rule: Section, ties: Sequence[Section]) -> list[str]:
    resources = _words(rule, "resources")
    found = ["rule is ineffective as there are less than two resources"] if len(resources) < 2 else []
    if rule.options.get("affinity") == "negative" and len(resources) > len(node_list()):
        found.append("rule defines more resources than available nodes")
    for tie in ties:
        priorities = {word.partition(":")[2] for word in _words(tie, "nodes")}
        if set(resources) & set(_words(tie, "resources")) and len(priorities) > 1:
            found.append("resources are in node affinity rules with multiple priorities")
    return found


def update(section: Section, options: Mapping[str, Any], delete: Sequence[str]) -> None:
    section.options.update(texts(options))
    unknown = [key for key in delete if key not in _KNOWN]
    if unknown:
        raise ApiError(500, f"no such option '{unknown[0]}'")
    for key in delete:
        section.options.pop(key, None)


def texts(options: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in options.items()}
