"""`pveceph install`: the repository of a Ceph release, then its packages; and `pveceph purge`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pve_standin.ceph import conf, rados, releases, services, tools
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.core.release import Release, current

PACKAGES = ("ceph", "ceph-common", "ceph-fuse", "ceph-mds", "ceph-volume", "gdisk", "nvme-cli")
_ENTERPRISE_HOST = "https://enterprise.proxmox.com"
_PUBLIC_HOST = "http://download.proxmox.com"
_DIRECTORIES = ("mon", "mgr", "mds", "osd", "bootstrap-osd", "crash")


def sources_text(codename: str, repository: str, pve: Release) -> str:
    uri = f"{_ENTERPRISE_HOST if repository == 'enterprise' else _PUBLIC_HOST}/debian/ceph-{codename}"
    component = pve.ceph_components[repository]
    if not pve.deb822:
        return f"deb {uri} {pve.codename} {component}\n"
    return f"Types: deb\nURIs: {uri}\nSuites: {pve.codename}\nComponents: {component}\nSigned-By: {pve.keyring}\n"


def install(codename: str, repository: str) -> None:
    release = releases.by_codename(codename)
    if sys.stdin.isatty() and not _confirmed(release.title):
        raise ApiError(500, "Aborting installation as requested")
    if repository != "manual":
        pve = current()
        pve.ceph_sources.write_text(sources_text(codename, repository, pve), encoding="utf-8")
    print("update available package list", flush=True)
    if subprocess.run(["/usr/bin/apt-get", "-q", "update"]).returncode != 0:
        print("apt update failed, continuing with the lists that are there", file=sys.stderr, flush=True)
    if repository == "manual":
        _check_candidate(release.codename, release.version)
    _install_packages()
    print(f"\ninstalled Ceph {release.title} successfully!", flush=True)
    print("\nreloading API to load new Ceph RADOS library...", flush=True)
    run(["/bin/systemctl", "try-reload-or-restart", "pvedaemon.service", "pveproxy.service"], check=False)


def _confirmed(title: str) -> bool:
    print(f"This will install Ceph {title} - continue (y/N)? ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def candidate_version() -> str | None:
    policy = run(["/usr/bin/apt-cache", "policy", "ceph-common"], check=False).stdout
    lines = [line.split(":", 1)[1].strip() for line in policy.splitlines() if line.strip().startswith("Candidate:")]
    return lines[0] if lines and lines[0] != "(none)" else None


def _check_candidate(codename: str, version: str) -> None:
    found = candidate_version() or "none"
    if not found.startswith(f"{version}."):
        raise ApiError(
            500, f"Selected Ceph version '{codename}' does not match the available version in the repository '{found}'"
        )


def _install_packages() -> None:
    """apt asks y/N itself when it brings further packages, so its standard input is ours."""
    command = ["/usr/bin/apt-get", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confnew", "install", "--"]
    print("start installation", flush=True)
    tools.INSTALL_FLAG.touch()
    try:
        done = subprocess.run([*command, *PACKAGES], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    finally:
        tools.INSTALL_FLAG.unlink()
    if done.returncode != 0:
        raise ApiError(500, f"apt failed during ceph installation ({done.returncode})", errno=done.returncode)


def purge_obstacles() -> list[str]:
    """What must be gone before this node may forget its Ceph."""
    obstacles = []
    daemons = services.local_daemons()
    if tools.installed() and tools.CONF.exists() and rados.mon("osd pool ls"):
        obstacles.append("- remove pools, this will !!DESTROY DATA!!")
    if daemons["osd"]:
        obstacles.append(f"- remove active OSD on {tools.node()}")
    if daemons["mds"]:
        obstacles.append(f"- remove active MDS on {tools.node()}")
    if daemons["mon"] and len(conf.read().daemons("mon")) > 1:
        obstacles.append(f"- remove active MON on {tools.node()}")
    return obstacles


def purge(logs: bool, crash: bool) -> None:
    obstacles = purge_obstacles()
    if obstacles:
        raise ApiError(500, "Unable to purge Ceph!\n\nTo continue:\n" + "\n".join(obstacles))
    run(["/bin/systemctl", "stop", "ceph.target"], check=False)
    for name in _DIRECTORIES:
        if name != "crash" or crash:
            _empty(tools.STATE / name)
    if logs:
        _empty(Path("/var/log/ceph"))
    for path in (tools.CONF, tools.ADMIN_KEYRING, tools.MON_KEYRING, tools.LOCAL_ADMIN_KEYRING):
        if path.exists():
            path.unlink()
    if tools.CONF_DIR.is_dir():
        shutil.rmtree(str(tools.CONF_DIR))


def _empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else []:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()
