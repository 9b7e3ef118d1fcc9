"""ansible-playbook under a pseudo-terminal, and what a person then sees on the screen."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from typing import Optional

import pexpect
import pyte


@dataclass
class Terminal:
    """A run in a window of ``rows`` lines; ``raw`` is all that was written to it."""

    rows: int = 30
    columns: int = 100
    raw: str = ""
    status: Optional[int] = None
    #: What the screen showed in between, once for every text that was waited for.
    seen: list[list[str]] = field(default_factory=list)

    def run(
        self,
        command: list[str],
        environment: dict[str, str],
        answers: tuple[tuple[str, str], ...] = (),
        interrupt_at: str = "",
        timeout: float = 180,
    ) -> None:
        """``answers``: what to type when a text appears. ``interrupt_at``: the text at which Ctrl-C is pressed."""
        child = pexpect.spawn(
            command[0],
            command[1:],
            env={**os.environ, **environment},
            dimensions=(self.rows, self.columns),
            timeout=timeout,
            encoding="utf-8",
        )
        child.delaybeforesend = 0.05
        child.logfile_read = self
        try:
            for text, answer in answers:
                child.expect_exact(text)
                self._wait(child, 1.5)
                self.seen.append(self.screen)
                child.sendline(answer)
            if interrupt_at:
                child.expect_exact(interrupt_at)
                self._wait(child, 1.5)
                child.kill(signal.SIGINT)
            child.expect(pexpect.EOF)
        finally:
            child.close(force=True)
        self.status = child.exitstatus

    def _wait(self, child: pexpect.spawn[str], seconds: float) -> None:
        """Time in which the run may write."""
        try:
            child.expect_exact("\0never written", timeout=seconds)
        except pexpect.TIMEOUT:
            return

    def write(self, text: str) -> None:
        self.raw += text

    def flush(self) -> None:
        """pexpect wants a file."""

    @property
    def screen(self) -> list[str]:
        """The lines in the window now."""
        screen = pyte.Screen(self.columns, self.rows)
        pyte.Stream(screen).feed(self.raw)
        return [line.rstrip() for line in screen.display if line.strip()]

    @property
    def history(self) -> list[str]:
        """All lines, with those that have left the window at the top."""
        screen = pyte.Screen(self.columns, 2000)
        pyte.Stream(screen).feed(self.raw)
        return [line.rstrip() for line in screen.display if line.strip()]
