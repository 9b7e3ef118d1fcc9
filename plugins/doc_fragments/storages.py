# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option ``storages`` of the modules about storages. It is written by `make pages`."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  storages:
    description:
      - Storages of the cluster. Storages that are not listed are never touched.
      - The options are those of C(pvesm), with C(_) for C(-). An option that the type
        does not take is refused. An option that is left out gets Proxmox VE's default,
        except for O(storages[].content) and O(storages[].nodes), which then stay as
        they are.
      - O(storages[].path), O(storages[].server) of V(cifs), V(nfs) and V(pbs), O(storages[].export),
        O(storages[].share), O(storages[].pool) of V(zfspool), O(storages[].vgname),
        O(storages[].base), O(storages[].thinpool), O(storages[].portal), O(storages[].target),
        O(storages[].datastore), O(storages[].snapshot_as_volume_chain) of V(cifs),
        V(dir) and V(nfs) cannot change once the storage exists, see O(storages[].recreate).
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: Name of the storage, unique in the cluster.
        type: str
        required: true
      type:
        description: What kind of storage it is.
        type: str
        required: true
        choices:
          - btrfs
          - cephfs
          - cifs
          - dir
          - esxi
          - iscsi
          - lvm
          - lvmthin
          - nfs
          - pbs
          - rbd
          - zfspool
      state:
        description: V(absent) removes the entry of the storage; its data stay. A storage
          that guests use is not removed.
        type: str
        default: present
        choices:
          - absent
          - present
      recreate:
        description: If an option differs that Proxmox VE does not change in place,
          remove the entry and add it again. Data stay where they are. Refused otherwise.
        type: bool
        default: false
      discard_encryption_key:
        description: Permit the removal of a V(pbs) entry although its encryption key
          is removed with it, without which its backups cannot be read. Refused otherwise.
        type: bool
        default: false
      content:
        description:
          - What the storage may hold. V(images) are disks of virtual machines, V(rootdir)
            containers.
          - Without it a new storage gets the default of its type, and an existing one
            keeps what it has.
        type: list
        elements: str
        choices:
          - backup
          - images
          - import
          - iso
          - none
          - rootdir
          - snippets
          - vztmpl
      nodes:
        description:
          - Nodes that use the storage. Without it a new storage is used by all nodes,
            and an existing one keeps its list.
          - V([]) opens the storage to all nodes.
        type: list
        elements: str
      disable:
        description: Keep the entry, but do not use the storage.
        type: bool
      path:
        description: Directory of the storage; the mount point, C(/mnt/pve/ID) by default,
          where Proxmox VE mounts it. For V(btrfs), V(cephfs), V(cifs), V(dir) and V(nfs).
        type: str
      server:
        description: Address or name of the server. For V(cifs), V(esxi), V(nfs) and
          V(pbs).
        type: str
      export:
        description: Directory that an NFS server exports. For V(nfs).
        type: str
      options:
        description: Mount options, separated by commas, such as V(vers=4.2). For V(cephfs),
          V(cifs) and V(nfs).
        type: str
      share:
        description: Name of a CIFS share. For V(cifs).
        type: str
      username:
        description: User name, or the Ceph user without C(client.). For V(cephfs),
          V(cifs), V(esxi), V(pbs) and V(rbd).
        type: str
      domain:
        description: Domain of the user. For V(cifs).
        type: str
      subdir:
        description: Directory of the share or file system that is mounted in place
          of its root. For V(cephfs) and V(cifs).
        type: str
      fs_name:
        description: Name of the Ceph file system, if there are several. For V(cephfs).
        type: str
      pool:
        description: Ceph pool, or ZFS pool or dataset. For V(rbd) and V(zfspool).
        type: str
      data_pool:
        description: Erasure coded Ceph pool for the data. For V(rbd).
        type: str
      namespace:
        description: Namespace in the pool or datastore. For V(pbs) and V(rbd).
        type: str
      vgname:
        description: Volume group. For V(lvm) and V(lvmthin).
        type: str
      base:
        description: Volume of another storage that the volume group lies on, such as
          a LUN. For V(lvm).
        type: str
      thinpool:
        description: Thin pool in the volume group. For V(lvmthin).
        type: str
      blocksize:
        description: Block size of new volumes. For V(zfspool).
        type: str
      mountpoint:
        description: Where the pool is mounted. For V(zfspool).
        type: str
      portal:
        description: Address of the iSCSI portal, with an optional port. For V(iscsi).
        type: str
      target:
        description: Name of the iSCSI target. For V(iscsi).
        type: str
      datastore:
        description: Datastore of the backup server. For V(pbs).
        type: str
      fingerprint:
        description: SHA-256 fingerprint of the backup server's certificate. For V(pbs).
        type: str
      saferemove_throughput:
        description: Throughput of wiping, as C(cstream -t) takes it. For V(lvm).
        type: str
      is_mountpoint:
        description: V(yes), V(no), or the path of a mount point. The storage counts
          as offline while nothing is mounted there. For V(btrfs) and V(dir).
        type: str
      monhost:
        description: Monitors of an external Ceph cluster; the cluster's own Ceph without
          it. For V(cephfs) and V(rbd).
        type: list
        elements: str
      format:
        description: Default format of images. For V(btrfs), V(cephfs), V(cifs), V(dir)
          and V(nfs).
        type: str
        choices:
          - qcow2
          - raw
          - subvol
          - vmdk
      preallocation:
        description: How images are preallocated. For V(btrfs), V(cifs), V(dir) and
          V(nfs).
        type: str
        choices:
          - falloc
          - full
          - metadata
          - 'off'
      smbversion:
        description: Version of the SMB protocol. For V(cifs).
        type: str
        choices:
          - '2.0'
          - '2.1'
          - '3'
          - '3.0'
          - '3.11'
          - default
      port:
        description: Port of the server, where it is not the usual one. For V(esxi)
          and V(pbs).
        type: int
      max_protected_backups:
        description: How many backups of a guest may be protected; V(-1) for any number.
          For V(btrfs), V(cephfs), V(cifs), V(dir), V(nfs) and V(pbs).
        type: int
      saferemove_stepsize:
        description: Step of wiping, in MiB. For V(lvm).
        type: int
        choices:
          - 1
          - 2
          - 4
          - 8
          - 16
          - 32
      shared:
        description: All nodes find the same data here; this only says so, it does not
          share anything. For V(btrfs), V(dir), V(esxi) and V(lvm).
        type: bool
      create_base_path:
        description: Make the directory if it is missing. For V(btrfs), V(cephfs), V(cifs),
          V(dir) and V(nfs).
        type: bool
      create_subdirs:
        description: Make the usual directories in it. For V(btrfs), V(cephfs), V(cifs),
          V(dir) and V(nfs).
        type: bool
      snapshot_as_volume_chain:
        description: Snapshots as chains of volumes, from Proxmox VE 9 on. For V(cifs),
          V(dir), V(lvm) and V(nfs).
        type: bool
      nocow:
        description: 'Do not copy on write: no checksums, and no repair of damaged data.
          For V(btrfs).'
        type: bool
      fuse:
        description: Mount in user space instead of by the kernel. For V(cephfs).
        type: bool
      krbd:
        description: Let the kernel access the pool. For V(rbd).
        type: bool
      saferemove:
        description: Overwrite volumes with zeros when they are removed. For V(lvm).
        type: bool
      tagged_only:
        description: Use only logical volumes with a tag of a guest. For V(lvm).
        type: bool
      sparse:
        description: Thin provisioning. For V(zfspool).
        type: bool
      skip_cert_verification:
        description: Do not verify the server's certificate; for trusted networks only.
          For V(esxi).
        type: bool
      content_dirs:
        description: Content type to directory, relative to the storage, in place of
          the usual directories. For V(cephfs), V(cifs), V(dir) and V(nfs).
        type: dict
      bwlimit:
        description: Limits of bandwidth, each in KiB/s. For V(cephfs), V(cifs), V(dir),
          V(iscsi), V(lvm), V(lvmthin), V(nfs), V(rbd) and V(zfspool).
        type: dict
        suboptions:
          clone:
            description: Limit for cloning disks.
            type: int
          default:
            description: Limit for everything that has none of its own.
            type: int
          migration:
            description: Limit for migrating guests.
            type: int
          move:
            description: Limit for moving disks.
            type: int
          restore:
            description: Limit for restoring guests.
            type: int
      prune_backups:
        description: Which backups are kept. All, when not given. For V(btrfs), V(cephfs),
          V(cifs), V(dir), V(nfs) and V(pbs).
        type: dict
        suboptions:
          keep_all:
            description: Keep all backups; excludes the others.
            type: bool
          keep_last:
            description: How many of the last backups are kept.
            type: int
          keep_hourly:
            description: For how many hours the last backup is kept.
            type: int
          keep_daily:
            description: For how many days the last backup is kept.
            type: int
          keep_weekly:
            description: For how many weeks the last backup is kept.
            type: int
          keep_monthly:
            description: For how many months the last backup is kept.
            type: int
          keep_yearly:
            description: For how many years the last backup is kept.
            type: int
      password:
        description: Password of the user. Given to C(pvesm) on its standard input,
          compared by digest, never read back. Without it the stored one stays. For
          V(cifs), V(esxi) and V(pbs).
        type: str
      keyring:
        description: Key of an external Ceph cluster, a keyring for V(rbd), the bare
          key for V(cephfs). Handled like the password. For V(cephfs) and V(rbd).
        type: str
      encryption_key:
        description: Content of a key file of the backup client, or V(autogen) to make
          a key if there is none. A key that exists is never made anew. Handled like
          the password. For V(pbs).
        type: str
      master_pubkey:
        description: Public master key (PEM) with which a copy of the encryption key
          is stored. Handled like the password. For V(pbs).
        type: str
"""
