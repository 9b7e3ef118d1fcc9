# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines for people, and one line below them that is written anew while something is at work. All by Ansible's Display.

The live line is only there on a terminal that can erase. It leaves the cursor at its own beginning, visible: whoever
writes next writes over it, whatever ends the run, and the terminal is as it was.
"""

from __future__ import annotations

import os
import sys

from ansible.utils.display import Display

from .run_store import RunStore

_DISPLAY = Display()
_ERASE = "\x1b[K"


def go_live() -> bool:
    """Whether there is a live line from now on: not in a log, nor on a terminal that cannot erase.

    The workers of this run, which do not see the terminal, are told by its store.
    """
    live = sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
    if live:
        RunStore().note_live()
    return live


def tell(line: str) -> None:
    """A line that stays."""
    if RunStore().live:
        _DISPLAY.display(_ERASE, newline=False, screen_only=True)
    _DISPLAY.display(line)


def show(line: str) -> None:
    """The live line. It is cut where the screen ends, as a line that wraps could not be written over.

    The terminal is asked how wide it is: the variable COLUMNS may be that of another one. One that has gone, or does
    not know, shows nothing.
    """
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return
    _DISPLAY.display(f"{_ERASE}{line[: max(columns - 1, 0)]}\r", newline=False, screen_only=True)
