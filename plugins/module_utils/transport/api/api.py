# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The second way to a node: Proxmox VE's HTTPS API, asked from the controller.

A request is sent again when its failure is known to pass by itself: a daemon that is being restarted, a lock that
somebody else has. A request that changes something is so only if it is known to have changed nothing yet, or if doing
it twice does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from ...engine.errors import NotRead, Unreadable
from ...engine.plan import Value
from ...engine.reader import WHOLE, Question, Reader
from .credential import Credential
from .failure import ApiFailure

PORT = 8006
#: A node answers with three processes, and others want to be answered, too.
AT_ONCE = 4
#: Seconds before each further attempt. A pveproxy that is restarted while it has connections may be away for twenty.
PAUSES = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0)


class Api(Reader):
    """The API of the node at an address; what concerns another node it passes on to that one.

    fingerprint: SHA-256 of the certificate that it has to show, in hexadecimal digits.
    """

    def __init__(
        self,
        address: str,
        fingerprint: str,
        credential: Callable[[], Credential],
        port: int = PORT,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        from .wire import Wire  # now, as it takes a while to load, and a run that changes nothing needs none

        self.url = f"https://[{address}]:{port}" if ":" in address else f"https://{address}:{port}"
        self.warnings: list[str] = []
        self._wire = Wire(self.url, fingerprint, credential, AT_ONCE)
        self.pauses = pauses

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            raise NotRead(f"The API knows nothing of a node's files and commands: {question.key}.")
        path, dummy, query = question.argument[0].partition("?")
        whole = WHOLE in question.argument[1:]
        try:
            return self._patiently(lambda: self._wire.read(path, dict(parse_qsl(query)), whole), repeatable=True)
        except ApiFailure as failure:
            told = str(failure).rstrip(".!")
            raise Unreadable(
                f"{self.url} does not tell {path}: {told}.", status=failure.status, reached=failure.reached
            ) from failure

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.look, questions))

    def change(self, method: str, path: str, parameters: Mapping[str, Value], repeatable: bool) -> Any:
        """What is answered to a request to change something; raises ApiFailure."""
        return self._patiently(lambda: self._wire.change(method, path, parameters), repeatable)

    def _patiently(self, send: Callable[[], Any], repeatable: bool) -> Any:
        for pause in self.pauses:
            try:
                return send()
            except ApiFailure as failure:
                if not failure.passes or not (repeatable or failure.harmless):
                    raise
            time.sleep(pause)
        return send()
