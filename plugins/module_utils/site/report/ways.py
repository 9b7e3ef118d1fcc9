# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Links of the cluster that do not work, each told once: a dead switch, a pulled cable, and single ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .finding import Finding

#: (from, to) → whether nothing gets through. Both directions are told.
Ways = Mapping[tuple[str, str], bool]


def links_down(links: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Ways to a node that is silent, or whose corosync does not run, say nothing of the link."""
    runs = [row["node"] for row in cluster["rows"] if row["quorum"] is not None]
    told = [row for row in links["rows"] if row["state"] != "unknown" and {row["from"], row["to"]} <= set(runs)]
    for link in dict.fromkeys(row["link"] for row in told):
        ways = {(row["from"], row["to"]): row["state"] == "down" for row in told if row["link"] == link}
        yield from _link(link, [node for node in runs if any(node in way for way in ways)], ways)


def _link(link: str, nodes: Sequence[str], ways: Ways) -> Iterator[Finding]:
    if all(ways.values()):
        yield Finding("link.dead", "wrong", link, {"link": link, "nodes": ", ".join(nodes)})
        return
    alone = [node for node in nodes if all(down for way, down in ways.items() if node in way)]
    for node in alone:
        yield Finding("link.cut", "wrong", f"{link} of {node}", {"link": link, "node": node})
    for node in nodes:
        others = [to for (who, to), down in ways.items() if down and who == node and not {who, to} & set(alone)]
        if others:
            facts = {"link": link, "node": node, "others": ", ".join(others)}
            yield Finding("link.down", "wrong", f"{link} of {node}", facts)
