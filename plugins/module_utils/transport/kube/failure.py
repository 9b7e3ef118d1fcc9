# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a request to Kubernetes' API got no good answer, and whether to send it again can help."""

from __future__ import annotations

NOT_FOUND, CONFLICT = 404, 409
#: A server that is being restarted, has too much to do, or may not let a pod go now.
_PASSES = frozenset((0, 429, 502, 503, 504))


class KubeFailure(Exception):
    """``status`` is that of HTTP, 0 when nothing was answered. ``lasting``: asking again gives the same."""

    def __init__(self, text: str, status: int = 0, *, lasting: bool = False) -> None:
        super().__init__(f"{status} {text}" if status else text)
        self.status, self.lasting = status, lasting

    @property
    def passes(self) -> bool:
        return self.status in _PASSES and not self.lasting
