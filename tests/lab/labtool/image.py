"""The base image: a plain Debian server, made once per release by debootstrap and shared by all labs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from . import repositories
from .addresses import ENTERPRISE, SERVER
from .locks import locked
from .namespace import within
from .release import Release
from .settings import CACHE, Lab
from .shell import run

PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,iproute2,ca-certificates,iputils-ping,procps,kmod,netbase,"
    "wget,less,cron,logrotate,psmisc,e2fsprogs,fdisk"
)
"""What a plain Debian server has and the lab or its users need. Nothing of Proxmox, corosync or Ceph."""

MASKED_UNITS = (
    # devices belong to the host; a second udev would answer the kernel's events for them
    "systemd-udevd.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udev-trigger.service",
    "systemd-udev-settle.service",
    # the host's kernel takes no modules and may lack sunrpc and nvme-fabrics
    "run-rpc_pipefs.mount",
    "nfs-blkmap.service",
    "nvmf-autoconnect.service",
    # nobody looks at a console
    "console-getty.service",
    "getty@tty1.service",
    # would take apt's lock at a time of its own choosing
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
)

LAB_CERTIFICATE = "/usr/local/share/ca-certificates/baremetal-virt-lab.crt"
LAB_KEYRING = "/usr/share/keyrings/baremetal-virt-lab.gpg"


def debian_sources(release: Release) -> tuple[str, str]:
    """Path and text of Debian's own repositories as its installer writes them, pointed at the lab's mirror."""
    suites = {"debian": f"{release.codename} {release.codename}-updates", "debian-security": release.security_suite}
    if not release.deb822:
        lines = [
            f"deb http://{SERVER}/{name} {suite} {release.debian_components}\n"
            for name, listed in suites.items()
            for suite in listed.split()
        ]
        return "etc/apt/sources.list", "".join(lines)
    stanzas = [
        f"Types: deb\nURIs: http://{SERVER}/{name}\nSuites: {listed}\nComponents: {release.debian_components}\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        for name, listed in suites.items()
    ]
    return "etc/apt/sources.list.d/debian.sources", "\n".join(stanzas)


def configuration(release: Release) -> dict[str, str]:
    """Every file the lab adds to a plain Debian, except for who the node is: path -> text."""
    return {
        "etc/apt/sources.list.d/baremetal-virt-lab.list": (
            f"deb [signed-by={LAB_KEYRING}] http://{SERVER}/lab/debian {release.codename} main\n"
        ),
        # what the lab has in the place of a Debian package goes before it, whatever Debian's version
        "etc/apt/preferences.d/baremetal-virt-lab": (
            f"Package: *\nPin: release o={repositories.LAB_ORIGIN}\nPin-Priority: 1001\n"
        ),
        # a cached mirror may be older than its index's promise, and a cold one slower than apt's patience;
        # a kept download would go before a rebuilt package of the same version and size
        "etc/apt/apt.conf.d/90baremetal-virt-lab": (
            'Acquire::Check-Valid-Until "false";\nAcquire::Languages "none";\nAcquire::http::Timeout "300";\n'
            'APT::Keep-Downloaded-Packages "false";\n'
            f'Acquire::https::{ENTERPRISE}::CaInfo "{LAB_CERTIFICATE}";\n'
        ),
        # lab speed: no fsync for every file, no documentation
        "etc/dpkg/dpkg.cfg.d/baremetal-virt-lab": (
            "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n"
            "path-exclude=/usr/share/locale/*\n"
        ),
        # the clock is the host's: chronyd runs, without touching it
        "etc/systemd/system/chrony.service.d/baremetal-virt-lab.conf": "[Unit]\nConditionCapability=\n",
    }


def path(release: Release) -> Path:
    """Where the base of this very content lies; a change of content is a new base."""
    content = repr((PACKAGES, debian_sources(release)))
    return CACHE / "base" / f"{release.codename}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def ensure(lab: Lab) -> Path:
    """The base image, built if it is not there; the lab's package server must run."""
    base = path(lab.release)
    with locked(CACHE / ".base.lock"):
        if not base.exists():
            _build(lab, base)
    return base


def _build(lab: Lab, base: Path) -> None:
    partial = base.with_name(f"{base.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    bootstrap = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", lab.release.codename, str(partial)]
    run(within(lab.namespace, *bootstrap, f"http://{SERVER}/debian"))
    for stray in ("etc/apt/sources.list", "etc/hostname", "etc/machine-id", "etc/resolv.conf"):
        (partial / stray).unlink(missing_ok=True)
    for host_key in partial.glob("etc/ssh/ssh_host_*"):
        host_key.unlink()
    sources_path, sources = debian_sources(lab.release)
    (partial / sources_path).write_text(sources)
    # Debian's indexes in the image save every node of every lab the download
    chroot = within(lab.namespace, "env", "DEBIAN_FRONTEND=noninteractive", "chroot", str(partial))
    apt = [*chroot, "apt-get", "--quiet", "--yes", "--option", "Acquire::Languages=none"]
    apt += ["--option", "Acquire::Check-Valid-Until=false"]
    for verb in ("update", "full-upgrade", "clean"):
        run([*apt, verb])
    partial.replace(base)
