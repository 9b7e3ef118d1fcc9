"""An image for guests that really run: Debian's own packages and cloud-init, on a disk that a BIOS boots.

Made once and kept in the cache, where the package server has it for nodes to download. It is small and starts in
software emulation within minutes: no package manager's timers, one kind of host key.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from . import hosttools, image
from .addresses import SERVER
from .locks import locked
from .namespace import within
from .release import RELEASES
from .settings import CACHE, LAB_SOURCE, Lab
from .shell import run

FOLDER = CACHE / "guest"
"""What the package server serves below /guest."""
_PACKAGES = (
    "systemd,systemd-sysv,systemd-resolved,dbus,openssh-server,sudo,cloud-init,cloud-guest-utils,iproute2,e2fsprogs,"
    "linux-image-cloud-amd64,initramfs-tools"
)
_TOOLS = {
    "syslinux": "syslinux",
    "mcopy": "mtools",
    "mkfs.vfat": "dosfstools",
    "sfdisk": "fdisk",
    "/usr/lib/syslinux/mbr/mbr.bin": "syslinux-common",
}
_MIB = 1 << 20
_BOOT_MIB, _ROOT_MIB = 64, 1400
_PARTITIONS = (
    "label: dos\n"
    f"start={_MIB // 512}, size={_BOOT_MIB * _MIB // 512}, type=c, bootable\n"
    f"start={(1 + _BOOT_MIB) * _MIB // 512}, type=83\n"
)
_SYSLINUX = "DEFAULT linux\nLABEL linux\n KERNEL linux\n APPEND initrd=initrd root=LABEL=root ro console=ttyS0 quiet\n"
FILES = {
    "etc/hostname": "localhost\n",
    "etc/fstab": "LABEL=root / ext4 defaults 0 1\n",
    "etc/machine-id": "",
    # the kernel for clouds with the few drivers that a disk and a drive need
    "etc/initramfs-tools/conf.d/lab": "MODULES=list\nCOMPRESS=lz4\n",
    "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\nvirtio_scsi\nsd_mod\nsr_mod\nata_piix\nahci\next4\nisofs\n",
    "etc/cloud/cloud.cfg.d/90_lab.cfg": (
        "datasource_list: [NoCloud, ConfigDrive, None]\nssh_genkeytypes: [ed25519]\nssh_deletekeys: true\n"
    ),
}
"""What makes an image of a plain Debian: path -> text."""


def path() -> Path:
    """Where the image of this very content lies."""
    content = repr((_PACKAGES, _PARTITIONS, _SYSLINUX, sorted(FILES.items()), RELEASES[9].codename))
    return FOLDER / f"debian-{hashlib.sha256(content.encode()).hexdigest()[:12]}.raw"


def ensure(lab: Lab) -> dict[str, str]:
    """Where a node of the lab finds the image, and what it must contain; the lab's package server must run."""
    found = path()
    with locked(CACHE / ".guest.lock"):
        if not found.exists():
            hosttools.install(_TOOLS)
            private = ["unshare", "--mount", "--propagation", "private", "env", f"PYTHONPATH={LAB_SOURCE}"]
            run([*private, sys.executable, "-m", "labtool.guest_image", lab.name])
        digest = run(["sha256sum", found]).split()[0]
    return {"url": f"http://{SERVER}/guest/{found.name}", "checksum": f"sha256:{digest}"}


def build(lab: Lab, work: Path) -> None:
    """``work`` is a folder in memory. The image appears under its name when it is whole."""
    root, boot, disk = work / "root", work / "boot.fat", work / "disk.raw"
    _unpack(lab, root)
    _boot_partition(root, boot)
    run(["truncate", "-s", f"{_ROOT_MIB}M", work / "root.ext4"])
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-d", root, work / "root.ext4"])
    run(["truncate", "-s", f"{_BOOT_MIB + _ROOT_MIB + 2}M", disk])
    run(["sfdisk", "--quiet", disk], stdin=_PARTITIONS)
    run(["dd", "if=/usr/lib/syslinux/mbr/mbr.bin", f"of={disk}", "bs=440", "count=1", "conv=notrunc"])
    for part, start in ((boot, 1), (work / "root.ext4", 1 + _BOOT_MIB)):
        run(["dd", f"if={part}", f"of={disk}", "bs=1M", f"seek={start}", "conv=notrunc,sparse"])
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = path().with_suffix(".partial")
    run(["cp", "--sparse=always", disk, partial])
    partial.replace(path())


def _unpack(lab: Lab, root: Path) -> None:
    release = RELEASES[9]
    source = f"deb [signed-by={image.DEBIAN_KEYRING}] http://{SERVER}/debian {release.codename} main"
    options = ["--aptopt=Acquire::Languages none", "--aptopt=Acquire::Check-Valid-Until no"]
    options += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
    build_it = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", *options]
    run(within(lab.namespace, *build_it, release.codename, str(root), source))
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    run(["mount", "--bind", "/proc", root / "proc"])
    run(["chroot", root, "update-initramfs", "-u"])
    run(["umount", root / "proc"])
    resolver = root / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.symlink_to("/run/systemd/resolve/stub-resolv.conf")
    run(["systemctl", "--root", root, "enable", "systemd-networkd", "systemd-resolved", "ssh"])
    run(["systemctl", "--root", root, "mask", "apt-daily.timer", "apt-daily-upgrade.timer"])


def _boot_partition(root: Path, boot: Path) -> None:
    run(["truncate", "-s", f"{_BOOT_MIB}M", boot])
    run(["mkfs.vfat", "-n", "BOOT", boot])
    settings = boot.with_name("syslinux.cfg")
    settings.write_text(_SYSLINUX)
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    (initrd,) = (root / "boot").glob("initrd.img-*")
    for file, name in ((kernel, "linux"), (initrd, "initrd"), (settings, "syslinux.cfg")):
        run(["mcopy", "-i", boot, file, f"::{name}"])
    run(["syslinux", "--install", boot])


def main() -> None:
    """In a mount namespace of its own: in a tmpfs dpkg's many fsyncs cost nothing, and nothing is left of it."""
    scratch = FOLDER / ".build"
    scratch.mkdir(parents=True, exist_ok=True)
    run(["mount", "-t", "tmpfs", "none", scratch])
    build(Lab(sys.argv[1]), scratch)


if __name__ == "__main__":
    main()
