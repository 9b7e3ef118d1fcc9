# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A piece of work with a deadline, in one of the processes that Ansible forks for hosts: by the process' own alarm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Optional


class TimeIsUp(Exception):
    """What was waited for has not come."""


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    def ring(number: int, frame: Optional[FrameType]) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
