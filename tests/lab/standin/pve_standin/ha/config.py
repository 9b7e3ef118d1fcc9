"""ha/resources.cfg and ha/rules.cfg."""

from __future__ import annotations

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
_INTEGERS = ("max_relocate", "max_restart", "failback", "nofailback", "restricted", "strict", "disable")


def read(path: str) -> Sections:
    return sectionconfig.parse(cfs.cfs_read(path) or "")


@contextmanager
def changed(path: str) -> Iterator[Sections]:
    """Change one of the files under the manager's lock."""
    with cfs.cfs_lock("domain-ha"):
        sections = read(path)
        yield sections
        (cfs.absolute("ha")).mkdir(exist_ok=True)
        cfs.cfs_write(path, sectionconfig.dump(sections))


def sid_parts(sid: str) -> list[str]:
    """'vm:100', 'ct:101' or '100' -> [type, id]."""
    match = re.fullmatch(r"(?:(vm|ct):)?(\d+)", sid)
    if not match:
        raise ApiError(500, f"unable to parse HA resource id '{sid}'")
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
        raise ApiError(500, f"cannot add non-existing {'CT' if kind == 'ct' else 'VM'} '{number}'")
    if "group" in options and not release.current().ha_groups:
        raise ApiError(500, "invalid parameter 'group': ha groups have been migrated to rules")
    with changed(RESOURCES) as sections:
        if number in sections:
            raise ApiError(500, f"resource ID '{kind}:{number}' already defined")
        sections[number] = Section(kind, number, texts(options))


def update_resource(sid: str, options: Mapping[str, Any], delete: Sequence[str]) -> None:
    kind, number = sid_parts(sid)
    with changed(RESOURCES) as sections:
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
        raise ApiError(400, "Parameter verification failed.", dict.fromkeys(missing, "missing property"))
    _check_rule(options)
    with changed(RULES) as sections:
        if rule_id in sections:
            raise ApiError(500, f"HA rule '{rule_id}' already defined")
        sections[rule_id] = Section(kind, rule_id, texts(options))


def update_rule(rule_id: str, options: Mapping[str, Any], delete: Sequence[str]) -> None:
    with changed(RULES) as sections:
        if rule_id not in sections:
            raise ApiError(500, f"HA rule '{rule_id}' does not exist")
        _check_rule({**sections[rule_id].options, **options})
        update(sections[rule_id], options, delete)


def remove_rule(rule_id: str) -> None:
    with changed(RULES) as sections:
        if sections.pop(rule_id, None) is None:
            raise ApiError(500, f"HA rule '{rule_id}' does not exist")


def _check_rule(options: Mapping[str, Any]) -> None:
    managed = {f"{section.type}:{section.id}" for section in read(RESOURCES).values()}
    strangers = [sid for sid in str(options.get("resources", "")).split(",") if sid and sid not in managed]
    if strangers:
        raise ApiError(500, f"cannot use unmanaged resource(s) {', '.join(strangers)}.")
    nodes = [entry.partition(":")[0] for entry in str(options.get("nodes", "")).split(",") if entry]
    unknown = [node for node in nodes if node not in node_list()]
    if unknown:
        raise ApiError(500, f"cannot use non-existent node(s) {', '.join(unknown)}.")


def update(section: Section, options: Mapping[str, Any], delete: Sequence[str]) -> None:
    section.options.update(texts(options))
    for key in delete:
        section.options.pop(key, None)


def texts(options: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in options.items()}
