"""What changes the cluster's node list: creating a cluster, accepting a node, removing one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pve_standin.cluster import corosync_conf, links, ssh, updatecerts
from pve_standin.cluster.corosync_conf import Conf
from pve_standin.core import cfs, locks, paths
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run, run_visible

JOIN_API_VERSION = 1
NEW_CONF = "corosync.conf.new"


def read_conf() -> Conf:
    """The cluster's configuration, empty on a standalone node."""
    return corosync_conf.parse(cfs.cfs_read("corosync.conf") or "")


def conf_digest() -> str:
    return hashlib.sha1((cfs.cfs_read("corosync.conf") or "").encode()).hexdigest()


def write_conf(conf: Conf, *, bump: bool = True) -> None:
    """Put a new configuration in place in one step; pmxcfs hands it to corosync on every node."""
    if bump:
        corosync_conf.bump(conf)
    cfs.cfs_write(NEW_CONF, corosync_conf.dump(conf))
    try:
        os.rename(str(cfs.absolute(NEW_CONF)), str(paths.CLUSTER_CONF))
    except OSError as error:
        raise ApiError(
            500, f"activating {paths.CLUSTER_CONF} failed - {error.strerror}", errno=error.errno or 0
        ) from error


@contextmanager
def change_lock() -> Iterator[None]:
    """One change at a time: on this node, and in a cluster of several nodes in the whole cluster."""
    with locks.file_lock(paths.PVECM_LOCK):
        if len(corosync_conf.nodes(read_conf())) > 1:
            with cfs.cfs_lock("file-corosync_conf"):
                yield
        else:
            yield


# create


def refuse_existing(errno_hint: int = 0) -> None:
    if paths.CLUSTER_CONF.exists():
        raise ApiError(500, f"cluster config '{paths.CLUSTER_CONF}' already exists", errno=errno_hint)


def create(params: Mapping[str, Any]) -> None:
    """The worker of `pvecm create`."""
    with locks.file_lock(paths.PVECM_LOCK):
        node = cfs.nodename()
        ssh.setup_root()
        if not paths.COROSYNC_AUTHKEY.exists():
            run_visible(["corosync-keygen", "-lk", str(paths.COROSYNC_AUTHKEY)])
        address = cfs.resolve(node)
        found = links.from_params(params) or {0: (address, 0)}
        conf = corosync_conf.new(
            str(params["clustername"]), node, int(params.get("nodeid", 1)), int(params.get("votes", 1)), found
        )
        if "token-coefficient" in params:
            conf["totem"]["token_coefficient"] = str(params["token-coefficient"])
        print(f"Writing corosync config to {paths.CLUSTER_CONF}", flush=True)
        write_conf(conf, bump=False)
        ssh.merge_authorized_keys()
        ssh.merge_known_hosts(address)
        updatecerts.update()
        print("Restart corosync and cluster filesystem", flush=True)
        run_visible(["systemctl", "restart", "corosync", "pve-cluster"])


# add a node


def add_node(params: Mapping[str, Any]) -> dict[str, Any]:
    """Accept a new node into the configuration and hand out what it needs to join."""
    cfs.check_quorum(errno_hint=2)
    version = int(params.get("apiversion", 0))
    if abs(version - JOIN_API_VERSION) > 1 or not version:
        raise ApiError(
            500,
            f"error: unsupported old API version on joining node ({version} < {JOIN_API_VERSION}),"
            " please upgrade before joining",
        )
    with change_lock():
        conf = read_conf()
        problems = corosync_conf.verify(conf)
        if problems:
            raise ApiError(500, "invalid corosync.conf", {"corosync": "\n".join(problems)})
        name = str(params["node"])
        entry = new_entry(conf, name, params)
        _log(f"adding node {name} to cluster")
        conf["nodelist"]["node"][name] = entry
        updatecerts.make_node_directories(name)
        write_conf(conf)
    return {
        "corosync_authkey": paths.COROSYNC_AUTHKEY.read_bytes().decode("latin-1"),
        "corosync_conf": cfs.cfs_read("corosync.conf") or "",
        "warnings": [],
    }


