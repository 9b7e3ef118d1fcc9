# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a plan will take: what steps of its kinds took in earlier runs, and a guess where there was none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from .plan import Document, PlannedStep

#: Seconds of one step of a topic, where nobody has measured: orders of magnitude, for ordinary servers.
GUESSES: Mapping[str, float] = {"packages": 90, "data": 20, "guest": 30, "cluster": 10, "quorum": 5, "monitor": 5}
_GUESS = 1.0
#: Here a host begins when the one before it is ready; in the tasks of all other subjects hosts work side by side.
_ONE_AFTER_THE_OTHER = ("cluster",)
#: Of the estimate; with less of it measured it is called a guess.
_MOSTLY = 0.8
#: Of the measurements of a kind, the last so many count.
LAST = 9


@dataclass(frozen=True)
class Estimate:
    """``measured``: whether most of it rests on measurements."""

    seconds: float
    measured: bool


def medians(measured: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Kind of step → seconds, from measurements in the order in which they were made."""
    found: dict[str, list[float]] = {}
    for kind, seconds in measured:
        found.setdefault(kind, []).append(seconds)
    return {kind: median(of_kind[-LAST:]) for kind, of_kind in found.items()}


def estimate(plan: Document, measured: Mapping[str, float]) -> Estimate:
    """Tasks come one after the other. What is only possible is not counted."""
    whole, known = 0.0, 0.0
    for subject, task in dict.fromkeys((note.subject, note.task) for note in plan.notes):
        hosts = [note.steps for note in plan.notes if (note.subject, note.task) == (subject, task)]
        longest = max(hosts, key=lambda steps: _seconds(steps, measured))
        counted = hosts if subject in _ONE_AFTER_THE_OTHER else [longest]
        whole += sum(_seconds(steps, measured) for steps in counted)
        known += sum(_seconds([step for step in steps if step.kind in measured], measured) for steps in counted)
    return Estimate(whole, whole > 0 and known >= _MOSTLY * whole)


def _seconds(steps: Iterable[PlannedStep], measured: Mapping[str, float]) -> float:
    surely = (step for step in steps if not step.possible)
    return sum(measured.get(step.kind, GUESSES.get(step.topic, _GUESS)) for step in surely)
