# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Days, as people write them, as moments."""

from __future__ import annotations

import datetime


def end_of_day(text: str) -> int:
    """Seconds from 1970 to the end of a day (YYYY-MM-DD) in UTC; raises ValueError."""
    day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.timezone.utc)
    return int((day + datetime.timedelta(days=1)).timestamp())


def told_day(seconds: int) -> str:
    """The day that ends with this moment; of any other moment the seconds."""
    day = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc) - datetime.timedelta(days=1)
    return f"{day:%Y-%m-%d}" if seconds % 86400 == 0 else str(seconds)