def new_entry(conf: Conf, name: str, params: Mapping[str, Any]) -> dict[str, str]:
    existing = corosync_conf.nodes(conf)
    addresses = {number: address for number, (address, _) in links.from_params(params).items()}
    if not addresses:
        addresses = _fallback(existing, params.get("new_node_ip"))
    _check_addresses(existing, name, addresses)
    node_id = int(params.get("nodeid", 0))
    votes = int(params.get("votes", 1))
    if name in existing:
        node_id = _check_overwrite(existing[name], name, params)
    elif not node_id:
        used = {int(entry.get("nodeid", 0)) for entry in existing.values()}
        node_id = next(number for number in range(1, len(used) + 2) if number not in used)
    elif any(int(entry.get("nodeid", 0)) == node_id for entry in existing.values()):
        raise ApiError(500, f"node ID {node_id} is already in use")
    return corosync_conf.node_entry(name, node_id, votes, addresses)


def _fallback(existing: Mapping[str, dict[str, str]], address: str | None) -> dict[int, str]:
    if not address:
        raise ApiError(500, "no links and no fallback ip (new_node_ip) given, cannot join cluster")
    used = {number for entry in existing.values() for number in corosync_conf.link_numbers(entry)}
    if len(used) > 1:
        raise ApiError(
            500,
            "no links given but multiple links found on other nodes, fallback only supported on single-link clusters",
        )
    return {number: str(address) for number in used or {0}}


def _check_addresses(existing: Mapping[str, dict[str, str]], name: str, addresses: Mapping[int, str]) -> None:
    cluster_links: list[int] = []
    for other, entry in existing.items():
        for number in corosync_conf.link_numbers(entry):
            cluster_links.append(number)
            key = f"ring{number}_addr"
            if other != name and entry[key] in addresses.values():
                raise ApiError(500, f"corosync: address '{entry[key]}' already used on link {key} by node '{other}'")
    for number in sorted(set(cluster_links) - set(addresses)):
        raise ApiError(500, f"corosync: link {number} exists in cluster config but wasn't specified for new node")
    for number in sorted(set(addresses) - set(cluster_links)):
        raise ApiError(500, f"corosync: link {number} specified for new node doesn't exist in cluster config")


def _check_overwrite(entry: Mapping[str, str], name: str, params: Mapping[str, Any]) -> int:
    """A node that is already listed may come again only by force and with the same id and votes."""
    node_id = int(entry.get("nodeid", 0))
    same = int(params.get("nodeid", node_id)) == node_id and int(params.get("votes", 1)) == int(
        entry.get("quorum_votes", 0)
    )
    if not params.get("force") or not same:
        raise ApiError(500, f"can't add existing node '{name}'")
    print(f"forcing overwrite of configured node '{name}'", flush=True)
    return node_id


# remove a node


def delete_node(name: str) -> None:
    if name in (cfs.nodename(), "localhost"):
        raise ApiError(500, "Cannot delete myself from cluster!", errno=2)
    cfs.check_quorum()
    with change_lock():
        conf = read_conf()
        entry = corosync_conf.nodes(conf).get(name)
        if entry is None:
            raise ApiError(500, f"Node/IP: {name} is not a known host of the cluster.", errno=0 if conf else 2)
        _log(f"deleting node {name} from cluster")
        run_visible(["corosync-cfgtool", "-k", str(entry.get("nodeid", "0"))], check=False)
        del conf["nodelist"]["node"][name]
        write_conf(conf)


def expected_votes(votes: int) -> int:
    """Tell corosync how many votes to expect; the answer is the tool's exit code."""
    return run_visible(["corosync-quorumtool", "-e", str(votes)], check=False)


def corosync_running() -> bool:
    return run(["corosync-quorumtool", "-l"], check=False).returncode == 0


def _log(message: str) -> None:
    from pve_standin.pmxcfs import control

    control.cluster_log(message)
