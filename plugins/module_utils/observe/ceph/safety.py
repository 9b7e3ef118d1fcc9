# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Ceph whether OSDs may be stopped or destroyed, and how far the movement of data has come.

Asked only where OSDs are about to be taken away: these answers change by the second and are never kept for a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.ceph.safety import Movement, OsdSafety, OsdUse

_ASK = ("ceph", "--connect-timeout", "10", "-f", "json")
#: What Ceph exits with (EAGAIN) while its manager does not know all placement groups, as after a start.
_TOO_EARLY = 11


def observe(reader: Reader, osds: Iterable[int]) -> OsdSafety:
    """Four short processes. Ceph calls an OSD that does not exist safe to destroy, so ask for known ones."""
    numbers = tuple(sorted(set(osds)))
    words = tuple(str(number) for number in numbers)
    unknown = {"missing_stats": numbers}
    destroy = _answer(reader, "osd", "safe-to-destroy", *words, too_early=unknown) if numbers else {}
    stop = _answer(reader, "osd", "ok-to-stop", *words) if numbers else {}
    return OsdSafety(
        osds=numbers,
        safe=frozenset(destroy.get("safe_to_destroy", ())),
        active=frozenset(destroy.get("active", ())),
        stored=frozenset(destroy.get("stored_pgs", ())),
        silent=frozenset(destroy.get("missing_stats", ())),
        stops=stop.get("num_not_ok_pgs", 0),
        movement=observe_movement(reader),
        use=parse_use(_answer(reader, "osd", "df")),
        unknown=len(stop.get("unknown_pgs", ())),
    )


def observe_movement(reader: Reader) -> Movement:
    return parse_movement(_answer(reader, "status"))


def parse_movement(status: Mapping[str, Any]) -> Movement:
    """``ceph status``; what it does not mention is zero."""
    found = status["pgmap"]
    return Movement(
        pgs=found["num_pgs"],
        states={entry["state_name"]: entry["count"] for entry in found["pgs_by_state"]},
        copies=found.get("degraded_total", found.get("misplaced_total", 0)),
        degraded=found.get("degraded_objects", 0),
        misplaced=found.get("misplaced_objects", 0),
        unfound=found.get("unfound_objects", 0),
        bytes_per_second=found.get("recovering_bytes_per_sec", 0),
    )


def parse_use(answer: Mapping[str, Any]) -> tuple[OsdUse, ...]:
    """``ceph osd df``."""
    return tuple(OsdUse(node["id"], node["kb"], node["kb_used"]) for node in answer["nodes"])


def _answer(reader: Reader, *words: str, too_early: Optional[Mapping[str, Any]] = None) -> Any:
    """Ceph exits with 16 (EBUSY) where its answer is no, or 11 where it does not know, and with JSON all the same."""
    done = reader.run(*_ASK, *words)
    if done.rc == _TOO_EARLY and too_early is not None:
        return too_early
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        said = done.stderr.strip() or "nothing"
        raise Unreadable(
            f"Ceph does not answer `{' '.join(words)}`: {said}.",
            "Its monitors and a manager must run (`ceph status`).",
        ) from error
