# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only all answers together tell in a bad night; what is safe, what to do in which order, and what never to do.

First what mends a service, which loses nothing; then what ``site/losses`` advises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...model.cluster.links import link_name
from ..losses.advice import advice
from ..losses.cluster_actions import dark_ports
from ..losses.findings import findings as amiss
from ..losses.reading import Reading
from ..losses.situation import endangered, guests_on, situation
from ..losses.words import joined
from .finding import Fact, Finding

#: What is told of a reading in its own words; of the rest, the sections tell.
_TOPICS = ("votes", "guests", "storages")
#: Services that an armed node is reset without, and whose start is no matter of a moment.
_DELICATE = frozenset(("corosync", "pve-cluster", "pve-ha-lrm", "pve-ha-crm", "watchdog-mux"))


def night_findings(reading: Reading) -> Iterator[Finding]:
    now = situation(reading)
    for node, told, within in endangered(reading):
        if told:
            yield _reset(node.name, within, reading)
        elif told is None:
            yield Finding("node.reset_unknown", "unknown", node.name, {"node": node.name, "why": node.lrm.why})
    for name, carrier in dark_ports(reading):
        facts: dict[str, Fact] = {"node": name, "port": carrier.port}
        if carrier.link is None:
            yield Finding("port.dark", "wrong", name, facts)
        else:
            yield Finding("port.dark_link", "wrong", name, {**facts, "link": link_name(carrier.link)})
    hidden = now.hidden
    if hidden and now.quorate is not True:
        yield Finding("nodes.hidden", "unknown", hidden[0], {"nodes": ", ".join(hidden)})
        lost = [str(one.guest.vmid) for one in guests_on(hidden, reading)]
        if lost:
            yield Finding("guests.hidden", "unknown", hidden[0], {"guests": ", ".join(lost)})
    for one in amiss(reading):
        if one.topic in _TOPICS:
            yield Finding(
                "amiss", "warning", one.topic, {"text": joined([*filter(None, (one.text, one.do))], "{one} {more}")}
            )


def _reset(node: str, within: float, reading: Reading) -> Finding:
    """Which guests stop with it, that none does, or that nobody told which there are."""
    facts: dict[str, Fact] = {"node": node, "seconds": round(within)}
    if not reading.guests.known:
        return Finding("node.reset_blind", "wrong", node, {**facts, "why": reading.guests.why})
    running = [str(one.guest.vmid) for one in guests_on((node,), reading) if one.guest.running]
    if not running:
        return Finding("node.reset_empty", "wrong", node, facts)
    return Finding("node.reset", "wrong", node, {**facts, "guests": ", ".join(running)})


def advice_document(reading: Reading, found: list[Finding]) -> dict[str, Any]:
    """``do`` and ``not``: what, when it is right, on which node, commands exactly as to be typed."""
    told = advice(reading).document()
    first = [_action(one) for one in found if _is_mended(one)]
    every = [*first, *map(_worded, told["do"])]
    return {
        "safe": told["safe"],
        "do": [one for number, one in enumerate(every) if one not in every[:number]],
        "not": [_worded(one) for one in told["never"]],
    }


def _worded(action: Mapping[str, Any]) -> dict[str, Any]:
    """An action that comes with its own words; others have an id, of a sentence in each language."""
    return {"id": "", "facts": {}, **action}


#: Finding → the commands that mend it, on its node. Nothing is lost by them.
_MENDS: Mapping[str, tuple[str, ...]] = {
    "web.silent": ("systemctl restart pveproxy",),
    "service.down": ("systemctl restart {service}",),
    "packages.unfinished": ("dpkg --configure -a", "apt-get --fix-broken install"),
    "certificate.expired": ("pvecm updatecerts --force", "systemctl restart pveproxy"),
    "updates.stale": ("apt-get update",),
}


def _is_mended(one: Finding) -> bool:
    """Of the certificates, only a node's own is made anew by a command: not the authority, nor an administrator's."""
    ours = "path" not in one.facts or str(one.facts["path"]).endswith("/pve-ssl.pem")
    return one.id in _MENDS and one.facts.get("service") not in _DELICATE and ours


def _action(one: Finding) -> dict[str, Any]:
    return {
        "id": f"mend.{one.id}",
        "facts": dict(one.facts),
        "what": "",
        "verdict": "right",
        "condition": "",
        "commands": [command.format(**one.facts) for command in _MENDS[one.id]],
        "on": str(one.facts["node"]),
    }
