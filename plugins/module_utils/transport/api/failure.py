# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a request got no good answer, and whether to send it again can help or harm."""

from __future__ import annotations

import re

#: The lock of a configuration file was not to be had: nothing was changed.
LOCKED = re.compile(r"got lock request timeout|can't lock file '[^']+' - got timeout")
#: pveproxy reaches no daemon behind it: 595 before it sent the request on, 596 after that.
_NOT_PASSED_ON, _NOT_ANSWERED = 595, 596


class ApiFailure(Exception):
    """``status`` is that of HTTP, 0 when nothing was answered.

    sent: whether the request has left this machine.  cut: the connection was refused or broken off, as by a daemon
    that is being restarted.  reached: whether there was anybody at the address.
    """

    def __init__(
        self, text: str, status: int = 0, *, sent: bool = True, cut: bool = False, reached: bool = True
    ) -> None:
        super().__init__(f"{status} {text}" if status else text)
        self.status, self.sent, self.cut, self.reached = status, sent, cut, reached
        self.locked = status == 500 and LOCKED.search(text) is not None
        self.refused_behind = status == _NOT_PASSED_ON and "refused" in text

    @property
    def passes(self) -> bool:
        """Known to end by itself, within seconds."""
        return self.cut or self.locked or self.refused_behind or self.status == _NOT_ANSWERED

    @property
    def in_doubt(self) -> bool:
        """Nobody knows whether the request was carried out."""
        return self.sent and self.status in (0, _NOT_ANSWERED)

    @property
    def harmless(self) -> bool:
        """Known to have changed nothing."""
        return not self.sent or self.locked or self.status == _NOT_PASSED_ON
