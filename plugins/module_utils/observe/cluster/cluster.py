# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what a node knows of its cluster: files of pmxcfs and corosync, one systemctl, one look at port 8006.

No pvecm and no pvesh: a member answers from files in milliseconds, those take seconds.
"""

from __future__ import annotations

import json
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader, recorded
from ...model.cluster.authority import NODES, ObservedAuthority, certificate_of
from ...model.cluster.cluster import (
    AUTHKEY,
    CONFIG,
    DATABASE,
    LOCAL,
    LOCAL_CONFIG,
    MEMBERS,
    PVECM_LOCK,
    AuthorizedKey,
    CorosyncConfig,
    Membership,
    ObservedCluster,
    fingerprint,
)
from ...model.cluster.config import UNPROVED
from ...model.cluster.corosync_conf import choose_address, host_names, parse_corosync_conf
from ...model.cluster.running_links import connections_of, parse_links
from ...model.guest.maintenance import MANAGER_STATUS, is_kept_free
from ..node import host
from . import authority
from . import trust as cluster_trust

LINKS = ("corosync-cfgtool", "-n")
UNITS = ("pve-cluster.service", "corosync.service")
_PVECM = "/usr/bin/pvecm"
_VMLIST = "/etc/pve/.vmlist"
_WEB_INTERFACE = "127.0.0.1:8006"
_AUTHORIZED_KEYS = "/root/.ssh/authorized_keys"
_OWN_KEY = "/root/.ssh/id_rsa.pub"
_KEY_TYPES = ("ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-")
_VERSION_KEY = "totem.config_version"
_GUEST_KINDS = {"qemu": "VM", "lxc": "container"}


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedCluster:
    """``desired`` is not looked at: what is read follows from the node's own state."""
    this = host.observe(reader)
    installed = reader.entry(_PVECM) is not None
    local_text = reader.read(LOCAL_CONFIG)
    keys = _foreign_keys(reader)
    if not installed:
        return ObservedCluster(host=this, keys=keys)
    text = reader.read(CONFIG)
    local = reader.entry(LOCAL)
    mounted = local is not None
    config, local_config = read_config(reader, text), read_config(reader, local_text)
    membership = parse_members(reader.read(MEMBERS))
    database = mounted or reader.entry(DATABASE) is not None
    vmlist = reader.read(_VMLIST)
    certificate = _certificate(reader, this.name) if mounted else None
    served = _fingerprint(reader.certificate(_WEB_INTERFACE)) if config is not None else None
    quorate = membership is not None and membership.quorate
    arrived = config is not None and local_config is not None and quorate and served == certificate
    return ObservedCluster(
        host=this,
        installed=True,
        mounted=mounted,
        writable=local is not None and bool(local.mode & 0o200),
        config=config,
        local_config=local_config,
        same_config=text == local_text,
        authkey=reader.entry(AUTHKEY) is not None,
        membership=membership,
        database=database,
        database_clustered=not mounted and database and _database_holds_config(reader),
        guests=parse_vmlist(vmlist),
        inactive=_inactive(reader),
        busy=not arrived and _pvecm_is_running(reader),
        certificate=certificate,
        served_certificate=served,
        authority=ObservedAuthority() if config is None else authority.observe(reader, this.name),
        neighbours=config is not None and certificate is None and _has_neighbours(reader, config, this.name),
        keys=keys,
        trust=cluster_trust.observe(reader),
        left=_left(reader, config, membership, vmlist),
        config_text=text,
        **_proof(reader),
        # Last, as this is of the whole cluster: one member is asked for all, and the others' look ends here.
        maintenance=config is not None and _in_maintenance(reader, this.name),
    )


def _proof(reader: Reader) -> dict[str, Any]:
    """What a change of the running cluster is proved by; nothing is asked while all changes are."""
    before = reader.read(UNPROVED)
    return {} if before is None else {"unproved": before, **ask_corosync(reader)}


def ask_corosync(reader: Reader) -> dict[str, Any]:
    """The version of its configuration that it runs with, and which links answer."""
    return {
        "running_version": parse_running_version(reader.run("corosync-cmapctl", _VERSION_KEY).stdout),
        "connections": connections_of(parse_links(reader.run(*LINKS).stdout, {})),
    }


def parse_running_version(text: str) -> Optional[int]:
    """``corosync-cmapctl totem.config_version``: key, type and value."""
    value = text.partition("=")[2].strip()
    return int(value) if value.isdecimal() else None


def parse_members(text: Optional[str]) -> Optional[Membership]:
    """/etc/pve/.members; None when the node is in no cluster (or pmxcfs is not there)."""
    document = _json(MEMBERS, text)
    if document is None or "cluster" not in document:
        return None
    nodes = document.get("nodelist", {})
    online = {name: bool(node["online"]) for name, node in nodes.items()}
    addresses = {name: node["ip"] for name, node in nodes.items() if node.get("ip")}
    return Membership(document["cluster"]["name"], bool(document["cluster"]["quorate"]), online, addresses)


