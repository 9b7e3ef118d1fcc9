# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out steps side by side, as far as they allow it: chains of steps, each in its order.

When a step fails, none is begun any more; what runs is followed to its end, as a task of Proxmox VE goes on anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Optional

from ...engine.errors import CollectionError
from ...engine.plan import Step

#: Chains at a time. Each waits for a task most of the time.
AT_ONCE = 8
#: How many steps are done, and which is the latest.
Watch = Callable[[int, Step], None]


class SideBySide:
    """An ``Order`` of the engine."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._guard = threading.Lock()
        self._done = 0

    def __call__(self, steps: Sequence[Step], carry_out: Callable[[Step], bool]) -> Optional[Step]:
        for part in _parts(steps):
            self._part(part, carry_out)
        return None

    def _part(self, part: Sequence[Step], carry_out: Callable[[Step], bool]) -> None:
        chains: dict[str, list[Step]] = {}
        for step in part:
            chains.setdefault(step.chain, []).append(step)
        turns = {name: threading.Semaphore(limit) for step in part for name, limit in step.shares}
        stopped = threading.Event()

        def follow(chain: Sequence[Step]) -> None:
            for step in chain:
                with _turn(step, turns):
                    if stopped.is_set():
                        return
                    try:
                        carry_out(step)
                    except BaseException:
                        stopped.set()
                        raise
                self._note(step)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(follow, chain) for chain in chains.values()]
            try:
                _raise_first([future.exception() for future in running])
            finally:
                stopped.set()

    def _note(self, step: Step) -> None:
        with self._guard:
            self._done += 1
            self._watch(self._done, step)


def _parts(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """A step without a chain stands alone, after all before it and before all after it."""
    part: list[Step] = []
    for step in steps:
        if part and not (step.chain and part[-1].chain):
            yield part
            part = []
        part.append(step)
    if part:
        yield part


def _turn(step: Step, turns: Mapping[str, threading.Semaphore]) -> ExitStack:
    """In one order for all, so that no two wait for each other."""
    held = ExitStack()
    for name in sorted(dict(step.shares)):
        held.enter_context(turns[name])
    return held


def _raise_first(failures: Sequence[Optional[BaseException]]) -> None:
    """With what the others say."""
    raised = [failure for failure in failures if failure is not None]
    if not raised:
        return
    first = raised[0]
    if isinstance(first, CollectionError):
        first.message = " ".join([first.message, *(str(other) for other in raised[1:])])
    raise first
