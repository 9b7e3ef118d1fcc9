# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which kernel runs, and what the boot loader has been told to start."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.upgrade.kernel import Boot, BootPartition, Grub, Way
from ..node import host

RUNNING = "/proc/sys/kernel/osrelease"
UUIDS = "/etc/kernel/proxmox-boot-uuids"
PINS = ("/etc/kernel/next-boot-pin", "/etc/kernel/proxmox-boot-pin")
IMAGES = ("find", "/boot", "-maxdepth", "1", "-type", "f", "-size", "+0", "-printf", "%f\n")
GRUB = "/etc/default/grub"
SNIPPETS = "/etc/default/grub.d"
GRUB_CFG = "/boot/grub/grub.cfg"
GRUB_ENV = ("grub-editenv", "list")
EFI = "/sys/firmware/efi"
_DEFAULT = re.compile(r"^\s*(?:export\s+)?GRUB_DEFAULT=(?:\"([^\"]*)\"|'([^']*)'|(\S*))", re.MULTILINE)
_ENTRY = re.compile(r"menuentry_id_option\S* '([^']+)'|^\s*linux\S*\s+\S*?/(vmlinu[xz]-\S+)", re.MULTILINE)


def observe(reader: Reader) -> Boot:
    running = (reader.read(RUNNING) or "").strip()
    if host.observe(reader).container is not None:
        return Boot("container", running, *_boot_folder(reader))
    uuids = (reader.read(UUIDS) or "").split()
    partitions = _partitions(reader, uuids) if uuids else ()
    images, whole = _boot_folder(reader)
    return Boot(
        way=_way(reader, partitions),
        running=running,
        images=images,
        whole=whole,
        partitions=partitions,
        grub=_grub(reader),
        pins={path: text.strip() for path in PINS if (text := reader.read(path) or "").strip()},
    )


def _way(reader: Reader, partitions: tuple[BootPartition, ...]) -> Way:
    """proxmox-boot-tool puts systemd-boot on its partitions where the node boots by EFI, unless they have GRUB."""
    if not partitions:
        return "grub"
    there = [one for one in partitions if one.present]
    by_grub = reader.entry(EFI) is None or (bool(there) and all(one.grub is not None for one in there))
    return "grub-esp" if by_grub else "systemd-boot"


def _partitions(reader: Reader, uuids: list[str]) -> tuple[BootPartition, ...]:
    done = reader.program("boot_partitions", *uuids)
    if done.rc != 0:
        raise Unreadable(f"The boot partitions cannot be looked at: {done.stderr.strip()[-500:]}.")
    found = json.loads(done.stdout)
    broken = [f"{uuid}: {one['error']}" for uuid, one in found.items() if "error" in one]
    if broken:
        raise Unreadable(f"Boot partitions cannot be read ({'; '.join(broken)}), so nobody knows what boots next.")
    return tuple(
        BootPartition(
            uuid,
            one["present"],
            one.get("default"),
            frozenset(one.get("files", ())),
            one.get("grub"),
            tuple(one.get("options", ())),
        )
        for uuid, one in found.items()
    )


def _boot_folder(reader: Reader) -> tuple[tuple[str, ...], frozenset[str]]:
    """Kernel images, and the releases that have an initial RAM disk."""
    names = reader.run(*IMAGES).stdout.split()
    images = tuple(sorted(name for name in names if name.startswith(("vmlinuz-", "kernel-"))))
    return images, frozenset(name[len("initrd.img-") :] for name in names if name.startswith("initrd.img-"))


def _grub(reader: Reader) -> Grub:
    default, set_by = "0", ""
    snippets = [f"{SNIPPETS}/{name}" for name in reader.names(SNIPPETS) if name.endswith(".cfg")]
    for path in (GRUB, *snippets):  # the last one wins
        for quoted, single, plain in _DEFAULT.findall(reader.read(path) or ""):
            default, set_by = quoted or single or plain or "0", path
    told = dict(line.split("=", 1) for line in reader.run(*GRUB_ENV).stdout.splitlines() if "=" in line)
    entries = dict(parse_entries(reader.read(GRUB_CFG) or ""))
    return Grub(
        default=default,
        set_by=set_by,
        once=told.get("next_entry", ""),
        saved=told.get("saved_entry", ""),
        first=next(iter(entries.values()), None),
        entries=entries,
    )


def parse_entries(text: str) -> Iterator[tuple[str, str]]:
    """grub.cfg: id of an entry → name of the image that it starts; a submenu has an id and starts none."""
    last = ""
    for name, image in _ENTRY.findall(text):
        if image and last:
            yield last, posixpath.basename(image)
        last = name
