# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module starts and ends: the only place that knows ``AnsibleModule``, and its only failure exits.

In a play a module travels as a program without Ansible's helpers (``plugin_utils/node_work``), which begins with
``work`` or ``respond``. Ansible's own way in is what its tests take, and whoever runs the file by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.errors import CollectionError
from ..engine.printable import printable, secrets_in
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
    secrets = secrets_in(params, subject.argument_spec)
    try:
        with node_lock(writing=not check):
            result = converge(subject, params, Node(*subject.programs), check, perform)
    except CollectionError as error:
        return {"failed": True, **printable(error.as_result(), secrets)}
    return dict(printable(result, secrets))


def run_inquiry(inquiry: Inquiry) -> None:
    """Entry point of every ``_info`` module."""
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec=dict(inquiry.argument_spec), supports_check_mode=True)
    result = respond(inquiry, module.params)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def respond(inquiry: Inquiry, params: Mapping[str, Any]) -> dict[str, Any]:
    """What an inquiry finds on this node, or its failure."""
    secrets = secrets_in(params, inquiry.argument_spec)
    try:
        with node_lock(writing=False):
            answer = ask(inquiry, params, Node(*inquiry.programs, patience=inquiry.patience))
    except CollectionError as error:
        return {"failed": True, **printable(error.as_result(), secrets)}
    return {"changed": False, **printable(dict(answer), secrets)}
