# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who asks: a ticket that a node made for this run, or an API token. Never root's password.

Neither is shown by ``repr``, and neither is kept anywhere but in the memory of the task that uses it.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Callable, Union
from urllib.parse import quote

from ...engine.errors import Invalid

_TOKEN_ID = re.compile(r"[^\s:/!=]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+")
#: Half of the two hours that Proxmox VE gives a ticket; the clocks of the nodes need not agree to the second.
_USED_FOR = 3600.0


@dataclass(frozen=True)
class Token:
    """An API token. ``identity`` is USER@REALM!NAME."""

    identity: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN_ID.fullmatch(self.identity):
            raise Invalid(f"{self.identity!r} names no API token.", "It is written USER@REALM!NAME.")

    def headers(self, method: str) -> dict[str, str]:
        return {"Authorization": f"PVEAPIToken={self.identity}={self.secret}"}


@dataclass(frozen=True)
class Ticket:
    """A ticket, which is valid for two hours, and the token that has to come with it in every request to change."""

    ticket: str = field(repr=False)
    csrf_token: str = field(repr=False)

    def headers(self, method: str) -> dict[str, str]:
        shown = {"Cookie": f"PVEAuthCookie={quote(self.ticket, safe='')}"}
        return shown if method == "GET" else {**shown, "CSRFPreventionToken": self.csrf_token}


Credential = Union[Token, Ticket]


class FreshTicket:
    """Gives a new ticket, and after an hour another new one, since what it is used for may take longer."""

    def __init__(self, new: Ticket, make: Callable[[], Ticket]) -> None:
        self._ticket, self._make = new, make
        self._made = time.monotonic()
        self._guard = threading.Lock()

    def __call__(self) -> Ticket:
        with self._guard:
            if time.monotonic() - self._made >= _USED_FOR:
                self._ticket, self._made = self._make(), time.monotonic()
            return self._ticket
