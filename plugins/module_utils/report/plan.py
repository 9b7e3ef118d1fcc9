# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run would do, over all hosts and subjects, as one document that texts are made from.

Hosts that share a step share a line. The order of a host's steps is kept, and so is the order of the tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Optional

State = Literal["steps", "nothing", "refused"]
#: Stands for the name of each of the hosts that share a line.
OWN_NAME = "<node>"


@dataclass(frozen=True)
class PlannedStep:
    """A step as modules return it in ``steps``: see ``engine.plan.Step``."""

    id: str
    topic: str
    why: str
    destructive: bool = False
    possible: bool = False
    because: str = ""

    @property
    def kind(self) -> str:
        """What is done, whatever to: ``osd.create`` of ``osd.create:sdb``."""
        return self.id.partition(":")[0]

    @property
    def sentence(self) -> str:
        told = f"{self.why} (only if needed)" if self.possible else self.why
        return f"{told}, as {self.because}" if self.because else told


@dataclass(frozen=True)
class Note:
    """What the dry run of one subject on one host said, in one ``task`` (any name that tells tasks apart)."""

    host: str
    subject: str
    steps: tuple[PlannedStep, ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    task: str = ""


def note(told: Mapping[str, Any]) -> Note:
    """A note as a run keeps it: JSON with ``host``, ``subject`` and what the module returned."""
    steps = tuple(
        PlannedStep(
            step["id"],
            step["topic"],
            step["why"],
            bool(step["destructive"]),
            bool(step["possible"]),
            step.get("because", ""),
        )
        for step in told.get("steps", ())
    )
    sayings = tuple(told.get("warnings", ())), tuple(told.get("refusals", ()))
    return Note(told["host"], told["subject"], steps, *sayings, task=told.get("task", ""))


@dataclass(frozen=True)
class Line:
    """One step and the hosts that share it, in the order of the inventory."""

    subject: str
    hosts: tuple[str, ...]
    step: PlannedStep


@dataclass(frozen=True)
class Saying:
    """A warning or a refusal, and the hosts that it comes from."""

    hosts: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Document:
    """A plan to be shown. ``site``: the cluster's name. ``hosts``: all that were looked at.

    ``seconds``: an estimate of how long it takes; ``measured``: whether most of that was measured in earlier runs.
    """

    site: str
    hosts: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    lines: tuple[Line, ...] = ()
    warnings: tuple[Saying, ...] = ()
    refusals: tuple[Saying, ...] = ()
    seconds: Optional[float] = field(default=None, compare=False)
    measured: bool = field(default=False, compare=False)

    @property
    def steps(self) -> int:
        """How many steps there are on all hosts, without those that are only possible."""
        return sum(len(line.hosts) for line in self.lines if not line.step.possible)

    @property
    def destructive(self) -> int:
        return sum(len(line.hosts) for line in self.lines if line.step.destructive)

    @property
    def state(self) -> State:
        return "refused" if self.refusals else "steps" if self.lines else "nothing"

    @property
    def data(self) -> dict[str, Any]:
        """The document for programs. Keys are only ever added; ``schema`` counts what would break a reader."""
        own = [(one.host, one.subject, step) for one in self.notes for step in one.steps]
        return {
            "schema": 1,
            "state": self.state,
            "site": self.site,
            "hosts": list(self.hosts),
            "steps": [{"host": host, "subject": subject, **asdict(step)} for host, subject, step in own],
            "warnings": [{"hosts": list(one.hosts), "text": one.text} for one in self.warnings],
            "refusals": [{"hosts": list(one.hosts), "text": one.text} for one in self.refusals],
            "seconds": self.seconds,
            "measured": self.measured,
        }

    @property
    def changing(self) -> tuple[str, ...]:
        """The hosts on which something would be done."""
        return tuple(host for host in self.hosts if any(host in line.hosts for line in self.lines))


def document(site: str, hosts: Sequence[str], notes: Iterable[Note]) -> Document:
    """``hosts`` in the inventory's order, ``notes`` as they were made; what is said again is left out."""
    given = _new(notes)
    every = list(dict.fromkeys([*hosts, *(one.host for one in given)]))
    tasks = list(dict.fromkeys((one.subject, one.task) for one in given))
    known = sorted(given, key=lambda one: (tasks.index((one.subject, one.task)), every.index(one.host)))
    return Document(
        site,
        tuple(every),
        tuple(known),
        tuple(line for task in tasks for line in _merged(task, known)),
        _sayings((one.host, text) for one in known for text in one.warnings),
        _sayings((one.host, text) for one in known for text in one.refusals),
    )


def _new(notes: Iterable[Note]) -> list[Note]:
    """A subject that is planned in several tasks says a step of a host only once."""
    said: set[tuple[str, str, PlannedStep]] = set()
    new = []
    for one in notes:
        steps = tuple(step for step in one.steps if (one.host, one.subject, step) not in said)
        said.update((one.host, one.subject, step) for step in steps)
        new.append(replace(one, steps=steps))
    return new


def _merged(task: tuple[str, str], notes: Sequence[Note]) -> list[Line]:
    """All hosts' steps in one sequence that keeps each host's own order; equal steps meet where the order allows it."""
    merged: list[tuple[PlannedStep, list[str]]] = []
    for own in (one for one in notes if (one.subject, one.task) == task):
        place = 0
        alone: list[tuple[PlannedStep, list[str]]] = []
        for step in (_shared(step, own.host) for step in own.steps):
            at = next((number for number in range(place, len(merged)) if merged[number][0] == step), None)
            if at is None:
                alone.append((step, [own.host]))
            else:
                merged[at][1].append(own.host)
                merged[at:at] = alone
                place, alone = at + len(alone) + 1, []
        merged += alone
    return [_line(task[0], step, hosts) for step, hosts in merged]


def _shared(step: PlannedStep, host: str) -> PlannedStep:
    """What names only the host itself is the same step on every host; what destroys something is never put together."""
    if step.destructive:
        return step
    own = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])|(?<=\.){re.escape(host)}(?![\w.-])")
    because = own.sub(OWN_NAME, step.because)
    return replace(step, id=own.sub(OWN_NAME, step.id), why=own.sub(OWN_NAME, step.why), because=because)


def _line(subject: str, step: PlannedStep, hosts: Sequence[str]) -> Line:
    if len(hosts) > 1:
        return Line(subject, tuple(hosts), step)
    name, why, because = (text.replace(OWN_NAME, hosts[0]) for text in (step.id, step.why, step.because))
    mine = replace(step, id=name, why=why, because=because)
    return Line(subject, tuple(hosts), mine)


def _sayings(pairs: Iterable[tuple[str, str]]) -> tuple[Saying, ...]:
    hosts: dict[str, list[str]] = {}
    for host, text in pairs:
        found = hosts.setdefault(text, [])
        if host not in found:
            found.append(host)
    return tuple(Saying(tuple(found), text) for text, found in hosts.items())
