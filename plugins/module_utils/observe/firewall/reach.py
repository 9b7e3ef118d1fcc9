# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Try from a node whether others answer: new connections, as those that are open go on through a firewall."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...engine.errors import Unreadable
from ...engine.reader import Reader

_SECONDS = "3"


def observe_reach(reader: Reader, places: Sequence[str]) -> dict[str, bool]:
    """``places``: address and port, as ``10.0.0.1 22``."""
    if not places:
        return {}
    done = reader.program("tcp_reach", _SECONDS, *(word for place in places for word in place.split()))
    if done.rc != 0:
        raise Unreadable(f"Others could not be tried: {done.stderr.strip()}.")
    return dict(zip(places, json.loads(done.stdout)))