def _left(
    reader: Reader, config: Optional[CorosyncConfig], membership: Optional[Membership], vmlist: Optional[str]
) -> dict[str, tuple[str, ...]]:
    """What members that are not online have in the cluster, if they ever arrived there; asked only while one is not."""
    if config is None or membership is None or not membership.quorate:
        return {}
    gone = [one.name for one in config.members if not membership.online.get(one.name)]
    return {name: parse_vmlist(vmlist, name) for name in gone if reader.entry(certificate_of(name)) is not None}


def _in_maintenance(reader: Reader, node: str) -> bool:
    """The HA manager keeps what it was told of a node, also when that is deleted and another one of its name joins."""
    status = _json(MANAGER_STATUS, reader.read(MANAGER_STATUS, scope=CLUSTER)) or {}
    return is_kept_free(status, node)


def parse_vmlist(text: Optional[str], node: Optional[str] = None) -> tuple[str, ...]:
    """The guests in /etc/pve/.vmlist, of one node or of all, also of nodes that are no more."""
    listed = (_json(_VMLIST, text) or {}).get("ids", {})
    guests = {vmid: guest for vmid, guest in listed.items() if node is None or guest["node"] == node}
    return tuple(
        f"{_GUEST_KINDS.get(guest['type'], guest['type'])} {vmid}"
        for vmid, guest in sorted(guests.items(), key=lambda item: int(item[0]))
    )


def parse_authorized_keys(text: str) -> tuple[AuthorizedKey, ...]:
    """The keys of an authorized_keys file; options before a key may hold quoted spaces, so the key's type is sought."""
    return tuple(key for line in text.splitlines() for key in _key_of(line.split()))


def _key_of(words: list[str]) -> tuple[AuthorizedKey, ...]:
    for index, word in enumerate(words[:-1]):
        if word.startswith("#"):
            break
        if word.startswith(_KEY_TYPES):
            return (AuthorizedKey(f"{word} {words[index + 1]}", " ".join(words[index + 2 :])),)
    return ()


def _foreign_keys(reader: Reader) -> tuple[AuthorizedKey, ...]:
    """Who may log in, without the node's own key: a join brings that one along."""
    own = {key.key for key in parse_authorized_keys(reader.read(_OWN_KEY) or "")}
    return tuple(key for key in parse_authorized_keys(reader.read(_AUTHORIZED_KEYS) or "") if key.key not in own)


def read_config(reader: Reader, text: Optional[str]) -> Optional[CorosyncConfig]:
    """With the addresses that host names in it lead to on this node."""
    if text is None:
        return None
    found = {name: host.parse_ahosts(reader.run("getent", "ahosts", name).stdout) for name in host_names(text)}
    addresses = {name: choose_address(text, ips) for name, ips in found.items()}
    return parse_corosync_conf(text, {name: address for name, address in addresses.items() if address is not None})


def _inactive(reader: Reader) -> frozenset[str]:
    states = reader.run("systemctl", "is-active", *UNITS).stdout.split()
    return frozenset(unit.partition(".")[0] for unit, state in zip(UNITS, states) if state != "active")


def _pvecm_is_running(reader: Reader) -> bool:
    """pvecm holds this lock from its first to its last step, also after the one who started it has gone."""
    if reader.entry(PVECM_LOCK) is None:
        return False
    return reader.run("flock", "--nonblock", PVECM_LOCK, "true").rc == 1


def _database_holds_config(reader: Reader) -> bool:
    query = "select count(*) from tree where name = 'corosync.conf'"
    return reader.run("sqlite3", "-readonly", DATABASE, query).stdout.strip() not in ("", "0")


def _certificate(reader: Reader, node: str) -> Optional[str]:
    """What pveproxy serves: an administrator's own certificate if there is one, else the one of the cluster's CA."""
    for name in ("pveproxy-ssl.pem", "pve-ssl.pem"):
        text = reader.read(f"{NODES}/{node}/{name}")
        if text is not None:
            return fingerprint(text)
    return None


def _has_neighbours(reader: Reader, config: CorosyncConfig, node: str) -> bool:
    return bool({*reader.names(NODES)} & {one.name for one in config.members if one.name != node})


def _fingerprint(certificate: Optional[str]) -> Optional[str]:
    return None if certificate is None else fingerprint(certificate)


def _json(path: str, text: Optional[str]) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(
            f"{path} does not hold JSON: {error}.", "Is pmxcfs of Proxmox VE 7 or newer running?"
        ) from error
