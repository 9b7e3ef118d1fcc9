"""A root directory with the programs whose files we read, made once and kept in the lab's cache."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from labtool.locks import locked
from labtool.mirror import debian_upstreams
from labtool.release import Release
from labtool.settings import CACHE, LabError
from labtool.shell import run

#: What Proxmox VE's own modules for Perl use of Debian's.
_PERL = (
    "clone devel-cycle encode-locale file-chdir filesys-df http-message io-stringy json linux-inotify2 net-ip"
    " posix-strptime string-shellquote timedate uri www"
)
#: apt and getent are in every Debian.
PACKAGES = (
    *("ceph-common", "corosync", "python3-rados", "iproute2", "nfs-kernel-server", "perl"),
    *(f"lib{name}-perl" for name in _PERL.split()),
)
#: Each of these excludes the other, so they are only unpacked, into folders of their own.
UNPACKED = ("ifupdown", "ifupdown2")
_UNPACK = (
    'mkdir -p "$1/usr/share/ifupdown2" "$1/etc/network" && cd "$1/opt"'
    f' && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download {" ".join(UNPACKED)}'
    ' && for package in *.deb; do dpkg-deb -x "$package" "${package%%_*}" && rm "$package"; done'
)


def ensure(release: Release) -> Path:
    """The root for this release of Debian; the first time takes a mirror and a minute."""
    if shutil.which("mmdebstrap") is None:
        raise LabError("mmdebstrap is missing: apt-get install mmdebstrap")
    folder = CACHE / "grammar" / f"{release.codename}-{_digest()}"
    with locked(CACHE / ".grammar.lock"):
        if not folder.exists():
            _build(release, folder)
    return folder


def _digest() -> str:
    return hashlib.sha256(" ".join((*PACKAGES, _UNPACK)).encode()).hexdigest()[:12]


def _build(release: Release, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    options = [
        "--aptopt=Acquire::Languages none",
        "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        f"--customize-hook={_UNPACK}",
    ]
    what = ["--variant=minbase", f"--include={','.join(PACKAGES)}", release.codename, str(partial)]
    run(["mmdebstrap", "--quiet", *options, *what, debian_upstreams()["debian"]])
    partial.replace(folder)
