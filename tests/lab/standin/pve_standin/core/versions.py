"""The version the stand-in claims to be, and what `pveversion` knows about installed packages."""

from __future__ import annotations

import os
from pathlib import Path

from pve_standin.core.exec import run

RELEASE_FILE = Path("/usr/share/pve-standin/release")
NOT_INSTALLED = "not correctly installed"

# packages in the order of `pveversion -v`; the first two have lines of their own
OPTIONAL = ("ceph", "ceph-fuse")
PACKAGES = (
    "corosync",
    "criu",
    "frr-pythontools",
    "ifupdown2",
    "ksm-control-daemon",
    "libjs-extjs",
    "libproxmox-acme-perl",
    "libpve-access-control",
    "libpve-apiclient-perl",
    "libpve-cluster-api-perl",
    "libpve-cluster-perl",
    "libpve-common-perl",
    "libpve-guest-common-perl",
    "libpve-http-server-perl",
    "libpve-network-perl",
    "libpve-storage-perl",
    "libspice-server1",
    "lvm2",
    "lxcfs",
    "pve-cluster",
    "pve-container",
    "pve-firewall",
    "pve-ha-manager",
    "qemu-server",
    "smartmontools",
    "swtpm",
)
REQUIRED = ("libspice-server1", "lxcfs")


def version_info() -> dict[str, str]:
    """version, release and repoid, from the installed pve-manager package's own file."""
    pairs = (line.partition("=") for line in RELEASE_FILE.read_text(encoding="ascii").splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def version_text() -> str:
    info = version_info()
    return f"pve-manager/{info['version']}/{info['repoid']}"


def kernel() -> str:
    return os.uname().release


def installed() -> dict[str, str]:
    """Versions of all correctly installed packages."""
    listed = run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\n"], check=False).stdout
    rows = (line.split("\t") for line in listed.splitlines())
    return {row[1]: row[2] for row in rows if len(row) == 3 and row[0].startswith("ii")}


def report() -> list[str]:
    """The lines of `pveversion -v`."""
    versions = installed()
    info = version_info()
    lines = []
    if "proxmox-ve" in versions:
        lines.append(f"proxmox-ve: {versions['proxmox-ve']} (running kernel: {kernel()})")
    if "pve-manager" in versions:
        running = f"{info['version']}/{info['repoid']}"
        lines.append(f"pve-manager: {versions['pve-manager']} (running version: {running})")
    for name in (*OPTIONAL, *PACKAGES):
        if name in versions:
            lines.append(f"{name}: {versions[name]}")
        elif name in REQUIRED:
            lines.append(f"{name}: {NOT_INSTALLED}")
    return lines
