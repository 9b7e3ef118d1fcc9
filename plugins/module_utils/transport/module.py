# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module starts and ends: the only place that knows ``AnsibleModule``, and its only failure exits."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..engine.errors import CollectionError
from ..engine.printable import printable
from ..engine.subject import Inquiry, Subject, ask, converge
from .node import Node
from .node_lock import node_lock
from .perform import perform


def run_module(subject: Subject[Any, Any], *programs: ModuleType) -> None:
    """Entry point of every writing module, and its only failure exit. ``programs``: those that its plans may run."""
    module = AnsibleModule(
        argument_spec=dict(subject.argument_spec), supports_check_mode=True, **dict(subject.constraints)
    )
    try:
        with node_lock(writing=not module.check_mode):
            result = converge(subject, module.params, Node(*programs), module.check_mode, perform)
    except CollectionError as error:
        module.fail_json(**printable(error.as_result()))
    for warning in result.pop("warnings", ()):
        module.warn(printable(warning))
    module.exit_json(**printable(result))


def run_inquiry(inquiry: Inquiry) -> None:
    """Entry point of every ``_info`` module."""
    module = AnsibleModule(argument_spec=dict(inquiry.argument_spec), supports_check_mode=True)
    try:
        with node_lock(writing=False):
            answer = ask(inquiry, module.params, Node())
    except CollectionError as error:
        module.fail_json(**printable(error.as_result()))
    module.exit_json(changed=False, **printable(dict(answer)))
