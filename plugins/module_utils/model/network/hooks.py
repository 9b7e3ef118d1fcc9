# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commands at an interface: which of them are routes, which name an interface, which may be run twice."""

from __future__ import annotations

import ipaddress
import re
import shlex
from typing import Optional

from .interface import Hook, IPNetwork, Route

#: Options of a stanza that hold a command.
HOOKS = ("pre-up", "up", "post-up", "down", "pre-down", "post-down")
_IGNORED = re.compile(r"\s*\|\|\s*(true|:)\s*$")
_WORD = r"(?<![\w.:-]){}(?![\w:-]|\.\d)"
#: What sets up the hardware and not its address; it stays with the hardware.
_HARDWARE = re.compile(r"^(/sbin/|/usr/sbin/)?(ethtool\b|ip\s+link\s+set\b|tc\b|iw\b|ifenslave\b)")
#: Done again, each of these does it again, or fails.
_ADDS = re.compile(
    r"\b(?:(ip6?tables)\b.*\s(-A|-I|--append|--insert)|(ip)\s+(?:-\S+\s+)*((?:rule|route|addr\w*|neigh\w*)\s+add)|"
    r"(nft)\s+(add))\b"
)
_GUARDED = re.compile(r"\s-C\s.*\|\||\|\|\s*(true|:)\s*$|2>\s*/dev/null\s*\|\|")


def names(hook: Hook, interface: str) -> bool:
    """Whether the command has the interface as a word, or as a part of a path."""
    return re.search(_WORD.format(re.escape(interface)), hook.command) is not None


def is_of_hardware(hook: Hook) -> bool:
    return _HARDWARE.match(hook.command.strip()) is not None


def is_repeatable(hook: Hook) -> bool:
    """ifreload runs the hooks of all interfaces again, whether they have changed or not."""
    return not _ADDS.search(hook.command) or bool(_GUARDED.search(hook.command))


def what_it_adds(hook: Hook) -> str:
    """The program and the word by which it adds, such as iptables -A."""
    found = _ADDS.search(hook.command)
    return " ".join(word for word in found.groups() if word) if found else ""


def as_route(hook: Hook, interface: str) -> Optional[Route]:
    """The route that a hook sets when its interface comes up; None for any other command."""
    bare = _IGNORED.sub("", hook.command)
    if re.search(r"[;&|<>`(){}]", bare):
        return None
    try:
        words = shlex.split(bare.replace("$IFACE", interface))
    except ValueError:
        return None
    program = words[0].rpartition("/")[2] if words else ""
    rest = words[1:]
    if program == "route":
        return _of_net_tools(rest, interface)
    if program == "ip":
        return _of_iproute(rest, interface)
    return None


def _of_net_tools(words: list[str], interface: str) -> Optional[Route]:
    """``route [-A inet6] add [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [metric N] [[dev] INTERFACE]``."""
    words = [word for word in words if word not in ("-n", "-4", "-6", "-A", "inet", "inet6")]
    if not words or words.pop(0) != "add":
        return None
    kind = words.pop(0) if words and words[0] in ("-net", "-host") else ""
    if not words:
        return None
    target, given = words.pop(0), _pairs(words, ("netmask", "gw", "metric", "dev"), interface)
    if given is None:
        return None
    host = kind == "-host" or (kind != "-net" and "netmask" not in given and target != "default")
    return _route(f"{target}/{given['netmask']}" if "netmask" in given else target, given.get("gw"), given, host)


def _of_iproute(words: list[str], interface: str) -> Optional[Route]:
    """``ip [-6] route add|replace TARGET [via GATEWAY] [dev INTERFACE] [metric N]``."""
    words = [word for word in words if word not in ("-4", "-6")]
    if len(words) < 3 or words[0] not in ("r", "ro", "route") or words[1] not in ("add", "replace"):
        return None
    given = _pairs(words[3:], ("via", "dev", "metric"), interface)
    return None if given is None else _route(words[2], given.get("via"), given, host=True)


def _pairs(words: list[str], known: tuple[str, ...], interface: str) -> Optional[dict[str, str]]:
    """Keyword and value; None when there is anything else, or another interface."""
    if len(words) % 2 and words[-1] == interface:
        words = [*words[:-1], "dev", interface]
    given = dict(zip(words[::2], words[1::2]))
    whole = len(words) % 2 == 0 and set(given) <= set(known)
    return given if whole and given.get("dev", interface) == interface else None


def _route(target: str, gateway: Optional[str], given: dict[str, str], host: bool) -> Optional[Route]:
    try:
        via = ipaddress.ip_address(gateway) if gateway else None
        if target == "default":
            version = via.version if via else 4
            to: IPNetwork = ipaddress.ip_network("::/0" if version == 6 else "0.0.0.0/0")
        elif "/" not in target and not host:
            return None  # the length of its prefix would be that of a class of old
        else:
            to = ipaddress.ip_network(target, strict=False)
        return Route(to, via, int(given.get("metric", 0)))
    except ValueError:
        return None


def uses_net_tools(hook: Hook) -> bool:
    """Debian installs them no more, and a hook that fails is no failure for anybody."""
    return re.match(r"\s*(/sbin/|/usr/sbin/)?(route|ifconfig)\s", hook.command) is not None


def without_ifconfig(hook: Hook, interface: str) -> Optional[str]:
    """The same by ip: bringing an interface up, and its MTU; None for anything else."""
    words = hook.command.replace("$IFACE", interface).split()
    if len(words) < 3 or words[0].rpartition("/")[2] != "ifconfig":
        return None
    if words[2:] in (["up"], ["down"]):
        return f"ip link set dev {words[1]} {words[2]}"
    if len(words) == 4 and words[2] == "mtu" and words[3].isdecimal():
        return f"ip link set dev {words[1]} mtu {words[3]}"
    return None


def undoes_route(hook: Hook) -> bool:
    """A route goes with its interface, so nobody has to take it away."""
    return re.match(r"\s*(/sbin/|/usr/sbin/)?route\s+(-A\s+\S+\s+)?del\s", hook.command) is not None
