# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which kernel the next boot takes, and whether that is the one that an upgrade is for.

The boot loader decides it, not a file in /etc: what is pinned or unpinned there reaches a boot partition only when
proxmox-boot-tool writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.debian.version import version_key
from ...model.upgrade.kernel import Boot, BootPartition, grub_chosen, is_own, release_of

_REFRESH = "Run `proxmox-boot-tool refresh` on the node, and look at loader/loader.conf again."


def next_image(boot: Boot) -> Optional[str]:
    """The image that the boot loader starts next; None where nobody can tell."""
    if boot.way == "container":
        return None
    if boot.way == "grub":
        return grub_chosen(boot.grub, boot.images)
    releases = {release for one in boot.partitions if one.present and (release := _of_partition(boot, one))}
    return f"vmlinuz-{min(releases, key=version_key)}" if releases else None


def next_kernel(boot: Boot) -> Optional[str]:
    image = next_image(boot)
    return None if image is None else release_of(image)


def _of_partition(boot: Boot, partition: BootPartition) -> Optional[str]:
    if boot.way == "systemd-boot":
        return partition.next
    releases = [path.rpartition("/vmlinuz-")[2] for path in partition.files if "/vmlinuz-" in path]
    image = grub_chosen(boot.grub, [f"vmlinuz-{release}" for release in releases])
    return None if image is None else release_of(image)


def refuse_boot(boot: Boot) -> Iterator[Refusal]:
    """Why this node must not be rebooted as it is now."""
    if boot.way == "container":
        return
    image = next_image(boot)
    if image is None:
        words = f"GRUB_DEFAULT is {boot.grub.default!r}" if boot.way == "grub" else "no boot partition names a kernel"
        hint = f"Set it to 0 in {boot.grub.set_by or '/etc/default/grub'}, and run update-grub."
        yield Refusal(f"Nobody can tell which kernel boots next: {words}.", hint if boot.way == "grub" else _REFRESH)
        return
    yield from _refuse_image(boot, image)
    if boot.way == "systemd-boot":
        yield from _refuse_partitions(boot)
    yield from _refuse_grub_cfg(boot, image)


def _refuse_image(boot: Boot, image: str) -> Iterator[Refusal]:
    release = release_of(image)
    if not is_own(release) and any(image == f"{one}.bak" or image.startswith(f"{one}.") for one in boot.images):
        yield Refusal(
            f"The next boot takes /boot/{image}, which is no kernel of a package.",
            "Move that copy out of /boot, and run update-grub.",
        )
    elif not is_own(release):
        yield Refusal(
            f"The next boot takes {release}, which is not a Proxmox kernel.",
            f"Remove its package (linux-image-{release}, linux-image-amd64), or pin Proxmox VE's:"
            " proxmox-boot-tool kernel pin.",
        )
    elif not _whole(boot, release):
        yield Refusal(
            f"The next boot takes {release}, whose initial RAM disk is missing or empty.",
            f"Make room in /boot, then run `update-initramfs -u -k {release}`, and proxmox-boot-tool refresh.",
        )


def _whole(boot: Boot, release: str) -> bool:
    if boot.way in ("systemd-boot", "grub-esp"):
        return all(one.is_whole(release) for one in boot.partitions if one.present)
    return release in boot.whole


def _refuse_partitions(boot: Boot) -> Iterator[Refusal]:
    """The newest kernel is what the node is to start, unless somebody has pinned another one, and it says so."""
    wanted = pinned(boot) or boot.newest
    for one in boot.partitions:
        if one.present and one.next != wanted:
            named = f"{one.default!r} in its loader.conf" if one.default else "its entries"
            why = "pinned" if pinned(boot) else "the newest kernel"
            yield Refusal(
                f"The boot partition {one.uuid} starts {one.next or 'nothing'} ({named}), not {wanted}, {why}.",
                _REFRESH,
            )


def _refuse_grub_cfg(boot: Boot, image: str) -> Iterator[Refusal]:
    first, default = boot.grub.first, boot.grub.default
    if boot.way == "grub" and first is not None and default == "0" and not boot.grub.once and first != image:
        yield Refusal(
            f"/boot/grub/grub.cfg still starts {release_of(first)}; of all in /boot {release_of(image)} comes first.",
            "Run update-grub.",
        )


def pinned(boot: Boot) -> Optional[str]:
    """The kernel that somebody chose for the next boot, or for all."""
    return next(iter(boot.pins.values()), None)


def boot_warnings(boot: Boot) -> Iterator[str]:
    for one in boot.partitions:
        if not one.present:
            yield (
                f"The boot partition {one.uuid} is of a disk that is gone: the node boots from others only. Make one"
                " on its new disk (proxmox-boot-tool init), and run proxmox-boot-tool clean."
            )
    others = [image for image in boot.images if not is_own(release_of(image))]
    if others and boot.way == "grub":
        yield f"Kernels that are not Proxmox VE's are in /boot: {', '.join(map(release_of, others))}."
    if boot.pins:
        yield f"A kernel is pinned, and not by this collection: {', '.join(sorted(set(boot.pins.values())))}."
