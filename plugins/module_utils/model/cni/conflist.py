# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network configuration lists: what libcni makes of a file, and what it passes over without a word.

Upstream: containernetworking/cni, SPEC.md and libcni. Values are kept as they stand in the file, in the words of the
specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Union

Topic = Literal[
    "bridge_has_other_address",
    "bridge_missing",
    "capability_misplaced",
    "capability_not_declared",
    "capability_unknown",
    "chained_first",
    "cni_version_missing",
    "does_not_load",
    "mtu_too_large",
    "masquerades_cluster_prefix",
    "name_taken",
    "no_check",
    "not_a_string",
    "not_first",
    "not_ready",
    "outside_pod_prefix",
    "overlaps",
    "plugin_missing",
    "range_invalid",
    "reserved_key",
    "version_unknown_to_plugin",
]

#: Versions of the specification, oldest first.
VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
#: What a list without a version is taken for.
UNSAID = "0.1.0"
#: The first ones in which plugins can check what they did, and are told at the end what they did at the beginning.
FIRST_CHECK = "0.4.0"
FIRST_STATUS = "1.1.0"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.\-]*")
SUFFIXES = (".conf", ".conflist", ".json")
#: Keys of a plugin that the runtime writes.
RESERVED = ("args", "prevResult", "runtimeConfig")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a list. One that is only ``told`` is no reason not to write it."""

    topic: Topic
    text: str
    hint: str = ""
    told: bool = False


@dataclass(frozen=True)
class PluginConfig:
    """One element of ``plugins``."""

    type: str
    config: Mapping[str, Any]

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Those that it declares; ``false`` declares nothing."""
        found = self.config.get("capabilities")
        return tuple(name for name, value in found.items() if value is True) if isinstance(found, dict) else ()

    @property
    def ipam(self) -> Mapping[str, Any]:
        found = self.config.get("ipam")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Conflist:
    """A list as a runtime has it once its file is loaded. ``version`` is as it is spelt, or what stands for none."""

    name: str
    version: str
    plugins: tuple[PluginConfig, ...]
    document: Mapping[str, Any] = field(repr=False)

    @property
    def types(self) -> tuple[str, ...]:
        """All programs that it needs, those for addresses too."""
        delegated = (str(plugin.ipam["type"]) for plugin in self.plugins if plugin.ipam.get("type"))
        return tuple(dict.fromkeys((*(plugin.type for plugin in self.plugins), *delegated)))

    @property
    def checks(self) -> bool:
        return at_least(self.version, FIRST_CHECK) and not truth(self.document.get("disableCheck", False))


@dataclass(frozen=True)
class ConfFile:
    """A file in the runtime's directory: what it holds, or why it does not load."""

    name: str
    conflist: Optional[Conflist]
    reason: str = ""


def order(version: str) -> tuple[int, ...]:
    """To be compared: 1.10.0 is younger than 1.9.0. What is no version is older than all."""
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d+\.\d+\.\d+", version) else ()


def at_least(version: str, other: str) -> bool:
    return order(version) >= order(other)


def truth(value: Any) -> bool:
    """JSON's, or one of the words that libcni takes for it."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def read_file(name: str, text: str) -> ConfFile:
    """As libcni loads it: a .conflist is a list, any other file one plugin."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return ConfFile(name, None, f"it is no JSON ({error})")
    if not isinstance(document, dict):
        return ConfFile(name, None, "it is no JSON object")
    if not name.endswith(".conflist"):
        if not document.get("type"):
            return ConfFile(name, None, "it has no type; a list belongs into a file that ends in .conflist")
        document = {**{key: document[key] for key in ("name", "cniVersion") if key in document}, "plugins": [document]}
    found = read(document)
    return ConfFile(name, found) if isinstance(found, Conflist) else ConfFile(name, None, found.text)


def read(document: Mapping[str, Any]) -> Union[Conflist, Fault]:
    """The list, or why libcni does not load it."""
    for key in ("name", "cniVersion"):
        if key in document and not isinstance(document[key], str):
            text = f"{key} is {json.dumps(document[key])}, which is no string"
            return Fault("not_a_string", text, f'Put it into quotes: {key}: "{document[key]}".')
    name = document.get("name", "")
    if not NAME.fullmatch(name):
        text = f"{name!r} is no name of a network" if name else "it has no name"
        return Fault("does_not_load", text, "Letters, digits, and behind the first one also _ . -")
    listed = document.get("plugins")
    if not isinstance(listed, list) or not listed:
        return Fault("does_not_load", "it has no plugins" if not listed else "plugins is no list")
    for number, plugin in enumerate(listed, 1):
        kind = plugin.get("type") if isinstance(plugin, dict) else None
        if not isinstance(kind, str) or not kind or "/" in kind:
            return Fault("does_not_load", f"plugin {number} has no type that is the name of a program")
    plugins = tuple(PluginConfig(plugin["type"], plugin) for plugin in listed)
    return Conflist(name, _version(document), plugins, document)


def _version(document: Mapping[str, Any]) -> str:
    """Of several, a runtime takes the youngest that it knows."""
    several = document.get("cniVersions")
    known = [str(one) for one in several if one in VERSIONS] if isinstance(several, list) else []
    said = str(document.get("cniVersion") or UNSAID)
    return max([*known, said], key=order)


def spelling_faults(conflist: Conflist) -> Iterator[Fault]:
    """What the list says wrongly, whatever the node is like."""
    if not conflist.document.get("cniVersion") and not conflist.document.get("cniVersions"):
        yield Fault(
            "cni_version_missing",
            f"it has no cniVersion, which means {UNSAID}: what it adds can never be checked",
            f"Say which one, such as {VERSIONS[-2]}.",
        )
    elif not conflist.checks and conflist.version in VERSIONS:
        why = "disableCheck" if at_least(conflist.version, FIRST_CHECK) else f"cniVersion {conflist.version}"
        yield Fault("no_check", f"with {why} nobody can CHECK what it has added", told=True)
    if "capabilities" in conflist.document:
        text = "capabilities stands beside plugins, where no runtime looks for it"
        yield Fault("capability_misplaced", text, "Write it into the plugin.", told=True)
    for plugin in conflist.plugins:
        for key in sorted(set(RESERVED) & set(plugin.config)):
            yield Fault("reserved_key", f"{plugin.type} has the key {key}, which the runtime writes itself")


def undeclared(conflist: Conflist, arguments: Sequence[str]) -> list[str]:
    """Arguments that libcni would drop without a word."""
    declared = {name for plugin in conflist.plugins for name in plugin.capabilities}
    return [name for name in arguments if name not in declared]
