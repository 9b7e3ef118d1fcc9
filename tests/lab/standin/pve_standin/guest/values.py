"""Values of a guest's configuration as they are kept: cards with an address, tags in order, lists in one form."""

from __future__ import annotations

import random
import re

from pve_standin.api.schema import split_list

MAC_PREFIX = "BC:24:11"
#: Of a machine's card, what stands first; of a container's as well.
_FIRST = ("name", "bridge")


def tags(text: str) -> str:
    """Small letters, each once, in order; none is a blank."""
    return ";".join(sorted({tag.lower() for tag in split_list(text)})) or " "


def new_mac() -> str:
    return f"{MAC_PREFIX}:" + ":".join(f"{random.randrange(256):02X}" for _ in range(3))


def machine_card(text: str) -> str:
    """'virtio,tag=5,bridge=vmbr0' -> 'virtio=BC:24:11:..,bridge=vmbr0,tag=5'."""
    first, *rest = text.split(",")
    options = dict(option.partition("=")[::2] for option in rest)
    model, _, mac = first.removeprefix("model=").partition("=")
    mac = mac or options.pop("macaddr", "") or new_mac()
    return ",".join([f"{model}={mac}", *_ordered(options)])


def container_card(text: str) -> str:
    options = dict(option.partition("=")[::2] for option in text.split(","))
    options.setdefault("hwaddr", new_mac())
    options["type"] = "veth"
    return ",".join(_ordered(options))


def _ordered(options: dict[str, str]) -> list[str]:
    names = [name for name in _FIRST if name in options]
    return [f"{name}={options[name]}" for name in [*names, *sorted(set(options) - set(_FIRST))]]


def is_hot(key: str, kind: str) -> bool:
    """Does a running guest take it at once?"""
    always = r"name|hostname|description|onboot|startup|tags|protection|hookscript|lock|cpulimit|cpuunits|digest"
    machine = r"unused\d+|ci\w+|sshkeys|ipconfig\d+|nameserver|searchdomain|(net|scsi|virtio)\d+|vmstatestorage|shares"
    container = r"unused\d+|cores|memory|swap|nameserver|searchdomain|(net|mp)\d+"
    return re.fullmatch(f"{always}|{machine if kind == 'qemu' else container}", key) is not None
