# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is stored of an attachment, what CHECK says of it, and what containers that are no more have left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...engine.reader import Reader
from ...model.cni.attachment import (
    PRESENT,
    CheckFailure,
    DesiredAttachment,
    Kept,
    ObservedAttachment,
    kept_from,
    read_cache,
)
from ...model.cni.conflist import Conflist
from ...model.cni.leftover import Allocation, PortRule, allocation, nft_port_rules, port_rules
from ...model.cni.node import CniNode
from ...model.cni.ranges import DATA_DIR
from ...model.cni.winner import chosen
from .node import RUNTIME, answered, look

_SAVED = (("iptables-save", "-t", "nat"), ("ip6tables-save", "-t", "nat"))
_TABLES = (("nft", "list", "table", "ip", "cni_hostport"), ("nft", "list", "table", "ip6", "cni_hostport"))


def observe(reader: Reader, desired: DesiredAttachment) -> ObservedAttachment:
    done = reader.program(RUNTIME, "look", desired.request())
    told = answered(done, f"what is stored of {desired.key.file} cannot be read")
    wanted = desired.state == PRESENT
    node = look(reader, (), desired.conf_dir, desired.bin_dirs, desired.socket) if wanted else CniNode()
    conflist = _named(node, desired.key.network)
    others = _others(reader, desired) if wanted else []
    cached, noted = told.get("cached"), told.get("noted")
    return ObservedAttachment(
        node=node,
        conflist=conflist,
        netns=told["netns"],
        interface=told["interface"],
        cached=kept_from(cached) if cached else None,
        noted=kept_from(noted) if noted else None,
        unreadable=told.get("unreadable", ""),
        checkable=told.get("checkable", True),
        failures=tuple(CheckFailure(**one) for one in told.get("failures", ())),
        rules=_rules(reader) if wanted and desired.ports else (),
        allocations=_allocations(reader, conflist) if conflist else (),
        others=others,
        gone=frozenset(one.netns for one in others if one.netns and reader.entry(one.netns) is None),
        untracks=wanted and bool(desired.ports) and reader.run("conntrack", "--version").rc == 0,
    )


def _named(node: CniNode, network: str) -> Optional[Conflist]:
    """As libcni looks for it."""
    found = chosen("cnitool", list(node.files.values()), network, 0).files
    return node.files[found[0]].conflist if found else None


def _others(reader: Reader, desired: DesiredAttachment) -> list[Kept]:
    """By what they hold: names of files are ambiguous, as each part may have hyphens."""
    folder = f"{desired.cache_dir}/results"
    names = [name for name in reader.names(folder) if name != desired.key.file]
    found = [read_cache(reader.read(f"{folder}/{name}") or "") for name in names]
    return [one for one in found if one is not None and one.key != desired.key]


def _rules(reader: Reader) -> Sequence[PortRule]:
    """In the order of the kernel. Without a program for them there are none: no plugin could have made any."""
    saved = [reader.run(*command) for command in _SAVED]
    tables = [reader.run(*command) for command in _TABLES]
    found = [rule for done in saved if done.rc == 0 for rule in port_rules(done.stdout)]
    return [*found, *(rule for done in tables if done.rc == 0 for rule in nft_port_rules(done.stdout))]


def _allocations(reader: Reader, conflist: Conflist) -> list[Allocation]:
    folders = {
        f"{plugin.ipam.get('dataDir') or DATA_DIR}/{conflist.name}"
        for plugin in conflist.plugins
        if plugin.ipam.get("type") == "host-local"
    }
    files = [(name, reader.read(f"{folder}/{name}")) for folder in sorted(folders) for name in reader.names(folder)]
    found = [allocation(name, text or "") for name, text in files]
    return [one for one in found if one is not None]
