# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Functions of ``site/`` and ``model/`` as filters: what they refuse becomes an error of the filter."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.engine.errors import CollectionError


def as_filters(*functions: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Each function under its own name."""
    return {function.__name__: _as_filter(function) for function in functions}


def _as_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def answer(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except CollectionError as error:
            raise AnsibleFilterError(f"{error.message} {error.hint}".strip()) from error

    return answer
