# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place that says what a running cluster's corosync.conf becomes, and tells in words what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.cluster.cluster import CorosyncConfig
from ...model.cluster.config import FFSPLIT, LMS, DesiredClusterConfig, DesiredNode, DesiredQDevice
from ...model.cluster.corosync_conf import (
    AGAINST_DEVICE,
    PRIORITY,
    TWO_NODE,
    WAIT_FOR_ALL,
    config_of,
    link_number,
    parse_corosync_conf,
    read_links,
    write_links,
)
from ...model.cluster.corosync_format import format_sections
from ...model.cluster.corosync_text import Section, parse_sections
from ...model.cluster.links import Links, canonical, link_name


def edited(text: str, desired: DesiredClusterConfig, names: Optional[Mapping[str, str]] = None) -> Optional[str]:
    """The wanted text, one version on; None when the text means already what is wanted.

    What is not wanted otherwise stays as somebody has written it. ``names``: what host names in it lead to.
    """
    root = parse_sections(text)
    before = config_of(root, names)
    _edit_nodes(root, desired, names)
    _edit_interfaces(root.made("totem"), before, config_of(root, names), desired)
    if desired.token_coefficient is not None and desired.token_coefficient != before.token_coefficient:
        root.made("totem").values["token_coefficient"] = str(desired.token_coefficient)
    if desired.qdevice is not None:
        _edit_qdevice(root, before, desired.qdevice)
    return None if config_of(root, names) == before else with_version(format_sections(root), text)


def with_version(text: str, running: str) -> str:
    """``text`` as the successor of the running configuration; corosync and pmxcfs take no older one."""
    root = parse_sections(text)
    root.made("totem").values["config_version"] = str(parse_corosync_conf(running).version + 1)
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


def _edit_nodes(root: Section, desired: DesiredClusterConfig, names: Optional[Mapping[str, str]]) -> None:
    wanted = {node.name: node for node in desired.nodes}
    for section in root.first("nodelist").all("node"):
        node = wanted.get(section.values.get("name", ""), DesiredNode(""))
        if node.links:
            write_links(section, node.links.numbered_as(read_links(section)), names)
        if node.votes is not None and node.votes != section.number("quorum_votes", 1):
            section.values["quorum_votes"] = str(node.votes)


def _edit_interfaces(
    totem: Section, before: CorosyncConfig, after: CorosyncConfig, desired: DesiredClusterConfig
) -> None:
    """A link that goes takes its entry along, one that comes has one; else an entry is made for a priority alone.

    A priority of 0 is not written (as upstream).
    """
    gone = {*before.links} - {*after.links}
    kept = [section for section in totem.all("interface") if link_number(section) not in gone]
    totem.sections = [*totem.without("interface"), *(("interface", section) for section in kept)]
    priorities = dict(zip(after.links, desired.priorities))
    for number in after.links:
        own = [section for section in kept if link_number(section) == number]
        wanted, was = priorities.get(number), after.priorities.get(number, 0)
        changes = wanted is not None and wanted != was
        if not own and (changes or number not in before.links):
            own = [Section({"linknumber": str(number)})]
            totem.sections.append(("interface", own[0]))
        for section in own if changes else ():
            section.values.pop(PRIORITY, None)
        if changes and wanted:
            own[0].values[PRIORITY] = str(wanted)


def _edit_qdevice(root: Section, before: CorosyncConfig, wanted: DesiredQDevice) -> None:
    """As `pvecm qdevice setup` writes it: ffsplit with one vote, or lms with none named for an odd number.

    One that is there already stays as it is.
    """
    quorum = root.made("quorum")
    if wanted.host is None:
        quorum.sections = quorum.without("device")
        return
    if quorum.number(TWO_NODE, 0):
        for key in (TWO_NODE, WAIT_FOR_ALL):
            quorum.values.pop(key, None)
    if before.qdevice is not None and before.qdevice.host == canonical(wanted.host):
        return
    even = len(root.first("nodelist").all("node")) % 2 == 0
    device = quorum.made("device")
    device.values = {**{key: text for key, text in device.values.items() if key != "votes"}, "model": "net"}
    device.values.update({"votes": "1"} if even else {})
    net = device.made("net").values
    net.update({"algorithm": FFSPLIT if even else LMS, "host": wanted.host, "tls": net.get("tls", "on")})


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
    for key in AGAINST_DEVICE:
        if key in before.quorum and key not in after.quorum:
            yield f"remove {key}, which does not go with a quorum device"
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
