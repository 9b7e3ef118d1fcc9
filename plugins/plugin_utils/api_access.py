# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a task on the controller comes to speak to the API: by what a node vouches for, through ssh, in this run."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..module_utils.engine.errors import Unreadable
from ..module_utils.transport.api.credential import Ticket
from ..module_utils.transport.programs import api_ticket
from .fast_path import FastAction
from .node_program import answer

#: More bytes than a ticket has, with the token that belongs to it.
_LONGEST = 2048


@dataclass(frozen=True)
class Voucher:
    """node: the one that was asked, as it calls itself. certificates: node → SHA-256 of what its pveproxy shows."""

    node: str
    certificates: Mapping[str, str]
    ticket: Ticket


def node_program(mask: bytes) -> str:
    """Python for the node's standard input, in characters that are the same in every encoding."""
    source = inspect.getsource(api_ticket).encode("ascii", "backslashreplace").decode("ascii")
    return f"{source}\n\ntell({mask.hex()!r})\n"


def read_voucher(mask: bytes, stdout: str, stderr: str) -> Voucher:
    """What the node printed, whatever else was printed there."""
    found = answer(stdout, stderr, api_ticket.MARK)
    if "problem" in found:
        raise Unreadable(f"The node vouches for nobody: {found['problem']}.")
    ticket, dummy, token = api_ticket.masked(bytes.fromhex(found["secrets"]), mask).decode().partition("\n")
    return Voucher(found["node"], found["certificates"], Ticket(ticket, token))


class ApiAction(FastAction):
    """What action plugins have in common that ask the API."""

    def _voucher(self, task_vars: Mapping[str, Any]) -> Voucher:
        """What the host of the task vouches for. The mask is new each time, and forgotten with this call."""
        mask = secrets.token_bytes(_LONGEST)
        return read_voucher(mask, *self._run_python(node_program(mask), task_vars))
