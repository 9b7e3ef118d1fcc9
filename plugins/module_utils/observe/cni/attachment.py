# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is stored of an attachment, what CHECK says of it, and what containers that are no more have left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from ...engine.errors import Unreadable
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
#: What programs say of a table, or a family of addresses, that the kernel does not have.
_NO_TABLE = re.compile(r"No such file or directory|does not exist|not supported|Invalid argument")
#: iptables over nftables prints this in the place of rules that only nft can show, and succeeds.
_INCOMPATIBLE = "is incompatible, use 'nft' tool"


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
    """In the order of the kernel."""
    found = [rule for command in _SAVED for rule in port_rules(_told(reader, command))]
    return [*found, *(rule for command in _TABLES for rule in nft_port_rules(_told(reader, command)))]


def _told(reader: Reader, command: Sequence[str]) -> str:
    """Nothing without the program, or a table: no plugin could have made a rule. Any other failure tells nothing."""
    done = reader.run(*command)
    if _INCOMPATIBLE in done.stdout or (done.rc not in (0, 127) and not _NO_TABLE.search(done.stderr)):
        raise Unreadable(f"{' '.join(command)} does not tell the rules for ports: {(done.stderr or done.stdout)[:500]}")
    return done.stdout if done.rc == 0 else ""


def _allocations(reader: Reader, conflist: Conflist) -> list[Allocation]:
    folders = {
        f"{plugin.ipam.get('dataDir') or DATA_DIR}/{conflist.name}"
        for plugin in conflist.plugins
        if plugin.ipam.get("type") == "host-local"
    }
    files = [(name, reader.read(f"{folder}/{name}")) for folder in sorted(folders) for name in reader.names(folder)]
    found = [allocation(name, text or "") for name, text in files]
    return [one for one in found if one is not None]
