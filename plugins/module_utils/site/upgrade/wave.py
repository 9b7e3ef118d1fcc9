# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order the nodes of a cluster are upgraded, who is spared, and who acts for a node that cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Optional

from ...engine.errors import Invalid

Reboot = Literal["needed", "always", "never"]
REBOOTS: tuple[Reboot, ...] = ("needed", "always", "never")
Info = Mapping[str, Any]


def upgrade_wave(
    infos: Sequence[Info],
    node: str = "",
    reboot: str = "needed",
    begun: bool = False,
    among: Optional[Collection[str]] = None,
) -> dict[str, Any]:
    """``infos``: results of upgrade_info, in the inventory's order. node: the only one to be upgraded, "" for all.
    begun: only those whose upgrade has begun and not ended. among: only these hosts; None for all.

    order: host and node of each one, one after the other. planned: hosts that can be judged now; while an upgrade that
    has begun is not ended, that is its own alone. actors: host → a host that acts for it; itself where it is alone.
    boots: host → whether it would be booted anew. elsewhere: host → candidates of the others, by node.
    """
    if reboot not in REBOOTS:
        raise Invalid(f"{reboot!r} does not say when a node is rebooted.", f"It is one of {', '.join(REBOOTS)}.")
    reports = {str(info["host"]): info["report"] for info in infos}
    names = {host: str(report["node"]) for host, report in reports.items()}
    if node and node not in names.values():
        raise Invalid(
            f"No host of the inventory is the node {node}.", f"There are {', '.join(sorted(names.values()))}."
        )
    boots = {host: reboot != "never" and (reboot == "always" or bool(one["reboot"])) for host, one in reports.items()}
    marked = [host for host, report in reports.items() if report["marked"]]
    behind = [host for host, report in reports.items() if not report["current"] or boots[host] or report["marked"]]
    chosen = [
        host for host in (marked if begun else behind) if node in ("", names[host]) and (among is None or host in among)
    ]
    order = sorted(chosen, key=lambda host: (host not in marked, reports[host]["master"], reports[host]["guests"]))
    _refuse_alone(order, reports, boots)
    return {
        "order": [{"host": host, "node": names[host]} for host in order],
        "planned": [host for host in order if host in marked] or order,
        "actors": {host: next((one for one in reports if one != host), host) for host in reports},
        "boots": boots,
        "elsewhere": {
            host: {names[one]: report["candidates"] for one, report in reports.items() if one != host}
            for host in reports
        },
        "lines": [line for host in reports for line in _lines(names[host], reports[host], boots[host], host in order)],
    }


def _refuse_alone(order: Sequence[str], reports: Mapping[str, Info], boots: Mapping[str, bool]) -> None:
    if len(reports) == 1 and any(boots[host] and reports[host]["guests"] for host in order):
        raise Invalid(
            f"{order[0]} is alone, has {reports[order[0]]['guests']} guests that run, and would be rebooted.",
            "Stop them first, or leave it as it runs: -e upgrade_reboot=never.",
        )


def _lines(node: str, report: Info, boots: bool, chosen: bool) -> list[str]:
    """For people: what would come to a node, why it would be booted, and what of it is worth knowing."""
    if not chosen:
        return [f"{node}: {'is up to date' if report['current'] else 'is left as it is'}."]
    updates = report["updates"]
    security = sum(bool(one["security"]) for one in updates)
    lines = [f"{node}: {len(updates)} packages, {security} of them for security, {_known_by(report['lists_age'])}."]
    lines += [f"{node}: {_update(one)}" for one in updates]
    lines += [f"{node}: {name} was left {state}." for name, state in sorted(report["unfinished"].items())]
    lines += [f"{node}: would be rebooted, as {reason}." for reason in report["reboot"] if boots]
    lines += [f"{node}: is not rebooted, although {reason}." for reason in report["reboot"] if not boots]
    if report["services_on_old"]:
        lines.append(f"{node}: replaced programs still run in {', '.join(report['services_on_old'])}.")
    if report["guests_on_old"]:
        lines.append(f"{node}: replaced programs still run in guests {', '.join(map(str, report['guests_on_old']))}.")
    return lines + [f"{node}: {notice}" for notice in report["notices"]]


def _known_by(age: Optional[int]) -> str:
    """``age``: days since apt fetched its lists, None for never."""
    if age is None:
        return "as apt has never fetched its lists"
    return "by today's lists" if age == 0 else f"by lists that are {age} day{'s' if age > 1 else ''} old"


def _update(one: Info) -> str:
    mark = " (security)" if one["security"] else ""
    return f"{one['package']} {one['installed'] or 'new'} → {one['available']}{mark}"
