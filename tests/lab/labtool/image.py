"""The base image: a plain Debian server, made once per release and shared by all labs."""

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

HOST_KERNEL_UNITS = (
    # devices belong to the host; a second udev would answer the kernel's events for them
    "systemd-udevd.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udev-trigger.service",
    "systemd-udev-settle.service",
    # the host's kernel takes no modules and may lack sunrpc, iSCSI and nvme-fabrics
    "run-rpc_pipefs.mount",
    "nfs-blkmap.service",
    "nvmf-autoconnect.service",
    "iscsid.service",
    "open-iscsi.service",
)
"""What a node cannot have that runs on the host's kernel."""

MASKED_UNITS = (
    # nobody looks at a console
    "console-getty.service",
    "getty@tty1.service",
    # would take apt's lock at a time of its own choosing
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
)

DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LAB_CERTIFICATE = "/usr/local/share/ca-certificates/baremetal-virt-lab.crt"
LAB_KEYRING = "/usr/share/keyrings/baremetal-virt-lab.gpg"


def packages(lab: Lab) -> str:
    """Devices belong to the kernel: only one of the node's own has work for udev. ifupdown is Debian's own choice."""
    return PACKAGES + (",udev" if lab.own_kernel else "") + (",ifupdown" if lab.own_network else "")


def suites(release: Release) -> list[tuple[str, str]]:
    """Archive and suite of Debian's own repositories."""
    return [
        ("debian", release.codename),
        ("debian", f"{release.codename}-updates"),
        ("debian-security", release.security_suite),
    ]


def debian_sources(release: Release) -> tuple[str, str]:
    """Path and text of Debian's own repositories as its installer writes them, pointed at the lab's mirror."""
    if not release.deb822:
        lines = [f"deb http://{SERVER}/{name} {suite} {release.debian_components}\n" for name, suite in suites(release)]
        return "etc/apt/sources.list", "".join(lines)
    listed: dict[str, list[str]] = {}
    for name, suite in suites(release):
        listed.setdefault(name, []).append(suite)
    stanzas = [
        f"Types: deb\nURIs: http://{SERVER}/{name}\nSuites: {' '.join(own)}\n"
        f"Components: {release.debian_components}\nSigned-By: {DEBIAN_KEYRING}\n"
        for name, own in listed.items()
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
            + "".join(
                f"\nPackage: src:{name}\nPin: release n={release.security_suite}\nPin-Priority: -1\n"
                for name in release.lost_sources
            )
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
        "etc/systemd/system/chrony.service.d/baremetal-virt-lab.conf": (
            "[Unit]\nConditionCapability=\n\n[Service]\nEnvironmentFile=/etc/lab/chrony\n"
        ),
        "etc/lab/chrony": 'DAEMON_OPTS="-F 1 -x"\n',
    }


def path(lab: Lab) -> Path:
    """Where the base of this very content lies; a change of content is a new base."""
    content = repr((packages(lab), debian_sources(lab.release)))
    return CACHE / "base" / f"{lab.release.codename}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def ensure(lab: Lab) -> Path:
    """The base image, built if it is not there; the lab's package server must run."""
    base = path(lab)
    with locked(CACHE / ".base.lock"):
        if not base.exists():
            _build(lab, base)
    return base


def _build(lab: Lab, base: Path) -> None:
    partial = base.with_name(f"{base.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    one_line = [
        f"deb [signed-by={DEBIAN_KEYRING}] http://{SERVER}/{name} {suite} {lab.release.debian_components}"
        for name, suite in suites(lab.release)
    ]
    build = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages(lab)}", lab.release.codename]
    # Debian's indexes stay in the image: they save every node of every lab the download
    build += ["--skip=cleanup/apt/lists", "--aptopt=Acquire::Languages none", "--aptopt=Acquire::Check-Valid-Until no"]
    # in a tmpfs nobody else sees: dpkg's many fsyncs cost nothing there, and nothing is left of it after a crash
    scratch = partial.with_name(f"{partial.name}.tmpfs")
    scratch.mkdir(exist_ok=True)
    script = 'scratch=$1; target=$2; shift 2; mount -t tmpfs none "$scratch" && "$@" && cp -a "$scratch/." "$target"'
    private = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(scratch), str(partial)]
    run(within(lab.namespace, *private, *build, str(scratch), *one_line))
    scratch.rmdir()
    strays = ["etc/apt/sources.list", "etc/apt/apt.conf.d/99mmdebstrap", "etc/hostname", "etc/machine-id"]
    for stray in [*(partial / name for name in strays), *partial.glob("etc/ssh/ssh_host_*")]:
        stray.unlink(missing_ok=True)
    sources_path, sources = debian_sources(lab.release)
    (partial / sources_path).write_text(sources)
    partial.replace(base)
