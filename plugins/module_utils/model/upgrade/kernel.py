# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which kernel a node runs, and which one its boot loader will start.

Upstream: proxmox-boot-tool(8), loader.conf(5), grub-mkconfig and its grub-mkconfig_lib (version_find_latest).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Optional

from ..debian.version import compare, version_key
from ..network.patterns import name_matches

#: How the kernel gets to be started: by systemd-boot or GRUB from boot partitions that proxmox-boot-tool fills, by GRUB
#: from /boot; a container has no kernel of its own.
Way = Literal["systemd-boot", "grub-esp", "grub", "container"]

_OWN = re.compile(r"\d+\.\d+\.\d+\S*-pve")
_ENTRY = re.compile(r"(?:proxmox|pve)-(\d.*)\.conf")
#: Of a kernel's package: the release that it brings.
_PACKAGE = re.compile(r"(?:pve|proxmox)-kernel-(\d.*-pve)(?:-signed)?")
#: What grub-mkconfig passes over (grub_file_is_not_garbage).
_GARBAGE = re.compile(r".*(\.(dpkg-.*|rpmsave|rpmnew|sig|signed\.efi)|~)|README.*|.*/README.*")
_PRE = re.compile(r"[._-](pre|rc|test|git|old|trunk)")


@dataclass(frozen=True)
class BootPartition:
    """An EFI system partition of proxmox-boot-tool's. ``present``: its disk is there.

    default: what loader.conf names. files: paths of whole files on it. grub: the grub.cfg on it, if there is one.
    options: the command lines in its entries.
    """

    uuid: str
    present: bool = True
    default: Optional[str] = None
    files: frozenset[str] = frozenset()
    grub: Optional[str] = None
    options: tuple[str, ...] = ()

    @property
    def kernels(self) -> tuple[str, ...]:
        """The releases of which it has an entry."""
        found = (
            _ENTRY.fullmatch(posixpath.basename(path)) for path in self.files if path.startswith("loader/entries/")
        )
        return tuple(sorted((match[1] for match in found if match), key=version_key))

    @property
    def next(self) -> Optional[str]:
        """The release that systemd-boot starts: the newest of the entries that ``default`` matches, else of all."""
        entries = [posixpath.basename(path) for path in self.files if path.startswith("loader/entries/")]
        matching = [name for name in entries if self.default and name_matches(name, self.default)]
        found = [match[1] for match in map(_ENTRY.fullmatch, matching or entries) if match]
        return max(found, key=version_key, default=None)

    def is_whole(self, release: str) -> bool:
        """Kernel and initial RAM disk are there, and not empty."""
        folder = f"EFI/proxmox/{release}"
        return {f"{folder}/vmlinuz-{release}", f"{folder}/initrd.img-{release}"} <= self.files


@dataclass(frozen=True)
class Grub:
    """``default``: GRUB_DEFAULT as /etc/default/grub and the files in grub.d leave it, and which of them set it.

    once, saved: next_entry and saved_entry of grubenv. first: what the first entry of grub.cfg starts, by the name of
    its image. entries: of its entries, the id → the image.
    """

    default: str = "0"
    set_by: str = ""
    once: str = ""
    saved: str = ""
    first: Optional[str] = None
    entries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Boot:
    """``images``: names of kernel images in /boot; whole: those beside which their initial RAM disk is, not empty.

    partitions: in the order of /etc/kernel/proxmox-boot-uuids. pins: file of a pin → the release that it names.
    """

    way: Way
    running: str
    images: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    partitions: tuple[BootPartition, ...] = ()
    grub: Grub = Grub()
    pins: Mapping[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> Optional[str]:
        """The newest of Proxmox VE's kernels that is installed."""
        return max(filter(is_own, map(release_of, self.images)), key=version_key, default=None)


def release_of(image: str) -> str:
    return image.partition("-")[2]


def is_own(release: str) -> bool:
    """It is one of Proxmox VE's own."""
    return _OWN.fullmatch(release) is not None


def brought_by(packages: Iterable[str]) -> Optional[str]:
    """The newest kernel that these packages bring; None when none of them holds one."""
    found = (_PACKAGE.fullmatch(name) for name in packages)
    return max((match[1] for match in found if match), key=version_key, default=None)


def series(release: str) -> str:
    """``6.14`` of 6.14.11-4-pve: drivers, and with them the names of cards, may change from one to the other."""
    return ".".join(release.split(".")[:2])


def grub_first(images: Iterable[str]) -> Optional[str]:
    """Which image GRUB's first entry starts, of all that there are: Debian's kernels and copies count, too."""
    latest: Optional[str] = None
    for image in sorted(images):
        if not _GARBAGE.fullmatch(image) and (latest is None or _is_later(image, latest)):
            latest = image
    return latest


def _is_later(image: str, than: str) -> bool:
    """version_test_gt of grub-mkconfig_lib: what is called pre, rc, old and so on comes before what is not."""
    one, other = (_PRE.sub(r"~\1", release_of(name)) for name in (image, than))
    return compare(one, other) > 0


def grub_chosen(grub: Grub, images: Iterable[str]) -> Optional[str]:
    """The image that GRUB starts next; None when its settings name something of which nobody can tell.

    An entry for one boot (grub-reboot) comes before everything; then GRUB_DEFAULT, ``saved`` being what grubenv has.
    """
    wanted = grub.once or (grub.saved or "0" if grub.default == "saved" else grub.default)
    if wanted == "0":
        return grub_first(images)
    name = wanted.rpartition(">")[2]
    if name in grub.entries:
        return grub.entries[name]
    named = [image for image in images if re.search(rf"(?<![\w.-]){re.escape(release_of(image))}(?![\w.])", name)]
    return max(named, key=len, default=None)


def with_kernel(boot: Boot, release: Optional[str]) -> Boot:
    """As it is once a package has brought this kernel: its image whole, everywhere it belongs, and GRUB's menu new."""
    if release is None:
        return boot
    folder = f"EFI/proxmox/{release}"
    brought = {
        f"{folder}/vmlinuz-{release}",
        f"{folder}/initrd.img-{release}",
        f"loader/entries/proxmox-{release}.conf",
    }
    return replace(
        boot,
        images=tuple(sorted({*boot.images, f"vmlinuz-{release}"})),
        whole=boot.whole | {release},
        partitions=tuple(replace(one, files=one.files | brought) for one in boot.partitions),
        grub=replace(boot.grub, first=None),
    )
