# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cell of the table of losses: what one loss means for one topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .things import Kind
from .words import phrase

#: From harmless to worst. ``unknown`` beats ``degraded``: what is not known is not safe.
State = Literal["fine", "degraded", "unknown", "stops", "lost"]
STATES: tuple[State, ...] = ("fine", "degraded", "unknown", "stops", "lost")
Topic = Literal["votes", "data", "daemons", "guests", "storages", "links"]
TOPICS: tuple[Topic, ...] = ("votes", "data", "daemons", "guests", "storages", "links")


@dataclass(frozen=True)
class Cell:
    """``word``: the cell in a few words, such as ``NO, 1 of 3``. Sentences: what happens at once, what after minutes,
    and what is gone if the thing never comes back."""

    state: State
    word: str = ""
    at_once: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    for_good: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        found = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


@dataclass(frozen=True)
class Loss:
    """One row: what is lost, and a cell for every topic. title: the name for people, where it says more."""

    kind: Kind
    name: str
    cells: Mapping[Topic, Cell] = field(default_factory=dict)
    title: str = ""

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        cells = {topic: self.cells[topic].document() for topic in TOPICS if topic in self.cells}
        return {"kind": self.kind, "name": self.name, "title": self.title or self.name, "cells": cells}


def unknown(*why: str) -> Cell:
    """What is missing for an answer."""
    return Cell("unknown", phrase("unknown"), at_once=why)


def passing(state: State) -> State:
    """Of what comes back by itself: it stops, and nothing of it is gone."""
    return "stops" if state == "lost" else state


def worst(*states: State) -> State:
    return max(states, key=STATES.index, default="fine")
