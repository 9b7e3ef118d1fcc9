"""A Debian node in memory, with an apt that behaves: a test double for the subjects that install packages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Optional

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_lists import (
    LISTS,
    UPDATE_STAMP,
    list_name,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import Release
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.packages import _FORMAT

from .support import FakeNode, printed

DPKG = ("dpkg-query", "--show", f"--showformat={_FORMAT}")
GETENT = ("getent", "ahosts", "pve1")
MIRROR = "http://mirror.example"


def debian_sources(release: Release, mirror: str = MIRROR) -> dict[str, str]:
    """Path → text of Debian's own entries, as its installer writes them."""
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    suites = {"debian": f"{release.codename} {release.codename}-updates", "debian-security": release.security_suite}
    if release.deb822:
        stanzas = (
            f"Types: deb\nURIs: {mirror}/{name}\nSuites: {listed}\nComponents: main\nSigned-By: {key}\n"
            for name, listed in suites.items()
        )
        return {"/etc/apt/sources.list.d/debian.sources": "\n".join(stanzas)}
    lines = (f"deb {mirror}/{name} {suite} main\n" for name, listed in suites.items() for suite in listed.split())
    return {"/etc/apt/sources.list": "# from the installer\n\n" + "".join(lines)}


def debian_node(
    release: Release,
    files: Optional[Mapping[str, str]] = None,
    packages: Optional[Mapping[str, str]] = None,
    container: str = "",
) -> FakeNode:
    """A node with Debian's own sources, one address, and an ``apt-get update`` that fetches what is enabled."""
    interfaces = [
        {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
        {"ifname": "eno1", "addr_info": [{"local": "10.10.1.11", "prefixlen": 24}]},
    ]
    system = f"ID=debian\nVERSION_ID={release.debian}\nVERSION_CODENAME={release.codename}\n"
    base = {"/proc/sys/kernel/hostname": "pve1\n", "/etc/os-release": system, "/run/systemd/container": container}
    node = FakeNode(
        files={**base, **debian_sources(release), **(files or {})},
        commands={
            ("ip", "-json", "address"): printed(json.dumps(interfaces)),
            GETENT: printed("10.10.1.11 STREAM pve1\n"),
        },
        effects={("apt-get",): update_lists},
    )
    set_packages(node, packages or {"base-files": "13"})
    return node


def set_packages(node: FakeNode, packages: Mapping[str, str], status: str = "installed") -> None:
    node.commands[DPKG] = printed("".join(f"{name}\t{version}\t{status}\n" for name, version in packages.items()))


def update_lists(node: FakeNode) -> None:
    """What ``apt-get update`` leaves in its directory."""
    node.ages[UPDATE_STAMP] = 0
    for path, text in list(node.files.items()):
        if not path.startswith("/etc/apt/sources.list"):
            continue
        for source in parse(path, text).sources:
            for uri in source.uris if source.enabled else ():
                for suite in source.suites:
                    node.files[f"{LISTS}/{list_name(uri, suite, 'InRelease')}"] = "a signed Release file"
                    for component in source.components:
                        name = list_name(uri, suite, f"{component}/binary-amd64/Packages")
                        node.files[f"{LISTS}/{name}.lz4"] = "packages"
