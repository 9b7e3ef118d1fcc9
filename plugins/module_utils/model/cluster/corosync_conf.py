# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of corosync.conf(5): sections in braces, ``key: value`` lines, comments.

Written in upstream's own layout (sections and keys in alphabetical order, no comments), as every `pvecm` that changes
the file writes it. Sections and keys that this collection does not know are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional

from ...engine.errors import Unreadable
from .cluster import CorosyncConfig, Member, QDevice
from .links import Links

_ADDRESS = re.compile(r"ring([0-7])_addr")


@dataclass
class Section:
    """A section while it is read or changed; ``sections`` keeps repeated ones (there are many ``node`` sections)."""

    values: dict[str, str] = field(default_factory=dict)
    sections: list[tuple[str, Section]] = field(default_factory=list)

    def all(self, name: str) -> list[Section]:
        return [section for found, section in self.sections if found == name]

    def first(self, name: str) -> Section:
        return (self.all(name) or [Section()])[0]

    def without(self, name: str) -> list[tuple[str, Section]]:
        return [(found, section) for found, section in self.sections if found != name]


def parse_sections(text: str) -> Section:
    return _section(iter(text.splitlines()))


def parse_corosync_conf(text: str) -> CorosyncConfig:
    root = parse_sections(text)
    totem, quorum = root.first("totem"), root.first("quorum")
    try:
        return CorosyncConfig(
            name=totem.values.get("cluster_name", ""),
            version=int(totem.values.get("config_version", "0")),
            members=tuple(_member(node) for node in root.first("nodelist").all("node")),
            qdevice=next((_qdevice(device) for device in quorum.all("device")), None),
            priorities={
                link_number(link): int(link.values.get("knet_link_priority", "0")) for link in totem.all("interface")
            },
            token_coefficient=_number(totem.values.get("token_coefficient")),
        )
    except ValueError as error:
        raise Unreadable(f"corosync.conf holds a wrong number: {error}.") from error


def format_sections(root: Section) -> str:
    """The text of a whole file."""
    lines: list[str] = []
    for name, section in _sorted(root):
        lines += [*_format(name, section, ""), ""]
    return "\n".join(lines) + "\n"


def read_links(node: Section) -> Links:
    """The addresses in a ``node`` section."""
    found = ((_ADDRESS.fullmatch(key), value) for key, value in node.values.items())
    return Links({int(match.group(1)): value for match, value in found if match})


def write_links(node: Section, links: Links) -> None:
    """In place of those that stand there."""
    for key in [key for key in node.values if _ADDRESS.fullmatch(key)]:
        del node.values[key]
    node.values.update({f"ring{number}_addr": address for number, address in links.items()})


def link_number(interface: Section) -> int:
    """The link that an ``interface`` section of totem is about."""
    return int(interface.values.get("linknumber", "0"))


def _format(name: str, section: Section, indent: str) -> list[str]:
    inner = indent + "  "
    parts = [(key, [f"{inner}{key}: {value}"]) for key, value in section.values.items()]
    parts += [(found, _format(found, one, inner)) for found, one in _sorted(section)]
    ordered = sorted(parts, key=lambda part: part[0])  # stable: repeated sections stay in their own order
    return [f"{indent}{name} {{", *(line for dummy, lines in ordered for line in lines), f"{indent}}}"]


def _sorted(section: Section) -> list[tuple[str, Section]]:
    return sorted(section.sections, key=lambda item: (item[0], *_rank(item[1])))


def _rank(section: Section) -> tuple[int, str]:
    return link_number(section), section.values.get("name", "")


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


def _member(node: Section) -> Member:
    return Member(
        name=node.values.get("name", ""),
        nodeid=int(node.values.get("nodeid", "0")),
        votes=int(node.values.get("quorum_votes", "1")),
        links=read_links(node),
    )


def _qdevice(device: Section) -> QDevice:
    net = device.first("net").values
    return QDevice(net.get("host", ""), net.get("algorithm", ""), int(device.values.get("votes", "0")))


def _number(text: Optional[str]) -> Optional[int]:
    return None if text is None else int(text)
