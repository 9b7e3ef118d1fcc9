# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every subject of the collection, found where it is defined: ``SUBJECT`` or ``INQUIRY`` of its module.

There is no list of them to be kept up. Ansible's own register of the collection, ``meta/runtime.yml``, is written from
this one (``make runtime``).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Optional, Union

from ..module_utils.engine.subject import Inquiry, Subject

_PLUGINS = Path(__file__).resolve().parents[1]
_PACKAGE = __name__.rpartition(".plugin_utils.")[0]

Known = Union[Subject[Any, Any], Inquiry]


def named(action: str) -> Known:
    """The subject or inquiry that a task is about; ``action`` with or without the name of the collection."""
    name = action.rpartition(".")[2]
    found = _find(name)
    if found is None:
        raise LookupError(f"{name} is not a subject of this collection")
    return found


@cache
def _find(name: str) -> Optional[Known]:
    """None for a module that is an action plugin alone."""
    module = import_module(f"{_PACKAGE}.modules.{name}")
    found: Optional[Known] = getattr(module, "SUBJECT", None) or getattr(module, "INQUIRY", None)
    return found


def modules() -> list[str]:
    return sorted(path.stem for path in (_PLUGINS / "modules").glob("*.py"))


def served_here() -> list[str]:
    """The modules whose tasks ``action/subject.py`` carries out; others have an action plugin of their own."""
    return [name for name in modules() if _find(name) and not (_PLUGINS / "action" / f"{name}.py").exists()]
