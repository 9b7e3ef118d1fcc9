# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report as one document: what all nodes together show, in a form that stays (docs/report.md).

``schema`` grows when a reader would break; keys are only ever added. Nothing secret is in it: no keys, no tokens, no
notes of guests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.node.look import SiteLook
from ..losses.cell import TOPICS
from ..losses.table import losses
from ..losses.words import explained
from .ceph import SiteCeph, disks_section, health_section, pools_section
from .cluster import cluster_section, links_section
from .findings import findings, verdict, worst_first
from .guests import guests_section
from .night import advice_document, night_findings
from .nodes import Site
from .packages import certificates_section, seconds, versions_section
from .reading import reading_of
from .section import section
from .storages import storages_section

SCHEMA = 1
#: Why nobody knows what site.yml would do: texts of ``report/words.py``.
NOT_ASKED, NOT_PLANNABLE, PLAN_FAILED = "drift.asked_not", "drift.silent", "drift.failed"


def report(look: SiteLook, made: str, name: str = "") -> dict[str, Any]:
    """``made``: when the nodes were read, in UTC, as ISO 8601 has it. ``name``: of the site, if it has no cluster yet.

    What a run of site.yml would do is not asked here.
    """
    site = Site.of(look)
    ceph = SiteCeph.of(site)
    sections = {
        "cluster": cluster_section(site),
        "links": links_section(site),
        "health": health_section(ceph),
        "disks": disks_section(site, ceph),
        "pools": pools_section(ceph),
        "storages": storages_section(site),
        "guests": guests_section(site),
        "versions": versions_section(site),
        "certificates": certificates_section(site, made),
    }
    reading = reading_of(site, ceph, seconds(made))
    found = worst_first([*night_findings(reading), *findings(sections)])
    foretold = [one.document() for one in losses(reading)]
    told = advice_document(reading, found)
    return {
        "schema": SCHEMA,
        "kind": "report",
        "site": (site.config.name if site.config else "") or name,
        "made": made,
        "nodes": [node.name for node in site.nodes],
        "verdict": verdict(found),
        "findings": [one.document for one in found],
        "advice": told,
        **sections,
        "losses": {**section(foretold, []), "topics": list(TOPICS)},
        "phrases": explained([foretold, told, [dict(one.facts) for one in found]]),
        "drift": unplanned(NOT_ASKED if may_be_planned(sections) else NOT_PLANNABLE),
    }


def may_be_planned(made: Mapping[str, Any]) -> bool:
    """A plan needs all nodes, and a cluster and a Ceph that answer; without them it would only wait."""
    cluster, ceph = made["cluster"], made["health"]
    answers = all(row["answered"] for row in cluster["rows"]) and ceph["state"] != "unknown"
    return (
        answers
        and not cluster["pmxcfs"]
        and not cluster["untold"]
        and (cluster["quorate"] is True or cluster["name"] is None)
    )


def unplanned(why: str, **facts: str) -> dict[str, Any]:
    """What stands in place of a plan."""
    return {"state": "unknown", "id": why, "facts": facts}
