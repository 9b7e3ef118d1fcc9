# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guests of a site in a report. Whether one runs, its own node alone can tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

from ...engine.day import told_minute
from ...model.guest.guest import NOUNS, Guest, GuestKind, sid_of
from ...model.guest.overview import GuestOverview
from ...model.guest.release import TAG
from ...model.node.look import Unknown, known
from .nodes import Site
from .section import Missing, section

#: Of machines of a class: what a row tells → the field of their mark.
_SAID = {"fleet": "fleet", "owner": "owner", "ends": "expires", "quota": "quota"}


def guests_section(site: Site) -> dict[str, Any]:
    """What they are called is written where they are; of their notes only the mark is told."""
    told = site.told(lambda look: look.guests)
    places, configs = places_of(told), configs_of(told)
    rows = [_guest(site, told, vmid, *places[vmid], configs.get(vmid)) for vmid in sorted(places)]
    return section(rows, _missing(site), lrm={view.node: view.lrm.state if view.lrm else None for view in told})


def places_of(told: Iterable[GuestOverview]) -> dict[int, tuple[str, GuestKind]]:
    return {vmid: place for view in told for vmid, place in view.places.items()}


def configs_of(told: Iterable[GuestOverview]) -> dict[int, Guest]:
    return {vmid: guest for view in told for vmid, guest in view.known.items()}


def _missing(site: Site) -> list[Missing]:
    found = []
    for node in site.nodes:
        parts = (node.part(lambda look: look.guests), node.part(lambda look: look.processes))
        why = [one.why for one in parts if isinstance(one, Unknown)]
        found += [Missing(node.name, why[0])] if why else []
    return found


def _guest(
    site: Site, told: list[GuestOverview], vmid: int, node: str, kind: GuestKind, config: Optional[Guest]
) -> dict[str, Any]:
    sid = sid_of(kind, vmid)
    managed = [view.ha.resources[sid] for view in told if sid in view.ha.resources]
    volumes = {one.storage for one in config.volumes if one.storage and not one.snapshot} if config else None
    return {
        "vmid": vmid,
        "name": config.name if config else None,
        "kind": NOUNS[kind],
        "node": node,
        "running": runs(site, node, vmid),
        "ha": managed[0] if managed else None,
        "lock": config.lock if config else None,
        **{name: config.said.get(key, "") if config else None for name, key in _SAID.items()},
        "released": TAG in config.tags if config else None,
        "last_start": _last_start(told, vmid),
        "storages": None if volumes is None else sorted(volumes),
        "copied_to": sorted({job.target for view in told for job in view.jobs if job.guest == vmid}),
    }


def _last_start(told: Iterable[GuestOverview], vmid: int) -> Optional[str]:
    """As far back as nodes remember, also of one that was somewhere else then."""
    found = [view.started[vmid] for view in told if vmid in view.started]
    return told_minute(max(found)) if found else None


def runs(site: Site, node: str, vmid: int) -> Optional[bool]:
    """None where its node does not tell."""
    own = site.node(node)
    processes = None if own is None else known(own.part(lambda look: look.processes))
    return None if processes is None else vmid in processes
