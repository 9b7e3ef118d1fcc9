# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Select from what was observed, in the language of JMESPath."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

try:
    import jmespath
except ImportError:  # the filter then says what is missing, and only to those who use it
    jmespath = None

DOCUMENTATION = r"""
name: select
short_description: Select from observed data with a JMESPath expression
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Evaluates a JMESPath expression, for choosing disks, nodes or storages by what they are.
  - Needs the Python library jmespath on the controller.
options:
  _input:
    description: The data, such as the disks that M(baremetal.virt.node_info) returns.
    type: raw
    required: true
  expression:
    description: The JMESPath expression. Numbers and V(true), V(false), V(null) stand between backquotes.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the empty disks of more than one terabyte
  ansible.builtin.debug:
    msg: "{{ node.disks | baremetal.virt.select('[?used==null && size > `1000000000000`].by_id[0]') }}"
"""

RETURN = r"""
_value:
  description: What the expression selects; V(null) when it selects nothing that could be a list.
  type: raw
"""


def select(data: Any, expression: str) -> Any:
    """The part of the data that the expression names."""
    if jmespath is None:
        raise AnsibleFilterError(
            "select: the Python library jmespath is missing on the controller (pip install jmespath)"
        )
    # jmespath's functions know the plain types of JSON only, and Ansible's values are descendants of these.
    plain = json.loads(json.dumps(data))
    try:
        return jmespath.search(str(expression), plain)
    except jmespath.exceptions.JMESPathError as error:
        raise AnsibleFilterError(
            f"select: {str(expression)!r} is not a valid JMESPath expression here: {error}"
        ) from error


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"select": select}
