# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an informer can meet. Words and numbers are those of Kubernetes' API."""

from __future__ import annotations

from typing import Optional

GONE = 410
TOO_MANY_REQUESTS = 429
GATEWAY_TIMEOUT = 504


class FIFOClosed(Exception):
    """Nothing more will come out of a queue."""


class InformerStopped(Exception):
    """An informer that has ended takes no further handlers, and is not run again."""


class ErrRequeue(Exception):
    """Raised by who processes an item of a queue, to have it put back; ``cause`` is then told, if there is one."""

    def __init__(self, cause: Optional[Exception] = None) -> None:
        super().__init__(str(cause or "requeue"))
        self.cause = cause


class ListWatchFailure(Exception):
    """A list or a watch got no good answer. ``status`` is that of HTTP or of the Status in the stream; 0: no answer.

    refused: nobody listened at the address, so nothing has been missed.  retry_after: seconds, as the server says.
    """

    def __init__(
        self, text: str, status: int = 0, reason: str = "", *, refused: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(f"{status} {text}" if status else text)
        self.text, self.status, self.reason, self.refused, self.retry_after = text, status, reason, refused, retry_after

    @property
    def expired(self) -> bool:
        """The server no longer knows the resource version that was asked for."""
        return self.status == GONE

    @property
    def too_large_resource_version(self) -> bool:
        """The server does not know it yet."""
        return self.status == GATEWAY_TIMEOUT and "Too large resource version" in self.text

    @property
    def waits(self) -> bool:
        """A watch may go on from where it was, after a pause."""
        return self.refused or self.status == TOO_MANY_REQUESTS
