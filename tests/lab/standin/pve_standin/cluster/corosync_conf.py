"""Reading and writing corosync.conf, in the exact layout PVE writes.

A configuration is nested dictionaries of strings. Two sections repeat and are keyed: `node` by its name in
`nodelist`, `interface` by its linknumber in `totem`.
"""

from __future__ import annotations

import re
from typing import Any

Conf = dict[str, Any]

MAX_LINK = 7
_KEYED = {("nodelist", "node"): "name", ("totem", "interface"): "linknumber"}


class ConfError(Exception):
    """The text is not a valid corosync.conf."""


def parse(text: str) -> Conf:
    root: Conf = {}
    stack: list[tuple[str, Conf]] = [("", root)]
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        opened = re.fullmatch(r"(\S+)\s*\{", line)
        if opened:
            stack.append((opened.group(1), {}))
        elif line == "}":
            _close(stack)
        else:
            key, colon, value = line.partition(":")
            if not colon:
                raise ConfError(f"parse error in corosync.conf: '{line}'")
            stack[-1][1][key.strip()] = value.strip()
    if len(stack) != 1:
        raise ConfError("parse error in corosync.conf: section not closed")
    return root


def _close(stack: list[tuple[str, Conf]]) -> None:
    if len(stack) < 2:
        raise ConfError("parse error in corosync.conf: unexpected '}'")
    name, section = stack.pop()
    parent_name, parent = stack[-1]
    key = _KEYED.get((parent_name, name))
    if key is None:
        parent[name] = section
    else:
        fallback = section.get("ring0_addr", str(len(parent.get(name, {}))))
        parent.setdefault(name, {})[section.get(key, fallback)] = section


def dump(conf: Conf) -> str:
    lines: list[str] = []
    for name in sorted(conf):
        _dump_section(lines, "", name, conf[name], 0)
        lines.append("")
    return "\n".join(lines) + "\n"


def _dump_section(lines: list[str], parent: str, name: str, section: Conf, depth: int) -> None:
    indent = "  " * depth
    lines.append(f"{indent}{name} {{")
    for key in sorted(section):
        value = section[key]
        if (name, key) in _KEYED:
            for item in sorted(value):
                _dump_section(lines, name, key, value[item], depth + 1)
        elif isinstance(value, dict):
            _dump_section(lines, name, key, value, depth + 1)
        else:
            lines.append(f"{indent}  {key}: {value}")
    lines.append(f"{indent}}}")


def nodes(conf: Conf) -> dict[str, dict[str, str]]:
    """Nodes by name."""
    return dict(conf.get("nodelist", {}).get("node", {}))


def totem(conf: Conf) -> dict[str, Any]:
    return dict(conf.get("totem", {}))


def version(conf: Conf) -> int:
    return int(totem(conf).get("config_version", 0))


def new(cluster_name: str, node: str, node_id: int, votes: int, links: dict[int, tuple[str, int]]) -> Conf:
    """The configuration of a one-node cluster. `links`: number -> (address, priority); priority 0 is not written."""
    interfaces: dict[str, dict[str, str]] = {}
    for number, (_, priority) in links.items():
        interfaces[str(number)] = {"linknumber": str(number)}
        if priority:
            interfaces[str(number)]["knet_link_priority"] = str(priority)
    return {
        "logging": {"debug": "off", "to_syslog": "yes"},
        "nodelist": {"node": {node: node_entry(node, node_id, votes, {n: a for n, (a, _) in links.items()})}},
        "quorum": {"provider": "corosync_votequorum"},
        "totem": {
            "cluster_name": cluster_name,
            "config_version": "1",
            "interface": interfaces,
            "ip_version": "ipv4-6",
            "link_mode": "passive",
            "secauth": "on",
            "version": "2",
        },
    }


def node_entry(name: str, node_id: int, votes: int, addresses: dict[int, str]) -> dict[str, str]:
    entry = {"name": name, "nodeid": str(node_id)}
    if votes:
        entry["quorum_votes"] = str(votes)
    entry.update({f"ring{number}_addr": address for number, address in addresses.items()})
    return entry


def bump(conf: Conf) -> None:
    conf["totem"]["config_version"] = str(version(conf) + 1)


def link_numbers(entry: dict[str, str]) -> list[int]:
    """Numbers of the links a node has an address for."""
    found = (re.fullmatch(r"ring(\d)_addr", key) for key in entry)
    return sorted(int(one.group(1)) for one in found if one)


def verify(conf: Conf) -> list[str]:
    """Problems that make a configuration unusable."""
    problems: list[str] = []
    if not conf.get("totem"):
        problems.append("no totem found")
    used = {number for entry in nodes(conf).values() for number in link_numbers(entry)}
    for name, entry in nodes(conf).items():
        for number in sorted(used - set(link_numbers(entry))):
            problems.append(f"node '{name}' is missing address forinterface number {number}")
    return problems
