# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole of a site's cluster, in the form in which the role's tasks take it: who does what, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .device import device_state
from .joins import context_of, is_joiner, last_joiner, needs_admission, tries_links, turn_of, turns
from .lead import choose_lead
from .site import Site, heard


def view(told: Sequence[Mapping[str, Any]], wish: Mapping[str, Any]) -> dict[str, Any]:
    """``told``: what each host says (``cluster_info``).  ``wish``: see the filter's documentation."""
    site = Site.parse(told, wish)
    return {
        "lead": site.lead,
        "representative": _representative(site, told),
        "to_ask": list(site.to_ask),
        "config": _config(site),
        "device": asdict(site.device),
        "hosts": {host: _host(site, host) for host in site.infos},
        "turns": turns(site),
        "last_joiner": last_joiner(site),
    }


def _representative(site: Site, told: Sequence[Mapping[str, Any]]) -> str:
    """A new node knows nothing of its cluster before it joins. A run that changes things keeps to its play all the
    same: by then it has joined."""
    dry = all(one["dry_run"] for one in told if one["answered"])
    return site.lead if dry or site.leads_play else next(iter(site.playing), site.lead)


def cluster_lead(told: Sequence[Mapping[str, Any]]) -> str:
    """Which of these nodes acts for the cluster that they are in."""
    return choose_lead(heard(told))


def _config(site: Site) -> dict[str, Any]:
    """What is wanted of the configuration of the running cluster, and what of it while nodes join."""
    device, lead_is_member = site.wanted.device, site.lead_info.member
    before_joins = {"state": "absent"} if site.device.pauses else None
    return {
        "nodes": [info.wanted.document() for info in site.playing.values()],
        "qdevice": device.config,
        "qdevice_before_joins": before_joins,
        "qdevice_now": before_joins or device.config,
        "compared": site.leads_play and lead_is_member,
        # the token coefficient is what pvecm cannot be told when it creates a cluster
        "changes_before_joins": site.device.aside or (not lead_is_member and site.wanted.token_coefficient is not None),
    }


def _host(site: Site, host: str) -> dict[str, Any]:
    return {
        "turn": turn_of(site, host),
        "joiner": is_joiner(site, host),
        "tries_links": tries_links(site, host),
        "needs_admission": needs_admission(site, host),
        "qdevice": device_state(site.wanted.device, site.infos[host]),
        "context": context_of(site, host).document(),
    }
