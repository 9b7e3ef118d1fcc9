# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The observers that take part in the one look at a node with which a run begins: those with the mark ``@recorded``.

Only the files with a mark are loaded. All modules with what they decide would be a quarter of a second in every run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Callable

from ..module_utils.engine.reader import Reader

_LIBRARY = Path(__file__).resolve().parents[1] / "module_utils"
_PACKAGE = __name__.rpartition(".plugin_utils.")[0]
_MARKED = re.compile(r"^@recorded\ndef (\w+)\(", re.MULTILINE)

Observer = Callable[[Reader], object]
#: Domain → the variable of its role: where no host declares anything with it, nothing is decided from that domain.
_DECLARED_WITH = {"network": "network_interfaces"}


@cache
def observers() -> tuple[Observer, ...]:
    found = []
    for path in sorted((_LIBRARY / "observe").rglob("*.py")):
        module = ".".join((_PACKAGE, *path.relative_to(_LIBRARY.parent).with_suffix("").parts))
        for name in _MARKED.findall(path.read_text(encoding="utf-8")):
            found.append(getattr(import_module(module), name))
    return tuple(found)


def domain(observer: Observer) -> str:
    return observer.__module__.partition(".observe.")[2].partition(".")[0]


def idle_domains(variables: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The domains of which nothing is declared on any host. variables: host → its variables."""
    declared = {name for own in variables.values() for name, value in own.items() if value}
    return frozenset(idle for idle, name in _DECLARED_WITH.items() if name not in declared)
