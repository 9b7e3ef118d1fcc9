# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a task on the controller comes to speak to the API: by what a node vouches for, through ssh, in this run."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..module_utils.engine.errors import Unreadable
from ..module_utils.transport.api.credential import Ticket
from ..module_utils.transport.programs import api_ticket
from .fast_path import FastAction
from .node_reader import answer


@dataclass(frozen=True)
class Voucher:
    """node: the one that was asked, as it calls itself. certificates: node → SHA-256 of what its pveproxy shows."""

    node: str
    certificates: Mapping[str, str]
    ticket: Ticket


def read_voucher(stdout: str, stderr: str) -> Voucher:
    found = answer(stdout, stderr, api_ticket.MARK)
    if "problem" in found:
        raise Unreadable(f"The node vouches for nobody: {found['problem']}.")
    return Voucher(found["node"], found["certificates"], Ticket(found["ticket"], found["csrf_token"]))


class ApiAction(FastAction):
    """What action plugins have in common that ask the API."""

    def _voucher(self, task_vars: Mapping[str, Any]) -> Voucher:
        """As with ``no_log``: however much Ansible is told to show (-vvv), what the node prints now is not shown."""
        program = node_program()
        context = self._play_context
        shown, context.no_log = context.no_log, True
        try:
            return read_voucher(*self._run_python(program, task_vars))
        finally:
            context.no_log = shown


def node_program() -> str:
    """Python for the node's standard input."""
    return inspect.getsource(api_ticket)
