# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How several hosts are named in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence


def named(hosts: Sequence[str]) -> str:
    """``pve1-pve3`` for three or more names that differ in one number, without a gap; else all names, in their order.

    >>> named(["pve1", "pve2", "pve3"]), named(["pve1", "pve3"]), named(["node-09", "node-10", "node-11"])
    ('pve1-pve3', 'pve1, pve3', 'node-09-node-11')
    """
    if len(hosts) > 2 and _is_run(hosts):
        return f"{hosts[0]}-{hosts[-1]}"
    return ", ".join(hosts)


def in_order(host: str) -> tuple[tuple[bool, int, str], ...]:
    """A key to sort names by, in which pve9 comes before pve10."""
    return tuple((part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", host))


def _is_run(hosts: Sequence[str]) -> bool:
    """Whether the names are one name with consecutive numbers: counting from the first gives all others."""
    return any(
        all(host == f"{before}{int(digits) + step:0{len(digits)}}{after}" for step, host in enumerate(hosts))
        for before, digits, after in _numbers(hosts[0])
    )


def _numbers(name: str) -> list[tuple[str, str, str]]:
    """Each number of the name, with what stands before and after it."""
    return [(name[: found.start()], found.group(), name[found.end() :]) for found in re.finditer(r"\d+", name)]
