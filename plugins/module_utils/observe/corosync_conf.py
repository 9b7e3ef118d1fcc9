# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read corosync.conf(5): sections in braces, ``key: value`` lines, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import Unreadable
from ..model.cluster import CorosyncConfig, Member

_ADDRESS = re.compile(r"ring([0-7])_addr")


@dataclass
class Section:
    """A section while it is read; ``sections`` keeps the order of the file (there are many ``node`` sections)."""

    values: dict[str, str] = field(default_factory=dict)
    sections: list[tuple[str, Section]] = field(default_factory=list)

    def all(self, name: str) -> list[Section]:
        return [section for found, section in self.sections if found == name]

    def first(self, name: str) -> Section:
        return (self.all(name) or [Section()])[0]


def parse_corosync_conf(text: str) -> CorosyncConfig:
    root = _section(iter(text.splitlines()))
    totem, quorum = root.first("totem").values, root.first("quorum")
    try:
        return CorosyncConfig(
            name=totem.get("cluster_name", ""),
            version=int(totem.get("config_version", "0")),
            members=tuple(_member(node.values) for node in root.first("nodelist").all("node")),
            qdevice=bool(quorum.all("device")),
        )
    except ValueError as error:
        raise Unreadable(f"corosync.conf holds a wrong number: {error}.") from error


def _section(lines: Iterator[str]) -> Section:
    section = Section()
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text == "}":
            break
        if text.endswith("{"):
            section.sections.append((text[:-1].strip(), _section(lines)))
        else:
            key, dummy, value = text.partition(":")
            section.values[key.strip()] = value.strip()
    return section


def _member(values: dict[str, str]) -> Member:
    found = ((_ADDRESS.fullmatch(key), value) for key, value in values.items())
    return Member(
        name=values.get("name", ""),
        nodeid=int(values.get("nodeid", "0")),
        votes=int(values.get("quorum_votes", "1")),
        links={int(match.group(1)): value for match, value in found if match},
    )
