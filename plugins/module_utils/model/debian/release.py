# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of what differs between the releases of Proxmox VE.

Code asks a release for a capability (``release.deb822``, ``release.ha_rules``) and never compares version numbers.
Upstream: pve-docs (pve-package-repos.adoc, pve-installation.adoc, pve-faq.adoc), pve-manager PVE/Ceph/Releases.pm,
proxmox-apt's standard repositories. Key hashes: of the files upstream serves (SHA-512 as published in pve-docs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

#: Which of upstream's repositories: what their components are called differs between releases.
Channel = Literal["enterprise", "no-subscription", "test"]
ENTERPRISE: Channel = "enterprise"
NO_SUBSCRIPTION: Channel = "no-subscription"
TEST: Channel = "test"
CHANNELS: tuple[Channel, ...] = (ENTERPRISE, NO_SUBSCRIPTION, TEST)

#: What users write for the release of Ceph that a release of Proxmox VE has by default.
CEPH_DEFAULT = "default"


@dataclass(frozen=True)
class Release:
    """One major release of Proxmox VE on its Debian release.

    python: the version in Debian, which modules run on. keyring_name: the key's file name on upstream's server.
    keyring_path: where it belongs on a node; never a directory of keys that apt trusts for every repository (what the
    package of 7 and 8 does there is its own doing). On 9 ``keyring_package`` owns that file once it is installed.
    components, ceph_components: channel → name of the component. ceph: releases offered → version, oldest first;
    ceph_default: the one for whoever names none.
    packages: what the installation on Debian asks apt for, after ``kernel_package``.
    kernel_pattern: names of the packages that hold a kernel. eol: year and month of the end of its support, if known.
    ceph_manual_repository: ``pveceph install`` can be told to leave the APT sources alone. ceph_repository_option: it
    can be told a channel by its name.
    nfs_conf: nfs-utils reads nfs.conf(5).
    checker: upstream's own check of a node that is to get this release; it is part of the release before. ceph_before:
    the release that every daemon of Ceph has to run before, as both have its packages. needs_before:
    package → the least version of it, in the release before, with which the upgrade can be made. sshd_refuses: words in
    sshd_config that sshd of the release before takes and this one does not. rrd_growth: folder of measurements → how
    many times as much room the new form of its files takes. migrations_before, migrations_after: scripts of upstream's
    that are called before the first node has this release, and after the last one.
    """

    pve: int
    debian: int
    codename: str
    python: str
    deb822: bool
    keyring_name: str
    keyring_path: str
    keyring_sha256: str
    components: Mapping[Channel, str] = field(hash=False)
    ceph_components: Mapping[Channel, str] = field(hash=False)
    ceph: Mapping[str, str] = field(hash=False)
    ceph_default: str
    packages: tuple[str, ...]
    kernel_package: str
    kernel_pattern: str
    ha_rules: bool
    token_coefficient: bool
    non_free_firmware: bool
    keyring_package: str = "proxmox-archive-keyring"
    ceph_manual_repository: bool = False
    nfs_conf: bool = True
    eol: str = ""
    ceph_repository_option: bool = True
    checker: str = ""
    ceph_before: str = ""
    needs_before: Mapping[str, str] = field(default_factory=dict, hash=False)
    sshd_refuses: tuple[str, ...] = ()
    rrd_growth: Mapping[str, float] = field(default_factory=dict, hash=False)
    migrations_before: tuple[str, ...] = ()
    migrations_after: tuple[str, ...] = ()

    @property
    def security_suite(self) -> str:
        return f"{self.codename}-security"

    @property
    def sources_suffix(self) -> str:
        """How the name of a file in sources.list.d ends in this release's own format."""
        return "sources" if self.deb822 else "list"

    def ceph_named(self, wanted: str) -> str:
        """The release of Ceph that is meant, offered or not."""
        return self.ceph_default if wanted == CEPH_DEFAULT else wanted


