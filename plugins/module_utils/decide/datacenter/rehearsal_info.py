# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a rehearsal went: whether the copy runs, answers, and has every volume that the guest has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...model.datacenter.rehearsal import ObservedRehearsal, missing, volumes


def describe(observed: ObservedRehearsal, answered: bool, given_up: Collection[str]) -> dict[str, Any]:
    """Whatever else is well: a copy without a volume is a part of the guest. given_up: volumes meant to be left out."""
    guest, copy = observed.guest, observed.copy
    if guest is None or copy is None:
        what = "guest" if guest is None else "copy"
        return {"verdict": "none", "missing": {}, "restored": [], "waiting": [], "problems": [f"There is no {what}."]}
    found = missing(guest.kind, observed.config, observed.copied)
    lacks = {key: why for key, why in found.items() if key not in given_up}
    waiting = [] if answered else [f"{copy.vmid} does not answer." if observed.running else f"{copy.vmid} is stopped."]
    told = [f"{key} is {why}." if why.startswith("not ") else f"{key}: {why}." for key, why in lacks.items()]
    verdict = "partial" if lacks else "restored" if answered else "silent"
    return {
        "verdict": verdict,
        "missing": lacks,
        "restored": sorted(volumes(copy.kind, observed.copied)),
        "waiting": waiting,
        "problems": [*told, *waiting],
    }
