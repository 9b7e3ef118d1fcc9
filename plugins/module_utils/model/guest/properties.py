# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of a guest's configuration, by what they mean: texts, lists, and property strings such as ``virtio,bridge=x``.

Upstream: PVE::JSONSchema and the formats that qemu-server and pve-container register there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional, Union
from urllib.parse import quote, unquote

Properties = Mapping[str, str]
#: What is wanted of a property string: name → value, or None where it is not to be said. Others stay as they are.
Overlay = Mapping[str, Optional[str]]

_TRUE = ("1", "on", "yes", "true")
_FALSE = ("0", "off", "no", "false")
_MODELS = (
    *("e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551", "i82557b", "i82559er"),
    *("ne2k_isa", "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3"),
)


@dataclass(frozen=True)
class Format:
    """``default_key``: the name of a value that stands without one. ``flags``: said as 1 or 0, or in words.

    ``defaults``: what a name means that is not there; a flag without one means 0. ``aliases``: other names upstream
    takes.
    """

    default_key: str = ""
    flags: frozenset[str] = frozenset()
    defaults: Properties = field(default_factory=dict)
    aliases: Properties = field(default_factory=dict)


_DISK = Format(
    "file",
    frozenset(("backup", "detect_zeroes", "iothread", "replicate", "ro", "scsiblock", "shared", "snapshot", "ssd")),
    {"backup": "1", "replicate": "1", "detect_zeroes": "1", "discard": "ignore", "cache": "none", "media": "disk"},
    {"volume": "file"},
)
_MOUNT = Format(
    "volume", frozenset(("acl", "backup", "keepattrs", "quota", "replicate", "ro", "shared")), {"replicate": "1"}
)
#: Key of a configuration, without its number, for virtual machines.
QEMU: Mapping[str, Format] = {
    "agent": Format(
        "enabled",
        frozenset(("enabled", "freeze-fs", "fstrim_cloned_disks")),
        {"type": "virtio", "freeze-fs": "1"},
        {"freeze-fs-on-backup": "freeze-fs", "guest-fsfreeze": "freeze-fs"},
    ),
    "cicustom": Format(),
    "cpu": Format("cputype", frozenset(("hidden",)), {"cputype": "kvm64"}),
    "efidisk": Format(
        "file", frozenset(("pre-enrolled-keys",)), {"efitype": "2m", "ms-cert": "2011"}, {"volume": "file"}
    ),
    "hostpci": Format("host", frozenset(("legacy-igd", "pcie", "rombar", "x-vga")), {"rombar": "1"}),
    "ide": _DISK,
    "ipconfig": Format(),
    "machine": Format("type", frozenset(("enable-s3", "enable-s4"))),
    "memory": Format("current", defaults={"current": "512"}),
    "net": Format("model", frozenset(("firewall", "host-tunnel", "link_down"))),
    "sata": _DISK,
    "scsi": _DISK,
    "startup": Format("order"),
    "tpmstate": Format("file", defaults={"version": "v1.2"}, aliases={"volume": "file"}),
    "vga": Format("type", defaults={"type": "std"}),
    "virtio": _DISK,
}
#: The same for containers.
LXC: Mapping[str, Format] = {
    "features": Format("", frozenset(("force_rw_sys", "fuse", "keyctl", "mknod", "nesting"))),
    "mp": _MOUNT,
    "net": Format("", frozenset(("firewall", "host-managed", "link_down")), {"type": "veth"}),
    "rootfs": _MOUNT,
    "startup": Format("order"),
}


def family(key: str) -> str:
    """``net`` of ``net0``; ``smbios1`` and ``vmstate`` are nobody's family and stay what they are."""
    return key.rstrip("0123456789") or key


def parse(form: Format, text: str) -> dict[str, str]:
    """A property string under the names that upstream uses, as it is written otherwise."""
    found: dict[str, str] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = word.partition("=")
        if not sign:
            name, value = form.default_key, word
        if name in _MODELS and form.default_key == "model":
            found["model"], name = name, "macaddr"
        found[form.aliases.get(name, name)] = value
    return found


def render(form: Format, found: Properties) -> str:
    """The one that stands without a name first, then by name."""
    rest = dict(found)
    words = [rest.pop(form.default_key)] if form.default_key in rest else []
    if form.default_key == "model" and words and "macaddr" in rest:
        words = [f"{words[0]}={rest.pop('macaddr')}"]
    return ",".join([*words, *(f"{name}={value}" for name, value in sorted(rest.items()))])


def meaning(form: Format, found: Properties) -> dict[str, str]:
    """One spelling, without what is so anyway."""
    spelt = {name: _spelt(form, name, value) for name, value in found.items()}
    unsaid = {**dict.fromkeys(form.flags, "0"), **form.defaults}
    return {name: value for name, value in spelt.items() if unsaid.get(name, "") != value}


def _spelt(form: Format, name: str, value: str) -> str:
    word = value.strip()
    if name in form.flags:
        return "1" if word.lower() in _TRUE else "0" if word.lower() in _FALSE else word
    if name in ("macaddr", "hwaddr"):
        return word.upper()
    if name in ("ip6", "gw6"):
        return word.lower()
    return re.sub(r"(\.\d*?)0+$", r"\1", word).rstrip(".") if re.fullmatch(r"\d+\.\d*", word) else word


def laid_over(found: Properties, wanted: Overlay) -> dict[str, str]:
    """What is to stand there: the wish, and all that it does not speak of."""
    whole: dict[str, Optional[str]] = {**found, **wanted}
    return {name: value for name, value in whole.items() if value is not None}


def split_list(text: str) -> list[str]:
    """As PVE::Tools::split_list does."""
    return [word for word in re.split(r"[,;\s\0]+", text.strip()) if word]


def tags(text: str) -> frozenset[str]:
    """Case does not count, as long as the datacenter does not say that it does."""
    return frozenset(word.lower() for word in split_list(text))


def decoded_keys(text: str) -> tuple[str, ...]:
    """Public keys out of the value of ``sshkeys``, which is percent-encoded."""
    return tuple(line.strip() for line in unquote(text).splitlines() if line.strip())


def encoded_keys(keys: tuple[str, ...]) -> str:
    return quote("\n".join(keys), safe="")


def truth(text: Union[str, int, None]) -> bool:
    """A flag of the configuration itself."""
    return str(text or "0").lower() in _TRUE
