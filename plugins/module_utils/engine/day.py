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
        day = datetime.datetime.strptime(text, "%Y-%m-%d") + datetime.timedelta(days=1)
        return int(day.replace(tzinfo=_zone(zone)).timestamp())
    except OverflowError as error:
        raise ValueError(f"{text} is too far away") from error


def told_day(seconds: int, zone: str = UTC) -> str:
    """The day that ends with this moment; of any other moment the seconds."""
    day = datetime.datetime.fromtimestamp(seconds, _zone(zone)) - datetime.timedelta(days=1)
    return f"{day:%Y-%m-%d}" if end_of_day(f"{day:%Y-%m-%d}", zone) == seconds else str(seconds)


def day_of(seconds: int, zone: str = UTC) -> str:
    """The day on which a moment is, in a time zone."""
    return f"{datetime.datetime.fromtimestamp(seconds, _zone(zone)):%Y-%m-%d}"


def _zone(name: str) -> datetime.tzinfo:
    """A zone by its name in the database of time zones; raises ValueError."""
    if name == UTC:
        return datetime.timezone.utc
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone that this machine knows") from error