_PVE_7 = Release(
    pve=7,
    debian=11,
    codename="bullseye",
    python="3.9",
    deb822=False,
    keyring_name="proxmox-release-bullseye.gpg",
    keyring_path="/usr/share/keyrings/proxmox-release-bullseye.gpg",
    keyring_sha256="411b420c3ab024d099e1ef55d06695a9d90a7db7c49b76fa719b453eb376093e",
    components={ENTERPRISE: "pve-enterprise", NO_SUBSCRIPTION: "pve-no-subscription", TEST: "pvetest"},
    ceph_components={NO_SUBSCRIPTION: "main", TEST: "test"},
    ceph={"octopus": "15.2", "pacific": "16.2", "quincy": "17.2"},
    ceph_default="quincy",
    packages=("proxmox-ve", "postfix", "open-iscsi"),
    kernel_package="pve-kernel-5.15",
    kernel_pattern=r"pve-kernel-\d.*-pve",
    ha_rules=False,
    token_coefficient=False,
    non_free_firmware=False,
    nfs_conf=False,
    eol="2024-07",
    ceph_repository_option=False,
)
_PVE_8 = Release(
    pve=8,
    debian=12,
    codename="bookworm",
    python="3.11",
    deb822=False,
    keyring_name="proxmox-release-bookworm.gpg",
    keyring_path="/usr/share/keyrings/proxmox-release-bookworm.gpg",
    keyring_sha256="13a87cec79f2d05f40f125629e4b509080a5c0286608bea273e36be9809ecaba",
    components={ENTERPRISE: "pve-enterprise", NO_SUBSCRIPTION: "pve-no-subscription", TEST: "pvetest"},
    ceph_components={ENTERPRISE: "enterprise", NO_SUBSCRIPTION: "no-subscription", TEST: "test"},
    ceph={"quincy": "17.2", "reef": "18.2", "squid": "19.2"},
    ceph_default="squid",
    packages=("proxmox-ve", "postfix", "open-iscsi", "chrony"),
    kernel_package="proxmox-default-kernel",
    kernel_pattern=r"proxmox-kernel-\d.*-pve(-signed)?",
    ha_rules=False,
    token_coefficient=False,
    non_free_firmware=True,
    eol="2026-08",
    checker="pve7to8",
    ceph_before="quincy",
    needs_before={"proxmox-ve": "7.4-1"},
    sshd_refuses=("sntrup4591761x25519-sha512@tinyssh.org", "hmac-ripemd160", "hmac-ripemd160@openssh.com"),
)
_PVE_9 = Release(
    pve=9,
    debian=13,
    codename="trixie",
    python="3.13",
    deb822=True,
    keyring_name="proxmox-archive-keyring-trixie.gpg",
    keyring_path="/usr/share/keyrings/proxmox-archive-keyring.gpg",
    keyring_sha256="136673be77aba35dcce385b28737689ad64fd785a797e57897589aed08db6e45",
    components={ENTERPRISE: "pve-enterprise", NO_SUBSCRIPTION: "pve-no-subscription", TEST: "pve-test"},
    ceph_components={ENTERPRISE: "enterprise", NO_SUBSCRIPTION: "no-subscription", TEST: "test"},
    ceph={"squid": "19.2", "tentacle": "20.2"},
    ceph_default="squid",
    packages=("proxmox-ve", "postfix", "open-iscsi", "chrony"),
    kernel_package="proxmox-default-kernel",
    kernel_pattern=r"proxmox-kernel-\d.*-pve(-signed)?",
    ha_rules=True,
    token_coefficient=True,
    non_free_firmware=True,
    ceph_manual_repository=True,
    checker="pve8to9",
    ceph_before="squid",
    # The older sshd refuses the library that comes before it, and nobody gets in until it is replaced itself; older
    # nodes of the cluster do not understand the measurements that the first new one sends.
    needs_before={"openssh-server": "1:9.2p1-2+deb12u7", "pve-cluster": "8.1.2", "pve-manager": "8.4.0"},
    sshd_refuses=("ssh-dss", "ssh-dss-cert-v01@openssh.com"),
    migrations_before=("rbd-keyring",),
    migrations_after=("lvm-autoactivation",),
    rrd_growth={"pve2-node": 18.1, "pve2-vm": 20.2, "pve2-storage": 11.14},
)

RELEASES = (_PVE_7, _PVE_8, _PVE_9)


def release_of(codename: str) -> Optional[Release]:
    """The release of Proxmox VE for a Debian codename; None when there is none we know."""
    return next((release for release in RELEASES if release.codename == codename), None)


def upgraded_from(release: Release) -> Optional[Release]:
    """The release that a node has to run to be upgraded to this one."""
    return next((row for row in RELEASES if row.pve == release.pve - 1), None)


def supported() -> str:
    """For messages: what a node may run."""
    return ", ".join(f"Debian {row.debian} {row.codename} (Proxmox VE {row.pve})" for row in RELEASES)
