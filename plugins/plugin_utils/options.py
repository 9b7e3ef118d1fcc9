# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options as a module gets them: an inventory may say a number as a text, and a text as a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils.engine.errors import Invalid


def validated(spec: Mapping[str, Any], constraints: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of the specification, with their defaults. Raises Invalid with everything that is wrong."""
    found = ArgumentSpecValidator(dict(spec), **dict(constraints)).validate(dict(given))
    if found.error_messages:
        raise Invalid("; ".join(found.error_messages))
    return dict(found.validated_parameters)
