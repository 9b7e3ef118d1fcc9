# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commands of a report as they are to be typed where the report was asked for: with the same inventory, by the same
path."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

#: A playbook of this collection, as advice names it.
_PLAYBOOK = re.compile(r"^ansible-playbook playbooks/(\w+)\.yml")


def as_typed(commands: Sequence[str], asked: str, inventories: Sequence[str]) -> list[str]:
    """``asked``: the playbook of the report, as it was typed: a path, or the name of an installed one.

    >>> as_typed(["ansible-playbook playbooks/site.yml -e a=1"], "baremetal.virt.report", ["hosts.yml"])
    ['ansible-playbook -i hosts.yml baremetal.virt.site -e a=1']
    """
    start = "".join(f" -i {shlex.quote(one)}" for one in inventories)

    def typed(found: re.Match[str]) -> str:
        place = re.sub(r"report(\.ya?ml)?$", lambda end: f"{found[1]}{end[1] or ''}", asked)
        return f"ansible-playbook{start} {shlex.quote(place)}"

    return [_PLAYBOOK.sub(typed, command) for command in commands]


def with_typed(report: dict[str, Any], asked: str, inventories: Sequence[str]) -> dict[str, Any]:
    advice = report["advice"]
    told = {
        kind: [{**one, "commands": as_typed(one["commands"], asked, inventories)} for one in advice[kind]]
        for kind in ("do", "not")
    }
    return {**report, "advice": {**advice, **told}}
