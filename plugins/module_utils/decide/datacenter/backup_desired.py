# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the backup jobs that are wanted; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.datacenter.backup import OPTIONS, SELECTIONS, DesiredBackup, Meaning, meaning
from ..access import given
from ..access.caller import caller_from

_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{1,49}")
_HINT = "Two to 50 letters, digits, '-' and '_', beginning with a letter."
_WORDS = {name.replace("-", "_"): name for name in OPTIONS}


def desired_from(params: Mapping[str, Any]) -> DesiredBackup:
    found: dict[str, Optional[Mapping[str, Meaning]]] = {}
    for one in params["jobs"]:
        name = given.named("A backup job", one["id"], _ID, _HINT)
        if name in found:
            raise Invalid(f"The backup job {name} is listed twice.")
        found[name] = _said(name, one)
    return DesiredBackup(found, params["exclusive"], caller_from(params))


def _said(name: str, one: Mapping[str, Any]) -> Optional[Mapping[str, Meaning]]:
    spoken = [word for word in _WORDS if one[word] is not None]
    if one["state"] == "absent":
        if spoken:
            raise Invalid(f"The backup job {name} is to go, and {', '.join(spoken)} is said of it.", "Say one of them.")
        return None
    given.fields(f"The backup job {name}", one, [word for word in spoken if word != "notes_template"])
    chosen = [word for word in SELECTIONS if one[word]]
    if len(chosen) > 1:
        raise Invalid(f"The backup job {name} is about {' and '.join(chosen)}.", "Each excludes the others.")
    if one["exclude"] and (one["pool"] or one["vmid"]):
        raise Invalid(f"The backup job {name}: exclude goes with all only.", "Take the guests out of the others.")
    keeps = one["prune_backups"]
    if keeps is not None and any(number < 0 for number in keeps.values() if number is not None):
        raise Invalid(f"The backup job {name}: how many are kept cannot be less than 0.")
    if keeps and keeps["keep_all"] and any(value for key, value in keeps.items() if key != "keep_all"):
        raise Invalid(f"The backup job {name} keeps all, and a number of them.", "Say one of them.")
    return {_WORDS[word]: meaning(OPTIONS[_WORDS[word]], one[word]) for word in spoken}
