# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why there was no answer over HTTPS: libraries pack what happened into exceptions that quote the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional


def causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    """An exception and those in it, the innermost last."""
    while error is not None:
        yield error
        inner = (getattr(error, "reason", None), *error.args, error.__cause__)
        error = next((one for one in inner if isinstance(one, BaseException)), None)
