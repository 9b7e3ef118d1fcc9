"""Running host commands, doing things in parallel, saying how long a stage took."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Optional, TypeVar, Union

from .settings import LabError

Argument = Union[str, Path]
T = TypeVar("T")
R = TypeVar("R")


def run(argv: Sequence[Argument], *, stdin: Optional[str] = None, check: bool = True) -> str:
    """Run a command and return what it printed; a failure carries the command's own words."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, input=stdin, text=True, capture_output=True, check=False)
    if check and done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        raise LabError(f"command failed ({done.returncode}): {' '.join(words)}\n{said}")
    return done.stdout


@contextmanager
def stage(title: str) -> Iterator[None]:
    """Announce a stage and, when it is over, its seconds."""
    print(f"{title:<44}", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:6.1f} s", flush=True)


def in_parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """work(item) for every item, at the same time; every failure is reported."""
    given = list(items)
    with ThreadPoolExecutor(max_workers=max(len(given), 1)) as pool:
        futures = [pool.submit(work, item) for item in given]
    failures = [str(future.exception()) for future in futures if future.exception()]
    if failures:
        raise LabError("\n".join(failures))
    return [future.result() for future in futures]


def wait_until(condition: Callable[[], bool], seconds: float, what: str, interval: float = 0.1) -> None:
    """Poll until the condition holds, or say what did not come to pass."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"after {seconds:.0f} s still waiting for {what}")
        time.sleep(interval)


def warn(message: str) -> None:
    print(f"lab: {message}", file=sys.stderr, flush=True)
