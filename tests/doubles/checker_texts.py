"""What upstream's checkers print: their sentences with names of a node filled in, and the way in which they print them.

The sentences are those of pve-manager 8.4 (pve8to9) and 7.4 (pve7to8); longer ones are cut after what tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable

COLOURS = {"PASS": "32", "NOTICE": "1", "WARN": "33", "FAIL": "1;31"}
_COUNTED = {"PASSED": "PASS", "SKIPPED": "SKIP", "WARNINGS": "WARN", "FAILURES": "FAIL"}

#: (row of the table, level, what follows the level).
SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("updates", "WARN", "updates for the following packages are available:\n  libpve-common-perl, pve-manager"),
    ("updates", "FAIL", "unable to retrieve list of package updates!"),
    ("updates", "FAIL", "unable to retrieve package version information- no such file\n"),
    ("proxmox-ve", "FAIL", "unable to determine installed proxmox-ve version."),
    ("proxmox-ve", "FAIL", "proxmox-ve package is too old, please upgrade to >= 8.4-0!"),
    ("proxmox-ve", "FAIL", "proxmox-ve package not found!"),
    ("kernel", "FAIL", "unable to determine running kernel version."),
    ("kernel", "WARN", "unexpected running and installed kernel '5.15.158-2-pve'."),
    (
        "kernel",
        "WARN",
        "a suitable kernel (pve-kernel-6.8) is installed, but an unsuitable (5.15.158-2-pve) is booted",
    ),
    (
        "rbd-keyring",
        "WARN",
        "storage ext: keyring option configured (/root/key), but different from the expected value",
    ),
    ("rbd-keyring", "NOTICE", "skipping storage ext: keyring file /etc/pve/priv/ceph/ext.keyring does not exist"),
    ("rbd-keyring", "FAIL", "could not ensure that 'keyring' option is set for storage 'ext': cannot read\n"),
    (
        "rbd-keyring",
        "NOTICE",
        "Starting with PVE 9, externally managed RBD storages require that the 'keyring' option is",
    ),
    (
        "rbd-keyring",
        "FAIL",
        "The Ceph configuration of the following externally managed RBD storages needs to be updated:",
    ),
    ("storage-active", "WARN", "storage 'backup' enabled but not active!"),
    ("storage-directory", "FAIL", "failed to check storage content directories - no such storage\n"),
    (
        "storage-directory",
        "WARN",
        "storage 'local' uses directory /var/lib/vz for multiple content types (iso, vztmpl).",
    ),
    (
        "storage-directory",
        "FAIL",
        "re-using directory for multiple content types (see above) is no longer supported in",
    ),
    ("storage-content", "FAIL", "storage 'tape' does not support configured content type 'none'"),
    ("storage-active", "WARN", "activating 'backup' failed - timeout\n"),
    ("storage-active", "WARN", "listing images on 'backup' failed - timeout\n"),
    (
        "storage-content",
        "WARN",
        "VM 100 - volume 'gone:100/disk.raw' (in current configuration) - storage does not exist!",
    ),
    ("storage-content", "WARN", "CT 200 - volume 'a:b' - storage does not have content type 'rootdir' configured."),
    (
        "storage-content",
        "WARN",
        "Proxmox VE enforces stricter content type checks since 7.0. The guests above might not",
    ),
    ("glusterfs", "FAIL", "found 'glusterfs' storage 'old'"),
    ("glusterfs", "FAIL", "Starting with Proxmox VE 9, native GlusterFS support will end. GlusterFS storage will"),
    ("cluster-units", "FAIL", "systemd unit 'corosync.service' is in state 'inactive'"),
    ("cluster-units", "WARN", "systemd unit 'pve-cluster.service' is in state 'activating'"),
    ("cluster-units", "FAIL", "Cluster Filesystem readonly, lost quorum?!"),
    ("cluster-units", "FAIL", "unable to retrieve nodelist from corosync.conf"),
    ("votes", "WARN", "non-default quorum_votes distribution detected!"),
    ("votes", "FAIL", "unable to get expected number of votes, assuming 0."),
    ("votes", "WARN", "expected votes set to non-standard value '1'."),
    ("votes", "WARN", "total votes < expected votes: 2/3!"),
    ("votes", "WARN", "cluster consists of less than three quorum-providing nodes!"),
    ("nodes-offline", "FAIL", "1 nodes are offline!"),
    ("nodes-offline", "FAIL", "corosync.conf (3) and pmxcfs (2) don't agree about size of nodelist."),
    ("nodelist", "FAIL", "pve2: no name entry in corosync.conf."),
    ("nodelist", "FAIL", "pve2: no nodeid configured in corosync.conf."),
    ("nodelist", "FAIL", "pve2: no ringX_addr (0 <= X <= 7) link defined in corosync.conf."),
    (
        "nodelist",
        "WARN",
        "pve2: ring0_addr 'pve2' resolves to '10.10.1.12'.\n Consider replacing it with the currently",
    ),
    ("nodelist", "FAIL", "pve2: unable to resolve ring0_addr 'gone' to an IP address according to Corosync's resolve"),
    ("totem", "FAIL", "Corosync transport explicitly set to 'udpu' instead of implicit default!"),
    ("totem", "FAIL", "Corosync authentication/encryption is not explicitly enabled (secauth / crypto_cipher /"),
    ("totem", "FAIL", "Corosync encryption cipher set to '3des', no longer supported in Corosync 3.x!"),
    ("corosync", "FAIL", "\ncorosync 2.x installed, cluster-wide upgrade to 3.x needed!"),
    ("corosync", "FAIL", "\nunexpected corosync version installed: 4.0!"),
    ("ceph-noout", "FAIL", "failed to get 'noout' flag status - got timeout\n"),
    ("ceph-health", "FAIL", "unable to determine Ceph status!"),
    ("ceph-health", "FAIL", "unable to determine Ceph health!"),
    (
        "ceph-health",
        "WARN",
        "Ceph health reported as 'HEALTH_ERR'.\n      Use the PVE dashboard or 'ceph -s' to determine",
    ),
    (
        "ceph-release",
        "WARN",
        "found newer Ceph release 20 Tentacle as the expected 19 Squid, installed third party repos?!",
    ),
    ("ceph-release", "FAIL", "Hyper-converged Ceph 18 Reef is to old for upgrade!\n      Upgrade Ceph first to Squid"),
    ("ceph-release", "FAIL", "unable to determine local Ceph version!"),
    ("ceph-versions", "FAIL", "unable to determine Ceph daemon versions!"),
    ("ceph-versions", "WARN", "multiple running versions detected for daemon type osd!"),
    ("ceph-versions", "WARN", "unable to determine overall Ceph daemon versions!"),
    ("ceph-versions", "WARN", "overall version mismatch detected, check 'ceph versions' output for details!"),
    ("ceph-noout", "WARN", "'noout' flag set, Ceph cluster upgrade seems finished."),
    ("ceph-noout", "WARN", "'noout' flag not set - recommended to prevent rebalancing during upgrades."),
    ("ceph-conf", "WARN", "No 'mon_host' entry found in ceph config.\n  It's recommended to add mon_host with all"),
    ("ceph-conf", "WARN", "'ms_bind_ipv6' is enabled but 'ms_bind_ipv4' is not disabled.\n  Make sure to disable"),
    (
        "ceph-conf",
        "WARN",
        "[global] config section contains 'keyring' option, which will prevent services from starting",
    ),
    ("ceph-conf", "WARN", "Empty ceph config found"),
    ("ceph-release", "FAIL", "local Ceph version too low, at least Octopus required.."),
    ("ceph-release", "FAIL", "unable to determine local Ceph version."),
    ("maxfiles", "FAIL", "/etc/vzdump.conf - the 'maxfiles' setting was deprecated by the new 'prune-backups' setting"),
    ("maxfiles", "FAIL", "unable to parse node's VZDump configuration - syntax error\n"),
    (
        "cifs-credentials",
        "WARN",
        "CIFS credentials '/etc/pve/priv/nas.cred' will be moved to '/etc/pve/priv/storage/nas.pw'",
    ),
    ("vm-monitor", "FAIL", "Failed to read '/etc/pve/user.cfg' - no quorum\n"),
    (
        "vm-monitor",
        "NOTICE",
        "Proxmox VE 9 replaced the ambiguously named 'VM.Monitor' privilege with 'Sys.Audit' for QEMU",
    ),
    (
        "vm-monitor",
        "FAIL",
        "1 custom role(s) use the to-be-dropped 'VM.Monitor' privilege and need to be adapted after",
    ),
    (
        "role-rights",
        "WARN",
        "found ACL entry on '/' for 'a@pve' with role 'PVEAdmin' - this role will no longer have "
        "'Permissions.Modify' after the upgrade!",
    ),
    ("role-names", "WARN", "custom role 'PVEOwn' clashes with 'PVE' namespace for built-in roles"),
    (
        "role-names",
        "FAIL",
        "1 custom role(s) will clash with 'PVE' namespace for built-in roles enforced in Proxmox VE 8",
    ),
    (
        "machine-version",
        "NOTICE",
        "QEMU machine versions older than 6.0 are expected to be dropped during the Proxmox VE 9",
    ),
    (
        "machine-version",
        "WARN",
        "VMs with the following IDs have an old machine version configured. The machine version",
    ),
    (
        "machine-version",
        "WARN",
        "VMs with the following IDs are hibernated with an old machine version and it might not",
    ),
    (
        "machine-version",
        "WARN",
        "VMs with the following IDs have live snapshots with an old machine version and it might",
    ),
    (
        "machine-version",
        "WARN",
        "VMs with the following IDs have snapshots with an old machine version configured. The",
    ),
    (
        "description",
        "WARN",
        "Node config description of the following nodes too long for new limit of 64 KiB:\n    pve1",
    ),
    (
        "description",
        "WARN",
        "Guest config description of the following virtual-guests too long for new limit of 64 KiB:",
    ),
    ("cgroup", "FAIL", "System explicitly configured for legacy hybrid cgroup hierarchy.\n     NOTE: support for the"),
    ("cgroup", "WARN", "Found CT (200) without 'ostype' set!"),
    ("cgroup", "FAIL", "Found at least one CT (201) which does not support running in a unified cgroup v2 layout\n"),
    ("guests-run", "WARN", "Failed to retrieve information about this node's CTs - no quorum\n"),
    ("cgroup", "WARN", "Failed to get PID for running CT 201 - gone\n"),
    ("cgroup", "WARN", "Failed to get cgroup support status for CT 201 - gone\n"),
    ("cgroup", "WARN", "Failed to load config and mount CT 201 - gone\n"),
    ("lxcfs", "FAIL", "failed to get LXCFS pid - no such file\n"),
    ("lxcfs", "FAIL", "failed to get LXCFS maps - no such file\n"),
    ("lxcfs", "WARN", "systems seems to be upgraded but LXCFS is still running with FUSE 2 library, not yet rebooted?"),
    (
        "suites",
        "NOTICE",
        "found unusual suites that are neither old 'bookworm' nor new 'trixie':\n    found suite stable",
    ),
    (
        "suites",
        "FAIL",
        "Found mixed old and new package repository suites, fix before upgrading! Mismatches:\n    found",
    ),
    ("suites", "NOTICE", "found no suite mismatches, but found at least one strange suite"),
    ("pvetest", "WARN", "Found legacy spelling 'pvetest' of the pve-test repo. Change the repo to use 'pve-test' when"),
    (
        "pvetest",
        "FAIL",
        "Found modern spelling 'pve-test' but old suite 'bookworm', did you forgot to update the suite?",
    ),
    ("vgpu", "WARN", "Running NVIDIA vGPU Service found, possibly not compatible with newer kernel versions, check"),
    ("time", "WARN", "systemd-timesyncd is not the best choice for time-keeping on servers, due to only applying"),
    ("time", "WARN", "No (active) time synchronisation daemon (NTP) detected, but synchronized systems are important,"),
    (
        "boot-legacy",
        "WARN",
        "systemd-boot package installed on legacy-boot system is not necessary, consider removing it",
    ),
    (
        "boot-loader",
        "WARN",
        "System booted in uefi mode but grub-efi-amd64 meta-package not installed, new grub versions",
    ),
    (
        "boot-loader",
        "WARN",
        "Removable bootloader found at '/boot/efi/EFI/BOOT/BOOTX64.efi', but GRUB packages not set up",
    ),
    ("boot-loader", "FAIL", "systemd-boot meta-package installed. This will cause problems on upgrades of other"),
    (
        "boot-loader",
        "WARN",
        "proxmox-boot-tool is used for bootloader configuration in uefi mode but the separate "
        "systemd-boot package is not installed,",
    ),
    ("dkms", "WARN", "dkms modules found, this might cause issues during upgrade."),
    ("notifications", "FAIL", "found legacy 'filter' section: filter: some"),
    ("notifications", "FAIL", "found legacy 'group' section: group: some"),
    (
        "notifications",
        "FAIL",
        "Any modification to the notification configuration via the API or Web UI will automatically",
    ),
    ("notifications", "FAIL", "found legacy 'notification-policy' option for job 'nightly'"),
    ("notifications", "FAIL", "found legacy 'notification-target' option for job 'nightly'"),
    (
        "notifications",
        "FAIL",
        "Changing the backup job configuration via the UI will automatically clear these options.",
    ),
    ("lvm-autoactivation", "NOTICE", "storage 'local-lvm' has guest volumes with autoactivation enabled"),
    (
        "lvm-autoactivation",
        "WARN",
        "Starting with PVE 9, autoactivation will be disabled for new LVM/LVM-thin guest volumes.",
    ),
    ("thin-check", "FAIL", "detected override for 'thin_check_options' in 'global' section without"),
    ("thin-check", "FAIL", "unable to run 'lvmconfig' command - command not found\n"),
    ("bridge-mtu", "NOTICE", "network interface net0 of vm 100 will have its mtu forced to 9000"),
    ("rrd-migrated", "WARN", "Found '12' RRD files that have not yet been migrated to the new schema.\npve2-vm/100"),
    ("rrd-migrated", "WARN", "RRD data for the following storages cannot be migrated automatically: a.old"),
    ("rrd-room", "FAIL", "Not enough free space to migrate existing RRD files to the new format!\nMigrating the"),
    ("guests-run", "WARN", "2 running guest(s) detected - consider migrating or stopping them."),
    (
        "lxc-cgroup",
        "NOTICE",
        "Found legacy 'lxc.cgroup' keys, but system explicitly configured for legacy hybrid cgroup",
    ),
    (
        "lxc-cgroup",
        "WARN",
        "The following CTs have 'lxc.cgroup' keys configured, which will be ignored in the new default",
    ),
    (
        "ipam",
        "NOTICE",
        "Found leftover legacy IPAM DB file in '/etc/pve/priv/ipam.db'.\n\tThis file can be deleted AFTER",
    ),
    ("ipam", "FAIL", "Found IPAM DB file in '/etc/pve/priv/ipam.db' that has not been migrated!\n\tFile needs to be"),
    ("ipam", "FAIL", "Found MAC DB file in '/etc/pve/priv/macs.db' that has not been migrated!\n\tFile needs to be"),
    ("sysctl", "WARN", "Deprecated config '/etc/sysctl.conf' contains settings - move them to a dedicated file in"),
    ("sysctl", "FAIL", "Failed to read '/etc/sysctl.conf' - permission denied\n"),
    ("microcode", "FAIL", "failed to open '/proc/cpuinfo' - no such file\n"),
    ("microcode", "WARN", "failed to parse CPU vendor ID from '/proc/cpuinfo'"),
    ("microcode", "WARN", "unexpected CPU vendor ID 'Other'"),
    (
        "microcode",
        "WARN",
        "The matching CPU microcode package 'intel-microcode' could not be found! Consider installing",
    ),
    ("ssh-cipher", "FAIL", "Unsupported SSH Cipher configured for root in /root/.ssh/config: 3des"),
    ("services", "FAIL", "systemd unit 'pveproxy.service' is in state 'failed'"),
    ("services", "WARN", "systemd unit 'pvestatd.service' is in state 'unknown'"),
    ("free-space", "WARN", "Less than 5 GB free space on root file system, upgrade may fail."),
    ("free-space", "NOTICE", "Less than 10 GB free space on root file system."),
    ("node-address", "WARN", "Failed to resolve hostname 'pve1' to IP - unknown\n"),
    ("node-address", "FAIL", "Resolved node IP '10.9.9.9' not configured or active for 'pve1'"),
    ("node-address", "WARN", "Resolved node IP '10.10.1.11' active on multiple (2) interfaces!"),
    (
        "persistent-net",
        "WARN",
        "Old udev rules file '/etc/udev/rules.d/70-persistent-net.rules' for NIC-pinning found - NICs",
    ),
    ("certificate-key", "WARN", "'pve-ssl.pem': cannot check certificate, failed to get it's type or size!"),
    ("certificate-key", "WARN", "'pve-ssl.pem': certificate's public key type 'id-odd' unknown!"),
    ("certificate-key", "FAIL", "'pve-ssl.pem', certificate's RSA public key size is less than 2048 bit for RSA"),
)
#: What says that all is well, or was not asked.
QUIET = (
    ("PASS", "all packages up-to-date"),
    ("INFO", "checking CIFS credential location.."),
    ("SKIP", "standalone node."),
    ("PASS", "Detected active time synchronisation unit 'chrony.service'"),
)


def said(*sentences: tuple[str, str]) -> str:
    """What the checker prints when it finds this, with its colours, headings and summary."""
    text = "= CHECKING VERSION INFORMATION FOR PVE PACKAGES =\n\nChecking for package updates..\n"
    for level, words in sentences:
        colour = COLOURS.get(level)
        text += (f"\x1b[{colour}m" if colour else "") + f"{level}: {words}\n\x1b[0m"
    return f"{text}\n= SUMMARY =\n\n{summary(level for level, _words in sentences)}"


def summary(levels: Iterable[str]) -> str:
    given = [level for level in levels if level != "INFO"]
    text = f"TOTAL:    {len(given)}\n"
    for word, level in _COUNTED.items():
        colour = COLOURS.get(level, "0")
        text += f"\x1b[{colour}m{word + ':':<10}{given.count(level)}\n\x1b[0m"
    return text + "\n\x1b[1;31mATTENTION: Please check the output for detailed information!\n\x1b[0m"
