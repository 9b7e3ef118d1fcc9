# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as numbers, in the text format that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

PREFIX = "baremetal_drift"
_HELP = {
    "known": "Whether the last look came to its end: 1 or 0. With 0 nothing else is told.",
    "time_seconds": "When the last look ended, or was begun if it has not; seconds since 1970.",
    "steps": "Steps that site.yml would take, by host and topic.",
    "destructive_steps": "Those of them that destroy data.",
    "warnings": "What the plan warns of.",
}


def plan_metrics(plan: Mapping[str, Any], site: str, now: float) -> str:
    """``plan``: as run_plan writes it. One that was refused, or is not whole, says not how far off the site is."""
    return "".join(f"{line}\n" for line in _lines(plan, site, now))


def _lines(plan: Mapping[str, Any], site: str, now: float) -> Iterator[str]:
    known = plan.get("state") in ("steps", "nothing")
    yield from _metric("known", [({"site": site}, int(known))])
    yield from _metric("time_seconds", [({"site": site}, round(now))])
    if not known:
        return
    counted = Counter((str(step["host"]), str(step["topic"])) for step in plan["steps"])
    labelled = [
        ({"site": site, "host": host, "topic": topic}, count) for (host, topic), count in sorted(counted.items())
    ]
    yield from _metric("steps", labelled or [({"site": site}, 0)])
    yield from _metric(
        "destructive_steps", [({"site": site}, sum(bool(step["destructive"]) for step in plan["steps"]))]
    )
    yield from _metric("warnings", [({"site": site}, len(plan["warnings"]))])


def _metric(name: str, values: list[tuple[dict[str, str], int]]) -> Iterator[str]:
    yield f"# HELP {PREFIX}_{name} {_HELP[name]}"
    yield f"# TYPE {PREFIX}_{name} gauge"
    for labels, value in values:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{PREFIX}_{name}{{{told}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
