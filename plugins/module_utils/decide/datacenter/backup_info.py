# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which backup jobs there are, in the form in which they are declared, and whom they leave out."""

from __future__ import annotations

from typing import Any

from ...engine.errors import Unreadable
from ...model.datacenter.backup import OLD_ID, DesiredBackup, Job, ObservedBackup, coverage
from .backup import uncovered


def everything(caller: str) -> DesiredBackup:
    """Nothing is asked for; whoever asks has to be allowed to see it all."""
    return DesiredBackup(caller=caller)


def variables(observed: ObservedBackup) -> dict[str, Any]:
    """Without jobs of old, whose ids are none that anybody could declare."""
    jobs = [_said(name, job) for name, job in sorted(observed.jobs.items()) if not OLD_ID.fullmatch(name)]
    return {"jobs": jobs} if jobs else {}


def _said(name: str, job: Job) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name}
    for word, value in sorted(job.options.items()):
        if word == "prune-backups" and isinstance(value, frozenset):
            pairs = (one.partition("=") for one in sorted(value))
            found[_spoken(word)] = {
                _spoken(key): True if key == "keep-all" else int(number) for key, _equals, number in pairs
            }
        elif word in ("vmid", "exclude") and isinstance(value, frozenset):
            found[word] = sorted(map(int, value))
        else:
            found[_spoken(word)] = sorted(value) if isinstance(value, frozenset) else value
    return found


def _spoken(word: str) -> str:
    return word.replace("-", "_")


def describe(observed: ObservedBackup) -> dict[str, Any]:
    if observed.lacking:
        raise Unreadable(f"The token lacks {', '.join(observed.lacking)}: it is not shown all there is.")
    found = coverage(observed.jobs, observed.guests, observed.storages)
    old = [name for name in sorted(observed.jobs) if OLD_ID.fullmatch(name)]
    return {
        "release": "" if observed.release is None else str(observed.release),
        "covered": sorted(found.covered),
        "uncovered": sorted(found.uncovered),
        "bound_to_a_node": {str(vmid): node for vmid, node in sorted(found.bound.items())},
        "problems": list(uncovered(found, observed)),
        "old_jobs": old,
        **variables(observed),
    }
