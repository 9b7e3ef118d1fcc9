# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask again until nothing stands in the way any more."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Callable, TypeVar

Problem = TypeVar("Problem")


def wait_until_clear(ask: Callable[[], Sequence[Problem]], timeout: float, interval: float = 1) -> Sequence[Problem]:
    """The last answer: empty, or what was still in the way when ``timeout`` seconds had passed."""
    deadline = time.monotonic() + timeout
    problems = ask()
    while problems and time.monotonic() < deadline:
        time.sleep(interval)
        problems = ask()
    return problems
