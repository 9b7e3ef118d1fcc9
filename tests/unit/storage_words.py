"""What the documentation says of each option of a storage, and of each part of one; it adds the types that take it."""

from __future__ import annotations

from typing import Union

#: Option, or option.part → a paragraph, or several.
WORDS: dict[str, Union[str, tuple[str, ...]]] = {
    "content": (
        "What the storage may hold. V(images) are disks of virtual machines, V(rootdir) containers.",
        "Without it a new storage gets the default of its type, and an existing one keeps what it has.",
    ),
    "nodes": (
        "Nodes that use the storage. Without it a new storage is used by all nodes, and an existing one "
        "keeps its list.",
        "V([]) opens the storage to all nodes.",
    ),
    "disable": "Keep the entry, but do not use the storage.",
    "path": "Directory of the storage; the mount point, C(/mnt/pve/ID) by default, where Proxmox VE mounts it.",
    "server": "Address or name of the server.",
    "export": "Directory that an NFS server exports.",
    "options": "Mount options, separated by commas, such as V(vers=4.2).",
    "share": "Name of a CIFS share.",
    "username": "User name, or the Ceph user without C(client.).",
    "domain": "Domain of the user.",
    "subdir": "Directory of the share or file system that is mounted in place of its root.",
    "fs-name": "Name of the Ceph file system, if there are several.",
    "pool": "Ceph pool, or ZFS pool or dataset.",
    "data-pool": "Erasure coded Ceph pool for the data.",
    "namespace": "Namespace in the pool or datastore.",
    "vgname": "Volume group.",
    "base": "Volume of another storage that the volume group lies on, such as a LUN.",
    "thinpool": "Thin pool in the volume group.",
    "blocksize": "Block size of new volumes.",
    "mountpoint": "Where the pool is mounted.",
    "portal": "Address of the iSCSI portal, with an optional port.",
    "target": "Name of the iSCSI target.",
    "datastore": "Datastore of the backup server.",
    "fingerprint": "SHA-256 fingerprint of the backup server's certificate.",
    "saferemove_throughput": "Throughput of wiping, as C(cstream -t) takes it.",
    "is_mountpoint": "V(yes), V(no), or the path of a mount point. The storage counts as offline while nothing "
    "is mounted there.",
    "monhost": "Monitors of an external Ceph cluster; the cluster's own Ceph without it.",
    "format": "Default format of images.",
    "preallocation": "How images are preallocated.",
    "smbversion": "Version of the SMB protocol.",
    "port": "Port of the server, where it is not the usual one.",
    "max-protected-backups": "How many backups of a guest may be protected; V(-1) for any number.",
    "saferemove-stepsize": "Step of wiping, in MiB.",
    "shared": "All nodes find the same data here; this only says so, it does not share anything.",
    "create-base-path": "Make the directory if it is missing.",
    "create-subdirs": "Make the usual directories in it.",
    "snapshot-as-volume-chain": "Snapshots as chains of volumes, from Proxmox VE 9 on.",
    "nocow": "Do not copy on write: no checksums, and no repair of damaged data.",
    "fuse": "Mount in user space instead of by the kernel.",
    "krbd": "Let the kernel access the pool.",
    "saferemove": "Overwrite volumes with zeros when they are removed.",
    "tagged_only": "Use only logical volumes with a tag of a guest.",
    "sparse": "Thin provisioning.",
    "skip-cert-verification": "Do not verify the server's certificate; for trusted networks only.",
    "content-dirs": "Content type to directory, relative to the storage, in place of the usual directories.",
    "bwlimit": "Limits of bandwidth, each in KiB/s.",
    "bwlimit.clone": "Limit for cloning disks.",
    "bwlimit.default": "Limit for everything that has none of its own.",
    "bwlimit.migration": "Limit for migrating guests.",
    "bwlimit.move": "Limit for moving disks.",
    "bwlimit.restore": "Limit for restoring guests.",
    "prune-backups": "Which backups are kept. All, when not given.",
    "prune-backups.keep-all": "Keep all backups; excludes the others.",
    "prune-backups.keep-last": "How many of the last backups are kept.",
    "prune-backups.keep-hourly": "For how many hours the last backup is kept.",
    "prune-backups.keep-daily": "For how many days the last backup is kept.",
    "prune-backups.keep-weekly": "For how many weeks the last backup is kept.",
    "prune-backups.keep-monthly": "For how many months the last backup is kept.",
    "prune-backups.keep-yearly": "For how many years the last backup is kept.",
    "password": "Password of the user. Given to C(pvesm) on its standard input, compared by digest, never read "
    "back. Without it the stored one stays.",
    "keyring": "Key of an external Ceph cluster, a keyring for V(rbd), the bare key for V(cephfs). Handled like "
    "the password.",
    "encryption-key": "Content of a key file of the backup client, or V(autogen) to make a key if there is "
    "none. A key that exists is never made anew. Handled like the password.",
    "master-pubkey": "Public master key (PEM) with which a copy of the encryption key is stored. Handled like "
    "the password.",
}
