"""What may be found on a node before it is told which repositories to use: cases for the tests of repositories."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.release import RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.repositories import (
    ENTERPRISE_URL,
    PROXMOX_URL,
    ceph_path,
    enterprise_path,
    proxmox_path,
)
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

PVE_7, PVE_8, PVE_9 = RELEASES
NEWEST = {release: list(release.ceph)[-1] for release in RELEASES}


def params(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = dict.fromkeys(SUBJECT.argument_spec)
    usual.update(subscription="no-subscription", proxmox_url=PROXMOX_URL, enterprise_url=ENTERPRISE_URL)
    return {**usual, **changes}


def entry(release: Release, uri: str, component: str, off: bool = False) -> str:
    """An entry in the format of the release, as a person or a tool writes it."""
    if release.deb822:
        fields = f"Types: deb\nURIs: {uri}\nSuites: {release.codename}\nComponents: {component}\n"
        return f"{fields}Signed-By: {release.keyring_path}\n" + ("Enabled: false\n" if off else "")
    return f"{'#' if off else ''}deb {uri} {release.codename} {component}\n"


def shipped(release: Release, off: bool = False) -> dict[str, str]:
    """pve-manager's own file."""
    return {enterprise_path(release): entry(release, f"{ENTERPRISE_URL}/debian/pve", "pve-enterprise", off=off)}


def other(release: Release, name: str) -> str:
    return f"/etc/apt/sources.list.d/{name}.{release.sources_suffix}"


def existing(release: Release, case: str) -> dict[str, str]:
    """Files that somebody or something left on the node before this collection came."""
    free = release.components["no-subscription"]
    test = release.components["test"]
    ceph = release.ceph_components["no-subscription"]
    old_ceph, new_ceph = list(release.ceph)[0], NEWEST[release]
    cases = {
        "nothing": {},
        "the ISO": shipped(release),
        "the ISO, enterprise file renamed": {
            other(release, "aaa"): f"# mine\n\n{entry(release, f'{ENTERPRISE_URL}/debian/pve/', 'pve-enterprise')}"
        },
        "the ISO, switched off by hand": shipped(release, off=True),
        "enterprise Ceph left by the wizard": {
            **shipped(release),
            ceph_path(release): entry(release, f"{ENTERPRISE_URL}/debian/ceph-{new_ceph}", "enterprise"),
        },
        "the web interface's free entry": {
            other(release, "web"): entry(release, f"{PROXMOX_URL}/debian/pve", free),
        },
        "the test entry in our own file": {
            proxmox_path(release): entry(release, f"{PROXMOX_URL}/debian/pve", test),
        },
        "an old mirror in our own file": {
            proxmox_path(release): entry(release, "http://old.example/proxmox/debian/pve", free),
        },
        "an old mirror in another file": {
            other(release, "old"): entry(release, "http://old.example/proxmox/debian/pve", free),
        },
        "another Ceph release": {
            ceph_path(release): entry(release, f"{PROXMOX_URL}/debian/ceph-{old_ceph}", ceph),
        },
        "all channels in one entry": {
            other(release, "all"): entry(release, f"{PROXMOX_URL}/debian/pve", f"{free} {test}"),
        },
    }  # fmt: skip
    return cases[case]


CASES = [
    "nothing",
    "the ISO",
    "the ISO, enterprise file renamed",
    "the ISO, switched off by hand",
    "enterprise Ceph left by the wizard",
    "the web interface's free entry",
    "the test entry in our own file",
    "an old mirror in our own file",
    "an old mirror in another file",
    "another Ceph release",
    "all channels in one entry",
]
