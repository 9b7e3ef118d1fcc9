# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes another in a file of the firewall, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.firewall.files import RuleSet
from ...model.firewall.rule import Rule

#: So many rules are told one by one.
_TOLD = 4


def differences(before: RuleSet, after: RuleSet) -> Iterator[str]:
    for name, value in sorted(after.options.items()):
        if before.options.get(name) != value:
            yield f"{name} {before.options.get(name, 'not set')} to {value}"
    yield from _of_names("alias", before.aliases, after.aliases)
    yield from _of_names("set", before.ipsets, after.ipsets)
    yield from _of_names("group", before.groups, after.groups)
    yield from _of_rules(before.rules, after.rules)


def _of_names(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    verbs = (
        ("add", sorted(set(after) - set(before))),
        ("change", sorted(name for name in set(after) & set(before) if after[name] != before[name])),
        ("remove", sorted(set(before) - set(after))),
    )
    for verb, names in verbs:
        if names:
            yield f"{verb} the {what} {', '.join(names)}"


def _of_rules(before: Sequence[Rule], after: Sequence[Rule]) -> Iterator[str]:
    new, old = [str(rule) for rule in after], [str(rule) for rule in before]
    added, removed = [one for one in new if one not in old], [one for one in old if one not in new]
    for verb, found in (("add", added), ("remove", removed)):
        if found:
            more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
            yield f"{verb} `{'`, `'.join(found[:_TOLD])}`{more}"
    if before != after and not added and not removed:
        yield "put the rules in order"
