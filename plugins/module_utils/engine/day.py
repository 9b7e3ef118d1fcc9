# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Days, as people write them, as moments."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

UTC = "UTC"


def end_of_day(text: str, zone: str = UTC) -> int:
    """Seconds from 1970 to the end of a day (YYYY-MM-DD) in a time zone; raises ValueError."""
    try:
        day = _day(text) + datetime.timedelta(days=1)
        return int(day.replace(tzinfo=_zone(zone)).timestamp())
    except OverflowError as error:
        raise ValueError(f"{text} is too far away") from error


def written_day(text: str) -> str:
    """A day as it is always written, so that days can be compared as texts; raises ValueError."""
    return _day(text).date().isoformat()


def told_day(seconds: int) -> str:
    """The day that ends with this moment; of any other moment the seconds."""
    day = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc) - datetime.timedelta(days=1)
    return f"{day:%Y-%m-%d}" if seconds % 86400 == 0 else str(seconds)


def told_minute(seconds: int) -> str:
    """A moment as people write it."""
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc):%Y-%m-%d %H:%M} UTC"


def _day(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%d")


def _zone(name: str) -> datetime.tzinfo:
    """A zone by its name in the database of time zones; raises ValueError."""
    if name == UTC:
        return datetime.timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone that this machine knows") from error
