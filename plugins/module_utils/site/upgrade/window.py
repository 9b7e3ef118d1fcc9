# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether another node may be begun: it has to be likely to be back when the window ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

from ...engine.errors import Invalid

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY = 24 * 60
#: Seconds that a node is given of which nobody has measured how long the last one took.
UNKNOWN = 3600


def upgrade_may_begin(window: Mapping[str, str], now: str, seconds: Optional[float] = None) -> bool:
    """``window``: from and until, as HH:MM, over midnight if need be; empty: at any time. now: the same.

    seconds: how long the last node took, if one was upgraded in this run.
    """
    if not window:
        return True
    if set(window) != {"from", "until"}:
        raise Invalid(
            "upgrade_window has from and until, and nothing else.", "Such as {from: '22:00', until: '04:00'}."
        )
    begin, end, moment = (_minutes(text) for text in (window["from"], window["until"], now))
    if begin == end:
        raise Invalid("upgrade_window ends when it begins.", "Leave it out to begin nodes at any time.")
    passed, length = (moment - begin) % _DAY, (end - begin) % _DAY
    return passed < length and (length - passed) * 60 >= (UNKNOWN if seconds is None else seconds)


def _minutes(text: str) -> int:
    found = _TIME.fullmatch(str(text))
    if found is None:
        raise Invalid(f"{text!r} is no time of day.", "Write it as '22:30', in quotes.")
    return int(found[1]) * 60 + int(found[2])
