# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module starts and ends: the only place that knows ``AnsibleModule``, and its only failure exits.

Ansible's own helpers are imported when a module begins: a program that works without them (``plugin_utils/node_work``)
is made of the same files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.errors import CollectionError
from ..engine.printable import printable
from ..engine.subject import Inquiry, Subject, ask, converge
from .node import Node
from .node_lock import node_lock
from .perform import perform


def run_module(subject: Subject[Any, Any]) -> None:
    """Entry point of every writing module, and its only failure exit."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(
        argument_spec=dict(subject.argument_spec), supports_check_mode=True, **dict(subject.constraints)
    )
    result = work(subject, module.params, module.check_mode)
    if result.get("failed"):
        module.fail_json(**result)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


def work(subject: Subject[Any, Any], params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The result of a subject on this node, or that of its failure."""
    try:
        with node_lock(writing=not check):
            result = converge(subject, params, Node(*subject.programs), check, perform)
    except CollectionError as error:
        return {"failed": True, **printable(error.as_result())}
    return dict(printable(result))


def run_inquiry(inquiry: Inquiry) -> None:
    """Entry point of every ``_info`` module."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(inquiry.argument_spec), supports_check_mode=True)
    try:
        with node_lock(writing=False):
            answer = ask(inquiry, module.params, Node(*inquiry.programs))
    except CollectionError as error:
        module.fail_json(**printable(error.as_result()))
    module.exit_json(changed=False, **printable(dict(answer)))
