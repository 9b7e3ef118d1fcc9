# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that can go wrong, each as one exception that knows how to become a module result.

An error says what was found, why that stops the work, and (``hint``) what to do about it.
"""

from __future__ import annotations

from typing import Any


class CollectionError(Exception):
    """Root of all errors raised on purpose by this collection."""

    def __init__(self, message: str, hint: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def as_result(self) -> dict[str, Any]:
        """The keyword arguments of ``fail_json``."""
        text = f"{self.message} {self.hint}".strip()
        return {"msg": text, "failure": {"kind": type(self).__name__, "hint": self.hint, **self.details}}


class Invalid(CollectionError):
    """The desired state contradicts itself; found before the node was looked at."""


class Refused(CollectionError):
    """The plan was refused: carrying it out could lose something."""


class NotRead(CollectionError):
    """An observation made earlier in this run does not hold the answer to a question."""


class Unreadable(CollectionError):
    """The node answered, but not in a form this collection understands."""


class StepFailed(CollectionError):
    """A step of the plan ended in an error."""


class NotProved(CollectionError):
    """All steps ran, yet a second look at the node shows that the desired state was not reached."""
