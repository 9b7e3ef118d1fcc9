# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask from namespaces of pods, and answer in them for a while."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.cni.proof import PORT, Trial
from .node import answered

ECHO = "pod_echo"


def answer(reader: Reader, namespaces: Sequence[str], seconds: int) -> None:
    done = reader.program(ECHO, "start", str(seconds), str(PORT), *namespaces) if namespaces else None
    if done is not None and done.rc != 0:
        raise Unreadable(f"This node cannot answer for its pods: {done.stderr.strip()}.")


def observe(reader: Reader, trials: Sequence[Trial]) -> list[tuple[Trial, Mapping[str, Any]]]:
    """What each trial has seen; those of one namespace side by side."""
    found: list[tuple[Trial, Mapping[str, Any]]] = []
    for netns in dict.fromkeys(trial.netns for trial in trials):
        here = [trial for trial in trials if trial.netns == netns]
        done = reader.program(ECHO, "ask", netns or "-", json.dumps([trial.request for trial in here]))
        found += zip(here, answered(done, f"nothing can be sent from {netns or 'the node'}"))
    return found
