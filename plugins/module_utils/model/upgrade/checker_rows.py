# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of what upstream's checkers object to: who removes the objection, and whether it stops the upgrade.

``docs/releases_upgrade.md`` is made from it. Upstream: pve-manager, PVE/CLI/pve8to9.pm and pve7to8.pm; the patterns
find their sentences, what is said about them is our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .checker import RAISED, CheckerLine, CheckerReport, Level

#: Who removes it: a playbook of this collection, a person, or nobody, because there is nothing to remove.
Fix = Literal["automatic", "person", "none"]
#: When it is in the way: before the packages, or not until the release is new (or never).
When = Literal["before", "after", "never"]

_STRICT: tuple[Level, ...] = ("FAIL", "WARN")


@dataclass(frozen=True)
class CheckRow:
    """``pattern``: finds its sentences. ``what``: how it is removed, or why it need not be.

    stops: levels at which it refuses the upgrade. when: ``after`` for what can only be removed on the new release.
    """

    id: str
    pattern: str
    fix: Fix
    what: str
    when: When = "before"
    stops: tuple[Level, ...] = ("FAIL",)

    def finds(self, line: CheckerLine) -> bool:
        return re.search(self.pattern, line.text) is not None

    def refuses(self, line: CheckerLine) -> bool:
        return self.when == "before" and line.level in self.stops


#: Of a sentence that no row knows: upstream adds checks, and nobody here has judged this one.
UNKNOWN = CheckRow("unknown", "", "person", "Read it: this check of upstream is not known here.", stops=_STRICT)

