# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a request to Kubernetes' API got no good answer, and whether to send it again can help."""

from __future__ import annotations

NOT_FOUND, CONFLICT, TOO_MANY = 404, 409, 429
#: A server that is being restarted, or has too much to do.
_PASSES = frozenset((0, TOO_MANY, 502, 503, 504))


class KubeFailure(Exception):
    """``status`` is that of HTTP, 0 when nothing was answered. ``sent``: whether anybody can have got it."""

    def __init__(self, text: str, status: int = 0, *, sent: bool = True) -> None:
        super().__init__(f"{status} {text}" if status else text)
        self.status, self.sent = status, sent

    @property
    def passes(self) -> bool:
        return self.status in _PASSES
