"""At most one run at work and one that waits; the last change is always followed by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ansible_collections.baremetal.virt.plugins.module_utils.drift.key_queue import KeyQueue
from hypothesis import given, settings
from hypothesis import strategies as st

from ...doubles.examples import examples


def played(play: Callable[[KeyQueue], Awaitable[None]]) -> None:
    async def run() -> None:
        queue = KeyQueue(first=0.01, longest=0.02)
        await play(queue)
        queue.close()

    asyncio.run(run())


async def idle(queue: KeyQueue) -> bool:
    try:
        await asyncio.wait_for(queue.get(), 0.001)
    except asyncio.TimeoutError:
        return True
    return False


def test_a_storm_is_one_at_work_and_one_that_waits() -> None:
    async def play(queue: KeyQueue) -> None:
        queue.add("a")
        assert await queue.get() == "a"
        for key in ["a"] * 100:
            queue.add(key)
        queue.add("b")
        assert queue.waits("a") and await queue.get() == "b" and await idle(queue)
        queue.done("a", True)
        assert await queue.get() == "a"
        queue.done("a", True)
        assert await idle(queue) and not queue.waits("a")

    played(play)


def test_what_has_failed_comes_again_later_each_time() -> None:
    async def play(queue: KeyQueue) -> None:
        clock = asyncio.get_running_loop().time
        queue.add("a")
        await queue.get()
        for pause in (0.01, 0.02, 0.02):
            queue.add("a")
            failed = clock()
            queue.done("a", False)
            queue.add("a")
            assert queue.waits("a") and await queue.get() == "a"
            assert clock() - failed >= pause * 0.9
        queue.done("a", True)
        assert await idle(queue) and not queue.waits("a")

    played(play)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.sampled_from(["add", "get", "done", "fail"]), st.sampled_from("ab")), max_size=30))
def test_every_change_is_followed_by_a_run_that_begins_after_it(steps: list[tuple[str, str]]) -> None:
    async def play(queue: KeyQueue) -> None:
        unseen: set[str] = set()
        running: set[str] = set()

        async def take() -> None:
            key = await queue.get()
            assert key not in running
            running.add(key)
            unseen.discard(key)

        for step, key in steps:
            if step == "add":
                queue.add(key)
                unseen.add(key)
            elif step == "get" and queue._ready:
                await take()
            elif key in running:
                running.discard(key)
                queue.done(key, step == "done")
        for key in sorted(running):
            running.discard(key)
            queue.done(key, True)
        while unseen or queue._later:
            await asyncio.wait_for(take(), 1)
            for key in sorted(running):
                running.discard(key)
                queue.done(key, True)

    played(play)