ROWS: tuple[CheckRow, ...] = (
    CheckRow(
        "updates",
        r"^updates for the following packages|^unable to retrieve list of package updates|package version information",
        "automatic",
        "upgrade.yml brings all nodes up to date first, in their own release.",
        stops=_STRICT,
    ),
    CheckRow(
        "proxmox-ve",
        r"^proxmox-ve package|^unable to determine installed (proxmox-ve|corosync) version",
        "automatic",
        "upgrade.yml brings the last minor release. A package that is missing was removed: install proxmox-ve again.",
    ),
    CheckRow(
        "kernel",
        r"^a suitable kernel|^unexpected running and installed kernel|^unable to determine running kernel",
        "automatic",
        "upgrade.yml reboots a node that runs another kernel than its boot loader would start.",
    ),
    CheckRow(
        "storage-active",
        r"^storage '.*' enabled but not active|^activating '.*' failed|^listing images on '.*' failed",
        "person",
        "Bring the storage back, or disable it: its volumes could not be looked at.",
        stops=_STRICT,
    ),
    CheckRow(
        "storage-directory",
        r"uses directory .* for multiple content types|^re-using directory|content directories",
        "person",
        "Give each kind of content a directory of its own (content-dirs), and move the files.",
    ),
    CheckRow(
        "storage-content",
        r"content type|storage does not exist!|stricter content type checks",
        "person",
        "Allow the content on the storage (storage_storages), or move the volume. Guests without that do not start.",
    ),
    CheckRow("glusterfs", r"(?i)glusterfs", "person", "Move the volumes elsewhere, or mount it and use the type dir."),
    CheckRow(
        "rbd-keyring",
        r"externally managed RBD storages|'keyring' option is set for storage|keyring (option configured|file .* not)",
        "automatic",
        "upgrade_release.yml calls upstream's pve-rbd-storage-configure-keyring.",
        stops=(),
    ),
    CheckRow(
        "cluster-units",
        r"^systemd unit '(pve-cluster|corosync)\.service'|lost quorum|^unable to retrieve nodelist",
        "person",
        "Bring the cluster back to quorum: site.yml shows what is wrong.",
        stops=_STRICT,
    ),
    CheckRow(
        "votes",
        r"quorum_votes|expected number of votes|expected votes|less than three quorum-providing",
        "none",
        "Told: what the cluster may lose is counted by upgrade.yml before each node.",
    ),
    CheckRow(
        "nodes-offline",
        r"nodes are offline|don't agree about size of nodelist",
        "person",
        "Bring the node back, or remove it (remove_node.yml): HA groups become rules only when every node is there.",
    ),
    CheckRow(
        "nodelist",
        r"^\S+: (no name entry|no nodeid|no ring|\S+ '.*' resolves to|unable to resolve)",
        "person",
        "Name the addresses in corosync.conf (cluster_config).",
    ),
    CheckRow("totem", r"^Corosync (transport|authentication|encryption)", "person", "Correct corosync.conf first."),
    CheckRow("corosync", r"corosync 2\.x|unexpected corosync version", "none", "No node with it can be managed here."),
    CheckRow(
        "ceph-health",
        r"^Ceph health reported|^unable to determine Ceph (status|health)",
        "none",
        "Upstream only warns, even of HEALTH_ERR; ceph_upgrade judges every check by its code, muted or not.",
    ),
    CheckRow(
        "ceph-release",
        r"^Hyper-converged Ceph|^found newer Ceph release|local Ceph version",
        "automatic",
        "upgrade_ceph.yml brings Ceph to the release that both releases of Proxmox VE have.",
        stops=_STRICT,
    ),
    CheckRow(
        "ceph-versions",
        r"running versions detected|overall version mismatch|Ceph (overall )?daemon versions",
        "automatic",
        "upgrade_ceph.yml restarts what runs an older version than is installed, in Ceph's order.",
    ),
    CheckRow(
        "ceph-noout",
        r"'noout' flag",
        "none",
        "Only the node that is being worked on gets noout: for the whole cluster it would hide a second failure.",
        stops=(),
    ),
    CheckRow(
        "ceph-conf",
        r"'mon_host' entry|'ms_bind_ipv6' is enabled|contains 'keyring' option|^Empty ceph config",
        "person",
        "Correct /etc/pve/ceph.conf.",
    ),
    CheckRow(
        "guests-run",
        r"^\d+ running guest\(s\)|information about this node's (VMs|CTs)",
        "automatic",
        "upgrade_release.yml empties each node before its packages.",
        stops=(),
    ),
    CheckRow("lxcfs", r"LXCFS", "automatic", "The reboot into the new kernel starts it anew.", when="after"),
    CheckRow(
        "bridge-mtu",
        r"will have its mtu forced",
        "person",
        "Set mtu=1500 on that card if the guest is to keep it; otherwise it gets the bridge's at its next start.",
    ),
    CheckRow("description", r"description of the following", "person", "Shorten the description, or its end is lost."),
    CheckRow("lxc-cgroup", r"lxc\.cgroup'", "person", "Rename the keys to lxc.cgroup2, with that interface's words."),
    CheckRow(
        "machine-version",
        r"old machine version|machine versions older than",
        "person",
        "Give the machine a newer version and start it anew; hibernated ones and snapshots with RAM may be lost.",
    ),
    CheckRow("ssh-cipher", r"^Unsupported SSH Cipher", "person", "Remove the cipher from /root/.ssh/config."),
    CheckRow(
        "services",
        r"^systemd unit '(pveproxy|pvedaemon|pvescheduler|pvestatd)\.service'",
        "person",
        "Start it with systemctl; its journal says why it had ended.",
    ),
    CheckRow("time", r"time-keeping|time synchronisation daemon", "automatic", "site.yml installs chrony on 8 and 9."),
    CheckRow("free-space", r"free space on root file system", "person", "Make room.", stops=_STRICT),
    CheckRow(
        "node-address",
        r"resolve hostname|^Resolved node IP",
        "person",
        "The node's name has to lead to one address of its own (/etc/hosts).",
        stops=_STRICT,
    ),
    CheckRow(
        "persistent-net",
        r"70-persistent-net\.rules",
        "person",
        "Replace the file by .link files and reboot, or the network is gone after the upgrade.",
        stops=_STRICT,
    ),
    CheckRow(
        "certificate-key",
        r"public key (size|type)|cannot check certificate",
        "person",
        "`pvecm updatecerts --force` makes the cluster's own anew; a certificate of yours has to be replaced.",
    ),
    CheckRow("maxfiles", r"VZDump configuration|maxfiles", "person", "Replace maxfiles by prune-backups keep-last=N."),
    CheckRow("cifs-credentials", r"^CIFS credentials", "none", "Moved by the new packages.", stops=()),
    CheckRow(
        "vm-monitor",
        r"VM\.Monitor|user\.cfg' - ",
        "person",
        "The role keeps working until the upgrade and can only be changed after it: Sys.Audit and VM.GuestAgent.*.",
        when="after",
    ),
    CheckRow("role-names", r"with 'PVE' namespace", "person", "Rename the role: such names are Proxmox VE's own."),
    CheckRow(
        "role-rights",
        r"no longer have 'Permissions\.Modify'",
        "person",
        "Decide who may still give rights, and give Administrator to them.",
    ),
    CheckRow(
        "suites",
        r"repository suites|unusual suites|suite mismatch",
        "automatic",
        "upgrade_release.yml switches all repositories of a node together. Upstream reads one-line files only; files"
        " in deb822 format are read here.",
    ),
    CheckRow("pvetest", r"pve-?test", "automatic", "upgrade_release.yml spells it as the new release does.", stops=()),
    CheckRow(
        "vgpu", r"NVIDIA vGPU Service", "person", "Ask its vendor for a driver of the new kernel first.", stops=_STRICT
    ),
    CheckRow("boot-legacy", r"on legacy-boot system", "none", "It is not what this node starts with."),
    CheckRow(
        "boot-loader",
        r"grub-efi-amd64|systemd-boot|Removable bootloader",
        "person",
        "The boot loader would not follow. `proxmox-boot-tool status` and `efibootmgr -v` say which one it is.",
        stops=_STRICT,
    ),
    CheckRow(
        "dkms",
        r"^dkms modules found",
        "person",
        "Upstream's question names no kernel. See `dkms status`, and whether the source builds on the new one.",
        stops=_STRICT,
    ),
    CheckRow(
        "notifications",
        r"legacy '(filter|group)' section|notification configuration|legacy 'notification-|backup job configuration",
        "person",
        "Save the notification settings, or the backup job, once in the web interface: that removes the old words.",
    ),
    CheckRow(
        "lvm-autoactivation",
        r"autoactivation",
        "automatic",
        "upgrade_release.yml calls upstream's pve-lvm-disable-autoactivation after the last node.",
        when="after",
    ),
    CheckRow(
        "thin-check",
        r"thin_check_options|'lvmconfig' command",
        "person",
        "Add --clear-needs-check-flag there.",
    ),
    CheckRow(
        "rrd-room",
        r"migrate existing RRD files",
        "none",
        "Upstream's arithmetic lets every node pass; the room is counted here (own check rrd-space).",
        stops=(),
    ),
    CheckRow(
        "rrd-migrated",
        r"RRD files that have not|^RRD data",
        "person",
        "/usr/libexec/proxmox/proxmox-rrd-migration-tool --migrate, after the upgrade.",
        when="after",
    ),
    CheckRow("ipam", r"(IPAM|MAC) DB file", "automatic", "upgrade.yml: the newest libpve-network moves them."),
    CheckRow(
        "sysctl",
        r"/etc/sysctl\.conf'",
        "person",
        "Move the settings to /etc/sysctl.d: the file is not read any more.",
    ),
    CheckRow("microcode", r"microcode|/proc/cpuinfo|CPU vendor", "person", "Install it (component non-free-firmware)."),
    CheckRow(
        "cgroup",
        r"cgroup|without 'ostype'|for (running )?CT \d+ |mount CT ",
        "person",
        "A container whose systemd is older than 232 no longer starts: upgrade what is in it. Only the first is named.",
    ),
)


@dataclass(frozen=True)
class RaisedCheck:
    """A sentence of the checker that is no PASS, and what the table has on it."""

    row: CheckRow
    line: CheckerLine


def raised(report: CheckerReport) -> tuple[RaisedCheck, ...]:
    """The gravest first."""
    found = [RaisedCheck(row_of(line), line) for line in report.lines if line.level in RAISED]
    return tuple(sorted(found, key=lambda one: RAISED.index(one.line.level)))


def row_of(line: CheckerLine, rows: Iterable[CheckRow] = ROWS) -> CheckRow:
    """The first row that knows the sentence."""
    return next((row for row in rows if row.finds(line)), UNKNOWN)
