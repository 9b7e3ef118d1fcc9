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

_DISPLAY = Display()
#: Set for the workers of this run, which do not see the terminal.
_LIVE = "BAREMETAL_VIRT_LIVE_LINE"
_ERASE = "\x1b[K"


def go_live() -> bool:
    """Whether there is a live line from now on: not in a log, nor on a terminal that cannot erase."""
    live = sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
    os.environ[_LIVE] = "1" if live else ""
    return live


def tell(line: str) -> None:
    """A line that stays."""
    if os.environ.get(_LIVE):
        _DISPLAY.display(_ERASE, newline=False, screen_only=True)
    _DISPLAY.display(line)


def show(line: str) -> None:
    """The live line. It is cut where the screen ends, as a line that wraps could not be written over.

    The terminal is asked how wide it is: the variable COLUMNS may be that of another one.
    """
    columns = os.get_terminal_size(sys.stdout.fileno()).columns
    _DISPLAY.display(f"{_ERASE}{line[: columns - 1]}\r", newline=False, screen_only=True)
