"""Every path the stand-in uses, in one place, named as in Proxmox VE."""

from __future__ import annotations

from pathlib import Path

PVE = Path("/etc/pve")
LOCAL_LINK = PVE / "local"
PRIV = PVE / "priv"
NODES = PVE / "nodes"
LOCK_DIR = PRIV / "lock"
CLUSTER_CONF = PVE / "corosync.conf"

COROSYNC_DIR = Path("/etc/corosync")
COROSYNC_CONF = COROSYNC_DIR / "corosync.conf"
COROSYNC_AUTHKEY = COROSYNC_DIR / "authkey"

PMXCFS_STATE = Path("/var/lib/pve-cluster")
CONFIG_DB = PMXCFS_STATE / "config.db"
CONFIG_BACKUP = PMXCFS_STATE / "backup"
PMXCFS_LOCK = PMXCFS_STATE / ".pmxcfs.lockfile"
PMXCFS_PID = Path("/run/pve-cluster.pid")
PMXCFS_SOCKET = Path("/run/pve-cluster.sock")

NETWORK = Path("/etc/network")
INTERFACES = NETWORK / "interfaces"
INTERFACES_NEW = NETWORK / "interfaces.new"
INTERFACES_SDN = NETWORK / "interfaces.d" / "sdn"
FRR_CONF = Path("/etc/frr/frr.conf")
FRR_LOCAL = Path("/etc/frr/frr.conf.local")

TASK_DIR = Path("/var/log/pve/tasks")
LOCK_FILES = Path("/var/lock")
PVECM_LOCK = LOCK_FILES / "pvecm.lock"

ROOT_CA = PVE / "pve-root-ca.pem"
ROOT_CA_KEY = PRIV / "pve-root-ca.key"
ROOT_CA_SERIAL = PRIV / "pve-root-ca.srl"
AUTH_KEY = PRIV / "authkey.key"
AUTH_PUB = PVE / "authkey.pub"
WWW_KEY = PVE / "pve-www.key"
USER_CFG = PVE / "user.cfg"
TOKEN_CFG = PRIV / "token.cfg"
SHADOW_CFG = PRIV / "shadow.cfg"
DOMAINS_CFG = PVE / "domains.cfg"
REALM_SECRETS = PRIV / "realm"
TFA_CFG = PRIV / "tfa.cfg"
AUTHORIZED_KEYS = PRIV / "authorized_keys"
KNOWN_HOSTS = PRIV / "known_hosts"

ROOT_SSH = Path("/root/.ssh")
SCHEMA_DIR = Path(__file__).resolve().parent.parent / "schema"
