# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place that says what a running cluster's corosync.conf becomes, and tells in words what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.cluster.cluster import CorosyncConfig
from ...model.cluster.config import FFSPLIT, LMS, DesiredClusterConfig, DesiredNode, DesiredQDevice
from ...model.cluster.corosync_conf import (
    Section,
    format_sections,
    link_number,
    parse_corosync_conf,
    parse_sections,
    read_links,
    write_links,
)
from ...model.cluster.links import Links, link_name

_PRIORITY = "knet_link_priority"


def edited(text: str, desired: DesiredClusterConfig) -> Optional[str]:
    """The wanted text, one version on; None when the text says already what is wanted."""
    root = parse_sections(text)
    as_it_is = format_sections(root)
    _edit_nodes(root, desired)
    _edit_interfaces(root.first("totem"), parse_corosync_conf(format_sections(root)), desired)
    if desired.token_coefficient is not None:
        root.first("totem").values["token_coefficient"] = str(desired.token_coefficient)
    if desired.qdevice is not None:
        _edit_qdevice(root, desired.qdevice)
    return None if format_sections(root) == as_it_is else with_version(format_sections(root), text)


def with_version(text: str, running: str) -> str:
    """``text`` as the successor of the running configuration; corosync and pmxcfs take no older one."""
    root = parse_sections(text)
    root.first("totem").values["config_version"] = str(parse_corosync_conf(running).version + 1)
    return format_sections(root)


def restored(before: str, text: str) -> str:
    """The text before a change, as the successor of the present one and with its members: a node may have been deleted
    since, or have joined, and that is not what is taken back. One that joined keeps the links that there were."""
    root = parse_sections(before)
    nodelist, added = root.first("nodelist"), {*parse_corosync_conf(text).links} - {*parse_corosync_conf(before).links}
    known = {_identity(section): section for section in nodelist.all("node")}
    nodelist.sections = []
    for section in parse_sections(text).first("nodelist").all("node"):
        write_links(section, Links({one: ip for one, ip in read_links(section).items() if one not in added}))
        nodelist.sections.append(("node", known.get(_identity(section), section)))
    return with_version(format_sections(root), text)


def _identity(node: Section) -> tuple[Optional[str], Optional[str]]:
    """Of one membership: who comes back under the same name may have another number."""
    return node.values.get("name"), node.values.get("nodeid")


def wants_links(desired: DesiredClusterConfig, name: str) -> Optional[Links]:
    """The links wanted of this node; None when nothing is."""
    return next((node.links for node in desired.nodes if node.name == name and node.links), None)


def _edit_nodes(root: Section, desired: DesiredClusterConfig) -> None:
    wanted = {node.name: node for node in desired.nodes}
    for section in root.first("nodelist").all("node"):
        node = wanted.get(section.values.get("name", ""), DesiredNode(""))
        if node.links:
            write_links(section, node.links)
        if node.votes is not None:
            section.values["quorum_votes"] = str(node.votes)


def _edit_interfaces(totem: Section, config: CorosyncConfig, desired: DesiredClusterConfig) -> None:
    """An entry for each link that a node has; a priority of 0 is not written (as upstream)."""
    known = {link_number(section): section for section in totem.all("interface")}
    kept = []
    for number in config.links:
        section = known.get(number, Section({"linknumber": str(number)}))
        if number < len(desired.priorities):
            section.values.pop(_PRIORITY, None)
            if desired.priorities[number]:
                section.values[_PRIORITY] = str(desired.priorities[number])
        kept.append(("interface", section))
    totem.sections = [*totem.without("interface"), *kept]


def _edit_qdevice(root: Section, wanted: DesiredQDevice) -> None:
    """As `pvecm qdevice setup` writes it: ffsplit with one vote, or lms with none named for an odd number."""
    quorum = root.first("quorum")
    quorum.sections = quorum.without("device")
    if wanted.host is None:
        return
    even = len(root.first("nodelist").all("node")) % 2 == 0
    net = Section({"algorithm": FFSPLIT if even else LMS, "host": wanted.host, "tls": "on"})
    device = Section({"model": "net", **({"votes": "1"} if even else {})}, [("net", net)])
    quorum.sections.append(("device", device))


def differences(before: CorosyncConfig, after: CorosyncConfig) -> tuple[str, ...]:
    """What changes, in words."""
    return (*_links(before, after), *_votes(before, after), *_rest(before, after))


def _links(before: CorosyncConfig, after: CorosyncConfig) -> Iterator[str]:
    for number in sorted({*before.links, *after.links}):
        old, new = _addresses(before, number), _addresses(after, number)
        if not old:
            yield f"add {link_name(number)} ({_listed(new)})"
        elif not new:
            yield f"drop {link_name(number)} ({_listed(old)})"
        elif old != new:
            moved = {name: address for name, address in new.items() if old.get(name) != address}
            yield f"move {link_name(number)} ({_listed(moved)})"
    for number in after.links:
        was, wanted = before.priorities.get(number, 0), after.priorities.get(number, 0)
        if was != wanted:
            yield f"set the priority of {link_name(number)} to {wanted} (from {was})"


def _votes(before: CorosyncConfig, after: CorosyncConfig) -> Iterator[str]:
    for member in after.members:
        known = before.member(member.name)
        was = 0 if known is None else known.votes
        if was != member.votes:
            yield f"set the votes of {member.name} to {member.votes} (from {was})"


def _rest(before: CorosyncConfig, after: CorosyncConfig) -> Iterator[str]:
    if before.token_coefficient != after.token_coefficient:
        was = "corosync's own" if before.token_coefficient is None else before.token_coefficient
        yield f"set the token coefficient to {after.token_coefficient} (from {was})"
    if before.qdevice != after.qdevice:
        if before.qdevice is not None:
            yield f"remove the quorum device {before.qdevice.host}"
        if after.qdevice is not None:
            yield f"add the quorum device {after.qdevice.host} ({after.qdevice.algorithm})"


def _addresses(config: CorosyncConfig, number: int) -> dict[str, str]:
    return {member.name: member.links[number] for member in config.members if number in member.links}


def _listed(addresses: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {address}" for name, address in sorted(addresses.items()))


def document(config: Optional[CorosyncConfig]) -> dict[str, Any]:
    """A configuration in the form of diffs."""
    if config is None:
        return {}
    return {
        "version": config.version,
        "nodes": {one.name: {"votes": one.votes, **one.links.document()} for one in config.members},
        "link_priorities": {link_name(number): config.priorities.get(number, 0) for number in config.links},
        "token_coefficient": config.token_coefficient,
        "qdevice": None if config.qdevice is None else config.qdevice.host,
    }
