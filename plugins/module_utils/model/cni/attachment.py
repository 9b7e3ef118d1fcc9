# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One interface of one container in a network: as it is wanted, and as the cache of libcni keeps it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ..node.state import STATE, VOLATILE
from .conflist import NAME, Conflist
from .leftover import Allocation, Port, PortRule, ports_of
from .node import BIN_DIRS, CONF_DIR, SOCKET, CniNode

CACHE_DIR = "/var/lib/cni"
NOTES, LOCKS = f"{STATE}/cni", f"{VOLATILE}/cni"
PRESENT: Literal["present"] = "present"
ABSENT: Literal["absent"] = "absent"
PORT_MAPPINGS = "portMappings"
_IFNAME = re.compile(r"[^\s/:]{1,15}")
_KIND = "cniCacheV1"
#: What every runtime adds to arguments, as plugins refuse those that they do not know otherwise.
_TOLERANT = {"IgnoreUnknown": "1"}


@dataclass(frozen=True)
class Key:
    """By which an attachment is known, and kept."""

    network: str
    container: str
    ifname: str

    @property
    def file(self) -> str:
        return f"{self.network}-{self.container}-{self.ifname}"

    def problems(self) -> list[str]:
        """What libcni and the plugins do not take."""
        named = {"network": self.network, "container_id": self.container}
        found = [f"{what}: {name!r} is no name." for what, name in named.items() if not NAME.fullmatch(name)]
        if not _IFNAME.fullmatch(self.ifname) or self.ifname in (".", ".."):
            found.append(f"ifname: {self.ifname!r} is no name of an interface.")
        return found


@dataclass(frozen=True)
class DesiredAttachment:
    """``containers``: ids of all that live; None where the runtime is to be asked."""

    key: Key
    state: Literal["present", "absent"] = PRESENT
    netns: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    capability_args: Mapping[str, Any] = field(default_factory=dict)
    conf_dir: str = CONF_DIR
    bin_dirs: tuple[str, ...] = BIN_DIRS
    cache_dir: str = CACHE_DIR
    socket: str = SOCKET
    containers: Optional[tuple[str, ...]] = None

    @property
    def ports(self) -> list[Port]:
        return ports_of(self.capability_args.get(PORT_MAPPINGS) or ())

    def request(self, config: str = "", key: Optional[Key] = None) -> str:
        """For the program that calls the plugins; about another attachment with its key."""
        one = key or self.key
        return json.dumps(
            {
                "network": one.network,
                "container": one.container,
                "ifname": one.ifname,
                "netns": self.netns,
                "args": self.args,
                "capability_args": self.capability_args,
                "config": config,
                "bin_path": ":".join(self.bin_dirs),
                "cache_dir": self.cache_dir,
                "notes": NOTES,
                "locks": LOCKS,
            }
        )


def tolerant(args: Mapping[str, Any]) -> dict[str, str]:
    return {**_TOLERANT, **{name: str(value) for name, value in args.items()}} if args else {}


@dataclass(frozen=True)
class Kept:
    """What is stored of an attachment, with the list that it was made along."""

    key: Key
    netns: str
    args: Mapping[str, str]
    capability_args: Mapping[str, Any]
    document: Mapping[str, Any]
    result: Optional[Mapping[str, Any]]

    @property
    def addresses(self) -> list[str]:
        """Those of a result of any version."""
        result = self.result or {}
        old = [result[key].get("ip") for key in ("ip4", "ip6") if isinstance(result.get(key), dict)]
        return [one for one in (*(entry.get("address") for entry in result.get("ips") or ()), *old) if one]


def kept_from(told: Mapping[str, Any]) -> Kept:
    """``config`` is the list as a text."""
    key = Key(told["networkName"], told["containerId"], told["ifName"])
    args: dict[str, str] = dict(told.get("cniArgs") or ())
    return Kept(
        key,
        told.get("netns", ""),
        args,
        told.get("capabilityArgs") or {},
        json.loads(told["config"]),
        told.get("result"),
    )


def read_cache(text: str) -> Optional[Kept]:
    """A file of libcni's cache; None for one that tells no list."""
    try:
        told = json.loads(text)
        if told["kind"] != _KIND:
            return None
        return kept_from({**told, "config": base64.b64decode(told["config"], validate=True).decode()})
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class CheckFailure:
    plugin: str
    code: int
    msg: str

    def __str__(self) -> str:
        return f"{self.plugin} says {self.msg.rstrip('.')}"


@dataclass(frozen=True)
class ObservedAttachment:
    """``cached``: what a whole ADD has left. ``noted``: one that was begun, and of which nobody knows the end.
    ``unreadable``: why what is stored cannot be followed. ``others``: what is stored of other containers here.
    ``interface``: whether the namespace has one of this name.
    ``gone``: namespaces of theirs that are no more. ``untracks``: the node has the program conntrack."""

    node: CniNode = CniNode()
    conflist: Optional[Conflist] = None
    netns: bool = False
    interface: bool = False
    cached: Optional[Kept] = None
    noted: Optional[Kept] = None
    unreadable: str = ""
    checkable: bool = True
    failures: Sequence[CheckFailure] = ()
    rules: Sequence[PortRule] = ()
    allocations: Sequence[Allocation] = ()
    others: Sequence[Kept] = ()
    gone: frozenset[str] = frozenset()
    untracks: bool = False
