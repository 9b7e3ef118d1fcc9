# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of the plugins of containernetworking: capabilities, their place in a list, and what CHECK gets wrong.

Upstream: containernetworking/cni CONVENTIONS.md, containernetworking/plugins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from .conflist import Conflist, Fault, PluginConfig, order

#: Those that work on the interface that another one has made.
CHAINED = frozenset("bandwidth firewall portmap sbr tuning vrf".split())
#: What an interface plugin takes from the runtime, itself or for the one that gives addresses.
_INTERFACE = frozenset(("ips", "mac"))
CAPABILITIES = {
    "bandwidth": frozenset(("bandwidth",)),
    "bridge": _INTERFACE | {"ipRanges"},
    "host-device": frozenset(("deviceID", "ips", "ipRanges")),
    "ipvlan": frozenset(("ips", "ipRanges")),
    "macvlan": _INTERFACE | {"ipRanges"},
    "portmap": frozenset(("portMappings",)),
    "ptp": frozenset(("ips", "ipRanges", "dns")),
    "tuning": frozenset(("mac",)),
    "vlan": frozenset(("ips", "ipRanges")),
}
#: All that are agreed upon, those for other plugins too.
KNOWN = frozenset("aliases bandwidth cgroupPath deviceID dns infinibandGUID ipRanges ips mac portMappings".split())
#: These do nothing at all without what the runtime tells them.
IDLE_WITHOUT = {"bandwidth": "bandwidth", "portmap": "portMappings"}
#: Keys of a plugin that people take for capabilities.
PLUGIN_KEYS = frozenset(("conditionsV4", "conditionsV6", "externalSetMarkChain", "masqAll", "markMasqBit", "snat"))


@dataclass(frozen=True)
class CheckBug:
    """A failure of CHECK that is the plugin's own, from one version until it was corrected in another."""

    plugins: tuple[str, ...]
    since: str
    fixed: str
    message: str
    about: str


_ROUTED = ("bridge", "host-device", "ipvlan", "macvlan", "ptp", "vlan")
#: Each by the message that a real plugin has printed: one that is taken too widely would hide what somebody changed.
CHECK_BUGS = (
    CheckBug(
        ("portmap",),
        "1.1.0",
        "1.3.0",
        r"could not check ipv6 dnat: chain \S+ not found",
        "it looks for rules of IPv6 though the container has none (containernetworking/plugins 819)",
    ),
    CheckBug(
        _ROUTED, "0.8.0", "1.3.0", r"Expected Route .*GW:<nil>.* not found", "it does not know routes without a gateway"
    ),
    CheckBug(
        ("bridge",),
        "0.8.0",
        "1.2.0",
        r"^Bridge interface \S+ Mac doesn't match",
        "it told the MAC that the bridge had before its first port (containernetworking/plugins 809)",
    ),
    CheckBug(("bandwidth",), "0.8.0", "1.9.1", r"nil pointer dereference", "it falls over what nobody limits"),
)
#: A CHECK that succeeds and says nothing.
EMPTY_CHECKS = {"sbr": ("0.0.0", "999.0.0"), "portmap": ("0.0.0", "1.1.0")}


def check_bug(plugin: str, version: str, message: str) -> Optional[CheckBug]:
    """The known bug that this failure is, in a plugin whose version is known."""
    for bug in CHECK_BUGS:
        within = order(bug.since) <= order(version) < order(bug.fixed)
        if plugin in bug.plugins and order(version) and within and re.search(bug.message, message):
            return bug
    return None


def proves_nothing(plugin: str, version: str) -> bool:
    """Whether a CHECK of this plugin that succeeds says nothing."""
    since, until = EMPTY_CHECKS.get(plugin, ("", ""))
    return bool(since) and (not order(version) or order(since) <= order(version) < order(until))


def capability_faults(conflist: Conflist) -> Iterator[Fault]:
    """Words that mean nothing, and plugins that are never told what they wait for."""
    for place, plugin in enumerate(conflist.plugins):
        if place == 0 and plugin.type in CHAINED:
            yield Fault("chained_first", f"{plugin.type} stands first, and needs the interface of another plugin")
        yield from _words(plugin)
        needed = IDLE_WITHOUT.get(plugin.type)
        if needed and needed not in plugin.capabilities and "runtimeConfig" not in plugin.config:
            yield Fault(
                "capability_not_declared",
                f"{plugin.type} does not declare the capability {needed}, so no runtime tells it any",
                f"capabilities: {{{needed}: true}}",
                told=True,
            )


def _words(plugin: PluginConfig) -> Iterator[Fault]:
    declared = plugin.config.get("capabilities")
    for name, value in declared.items() if isinstance(declared, dict) else ():
        if name in PLUGIN_KEYS:
            yield Fault("capability_unknown", f"{name} is a key of the plugin and no capability", told=True)
        elif name not in KNOWN:
            yield Fault("capability_unknown", f"{name} is known to no plugin", told=True)
        elif value is not True:
            yield Fault("capability_not_declared", f"{name}: {value!r} does not declare {name}", told=True)


def silent(conflist: Conflist) -> dict[str, list[str]]:
    """Plugin → what it could be told by a runtime, and does not declare."""
    could = {one.type: CAPABILITIES.get(one.type, frozenset()) - set(one.capabilities) for one in conflist.plugins}
    return {plugin: sorted(names) for plugin, names in could.items() if names}
