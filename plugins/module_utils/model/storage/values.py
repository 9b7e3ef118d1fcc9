# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of options in their two forms: as parameters of modules and roles, and as text in storage.cfg."""

from __future__ import annotations

import re
from typing import Any, Optional, Union

from .cfg import Value, shown
from .options import OPTIONS, Option

Parameter = Union[str, int, bool, list[str], dict[str, Any]]


def as_text(value: Any) -> str:
    """A parameter's value as it stands in storage.cfg."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dict):
        pairs = {part.replace("_", "-"): one for part, one in value.items() if one is not None}
        return ",".join(f"{part}={as_text(one)}" for part, one in sorted(pairs.items()))
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value)


def as_parameter(name: str, value: Value) -> Parameter:
    """An option's value in the type that its parameter has; ``007`` stays text where the option is text."""
    option = OPTIONS.get(name)
    if option is not None and option.kind == "pairs":
        pairs = (pair.partition("=") for pair in sorted(value))
        return {part.replace("-", "_"): _part(option, part, text) for part, dummy, text in pairs}
    if option is not None and option.kind == "words":
        return sorted(value)
    return _typed(option, shown(value))


def parameter_name(option: str) -> str:
    """The parameter that stands for an option of storage.cfg, also for one that nobody manages here."""
    return option.replace("-", "_")


def _part(option: Option, name: str, text: str) -> Parameter:
    return _typed(next((part for part in option.parts if part.name == name), None), text)


def _typed(option: Optional[Option], text: str) -> Parameter:
    if option is not None and option.kind == "flag":
        return text == "1"
    if option is not None and option.kind == "number" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text
