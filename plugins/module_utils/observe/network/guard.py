# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change of the network is under way on a node, which ends by itself."""

from __future__ import annotations

import json
from typing import Literal

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.network.guarded_change import RECORD

#: prepared: nothing is changed yet, and nothing runs that would change it.
GuardState = Literal["none", "prepared", "pending", "back"]


def observe(reader: Reader) -> GuardState:
    text = reader.read(RECORD)
    if text is None:
        return "none"
    states: dict[str, GuardState] = {"prepared": "prepared", "pending": "pending", "back": "back"}
    try:
        return states[json.loads(text)["state"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{RECORD} does not tell how far a change of the network is: {error!r}.") from error
