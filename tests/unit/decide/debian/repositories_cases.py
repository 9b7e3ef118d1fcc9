"""What may be found on a node before it is told which repositories to use: cases for the tests of repositories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import CHANNELS, RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    ENTERPRISE_URL,
    PROXMOX_URL,
    ceph_path,
    enterprise_path,
    proxmox_path,
)
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ....doubles.fake_debian import debian_node
from ....doubles.support import FakeNode

PVE_7, PVE_8, PVE_9 = RELEASES
NEWEST = {release: list(release.ceph)[-1] for release in RELEASES}


def params(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = dict.fromkeys(SUBJECT.argument_spec)
    usual.update(
        lists_max_age=0, subscription="no-subscription", proxmox_url=PROXMOX_URL, enterprise_url=ENTERPRISE_URL
    )
    return {**usual, **changes}


def entry(release: Release, uri: str, component: str, off: bool = False) -> str:
    """An entry in the format of the release, as upstream's own tools write it: before deb822 it names no key."""
    if release.deb822:
        fields = f"Types: deb\nURIs: {uri}\nSuites: {release.codename}\nComponents: {component}\n"
        return f"{fields}Signed-By: {release.keyring_path}\n" + ("Enabled: false\n" if off else "")
    return f"{'#' if off else ''}deb {uri} {release.codename} {component}\n"


def line(release: Release, uri: str, component: str) -> str:
    """An entry in the one-line format."""
    return f"deb {uri} {release.codename} {component}\n"


def shipped(release: Release, off: bool = False) -> dict[str, str]:
    """pve-manager's own file."""
    return {enterprise_path(release): entry(release, f"{ENTERPRISE_URL}/debian/pve", "pve-enterprise", off=off)}


def other(release: Release, name: str) -> str:
    return f"/etc/apt/sources.list.d/{name}.{release.sources_suffix}"


def one_line(name: str) -> str:
    return f"/etc/apt/sources.list.d/{name}.list"


def existing(release: Release, case: str) -> dict[str, str]:
    """Files that somebody or something left on the node before this collection came."""
    free = release.components["no-subscription"]
    test = release.components["test"]
    ceph = release.ceph_components["no-subscription"]
    old_ceph, new_ceph = list(release.ceph)[0], NEWEST[release]
    pve_url = f"{PROXMOX_URL}/debian/pve"
    enterprise_url = f"{ENTERPRISE_URL}/debian/pve"
    enterprise_ceph = entry(release, f"{ENTERPRISE_URL}/debian/ceph-{new_ceph}", "enterprise")
    named_key = f"deb [signed-by={release.keyring_path}] {pve_url} {release.codename} {free}\n"
    cases = {
        "nothing": {},
        "the ISO": shipped(release),
        "the ISO, enterprise file renamed": {
            other(release, "aaa"): f"# mine\n\n{entry(release, f'{enterprise_url}/', 'pve-enterprise')}"
        },
        "the ISO, switched off by hand": shipped(release, off=True),
        "the ISO, with enterprise Ceph": {**shipped(release), ceph_path(release): enterprise_ceph},
        "the ISO, web interface's free entry": {
            **shipped(release, off=True),
            other(release, "web"): entry(release, pve_url, free),
        },
        "a walkthrough's entry": {other(release, "pve-install-repo"): entry(release, pve_url, free)},
        "a walkthrough's entry without a key": {one_line("pve-install-repo"): line(release, pve_url, free)},
        "the test entry in our own file": {
            proxmox_path(release): entry(release, pve_url, test),
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
            other(release, "all"): entry(release, pve_url, f"{free} {test}"),
        },
        "one-line files of an upgraded ISO": {
            one_line("pve-enterprise"): line(release, enterprise_url, "pve-enterprise"),
            one_line("ceph"): line(release, f"{ENTERPRISE_URL}/debian/ceph-{new_ceph}", "enterprise"),
        },
        "one-line files of our own": {
            one_line("pve-enterprise"): f"# {line(release, enterprise_url, 'pve-enterprise')}",
            one_line("proxmox"): named_key,
            one_line("ceph"): f"# our Ceph\n{line(release, f'{PROXMOX_URL}/debian/ceph-{new_ceph}', ceph)}",
        },
        "the same twice": {
            one_line("again"): f"# again\n{named_key}{named_key}",
            proxmox_path(release): entry(release, pve_url, free),
        },
    }  # fmt: skip
    return cases[case]


CASES = [
    "nothing",
    "the ISO",
    "the ISO, enterprise file renamed",
    "the ISO, switched off by hand",
    "the ISO, with enterprise Ceph",
    "the ISO, web interface's free entry",
    "a walkthrough's entry",
    "a walkthrough's entry without a key",
    "the test entry in our own file",
    "an old mirror in our own file",
    "an old mirror in another file",
    "another Ceph release",
    "all channels in one entry",
    "one-line files of an upgraded ISO",
    "one-line files of our own",
    "the same twice",
]
ROWS = [(release, channel, case) for release in RELEASES for channel in CHANNELS for case in CASES]
ROW_NAMES = [f"{release.codename}-{channel}-{case}" for release, channel, case in ROWS]


def node_of(release: Release, case: str, files: Mapping[str, str] = {}) -> FakeNode:
    """A node in this state. On a node that was installed from the ISO the packages are there, and their key."""
    iso = "ISO" in case
    owned = release.keyring_path if release.deb822 else f"/etc/apt/trusted.gpg.d/{release.keyring_name}"
    package = {f"/var/lib/dpkg/info/{release.keyring_package}.list": f"/.\n{owned}\n", owned: "the package's key"}
    packages = {"proxmox-ve": f"{release.pve}.1.0", "pve-manager": f"{release.pve}.1.5"} if iso else None
    return debian_node(release, {**(package if iso else {}), **existing(release, case), **files}, packages)


def declaration(release: Release, channel: str) -> dict[str, Any]:
    """Proxmox VE and the newest Ceph in this channel, as far as there is one."""
    ceph_channel = channel if channel in release.ceph_components else "no-subscription"
    return params(subscription=channel, ceph_release=NEWEST[release], ceph_repository=ceph_channel)


def converged(node: FakeNode, declared: Mapping[str, Any]) -> FakeNode:
    """Apply the plan; a second plan must be empty."""
    for step in make_plan(SUBJECT, declared, node).steps:
        node.act(step)
    again = make_plan(SUBJECT, declared, node)
    assert again.sentences == []
    assert again.refusals == ()
    return node


def apt_files(node: FakeNode) -> dict[str, str]:
    """What apt reads."""
    return {path: text for path, text in node.files.items() if path.startswith("/etc/apt/sources.list")}
