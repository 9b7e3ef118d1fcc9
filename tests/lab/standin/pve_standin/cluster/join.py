"""Joining this node to an existing cluster: the checks, the request to the peer, and the local change-over."""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pve_standin.cluster import links, membership, ssh, updatecerts
from pve_standin.cluster.links import Links
from pve_standin.core import cfs, lab_faults, locks, pace, paths
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run, run_visible
from pve_standin.core.https import Client, ConnectionFailed

KEPT_BACKUPS = 10
SSH = ("ssh", "-o", "BatchMode=yes")
NO_ANSWER = (
    "Use of uninitialized value $answer in pattern match (m//) at /usr/share/perl5/PVE/APIClient/LWP.pm line 256,"
    " <STDIN> line 1."
)
"""Perl's remark when there is no standard input to answer from; it goes where the question went."""


@dataclass
class Request:
    """What the administrator asked for."""

    host: str
    password: str = ""
    fingerprint: str | None = None
    force: bool = False
    links: Links = field(default_factory=dict)
    node_id: int | None = None
    votes: int | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Request:
        return cls(
            host=str(params["hostname"]),
            password=str(params.get("password", "")),
            fingerprint=params.get("fingerprint"),
            force=bool(params.get("force")),
            links=links.from_params(params),
            node_id=params.get("nodeid"),
            votes=params.get("votes"),
        )

    def addnode_params(self, own_ip: str) -> dict[str, Any]:
        params: dict[str, Any] = {"apiversion": membership.JOIN_API_VERSION, **links.as_params(self.links)}
        if self.node_id is not None:
            params["nodeid"] = self.node_id
        if self.votes is not None:
            params["votes"] = self.votes
        if self.force:
            params["force"] = 1
        params["new_node_ip"] = own_ip
        return params


def assert_joinable(request: Request, own_ip: str) -> None:
    """Collect everything that speaks against a join, then refuse (or, by force, only warn)."""
    problems: list[str] = []
    if paths.COROSYNC_AUTHKEY.exists():
        problems.append(f"authentication key '{paths.COROSYNC_AUTHKEY}' already exists")
    if paths.CLUSTER_CONF.exists():
        problems.append(f"cluster config '{paths.CLUSTER_CONF}' already exists")
    if '"ids"' in (cfs.cfs_read(".vmlist") or ""):
        problems.append("this host already contains virtual guests")
    if membership.corosync_running():
        problems.append("corosync is already running, is this node already in a cluster?!")
    problems += links.check_local(request.links, own_ip)
    if not problems:
        return
    print("detected the following error(s):", file=sys.stderr)
    for problem in problems:
        print(f"* {problem}", file=sys.stderr, flush=True)
    if not request.force:
        raise ApiError(500, "Check if node may join a cluster failed!")
    print("\nWARNING : detected error but forced to continue!\n", file=sys.stderr, flush=True)


def join_by_api(request: Request) -> None:
    """The worker of a join over HTTPS."""
    with locks.file_lock(paths.PVECM_LOCK):
        lab_faults.halt_before("checks")
        own_ip = cfs.resolve(cfs.nodename())
        assert_joinable(request, own_ip)
        ssh.setup_root()
        answer = _request_addition(request, own_ip)
        print("Join request OK, finishing setup locally", flush=True)
        finish(str(answer["corosync_conf"]), str(answer["corosync_authkey"]).encode("latin-1"))


def _request_addition(request: Request, own_ip: str) -> dict[str, Any]:
    print(f"Establishing API connection with host '{request.host}'", flush=True)
    peer = Client(request.host, trust=lambda seen: _trust(request, seen), timeout=120)
    try:
        pace.take("https login")
        peer.login("root@pam", request.password)
        print("Login succeeded.", flush=True)
        print("check cluster join API version", flush=True)
        _check_api_version(peer)
        if not request.links:
            print(f"No cluster network links passed explicitly, fallback to local node IP '{own_ip}'\n", flush=True)
        print("Request addition of this node", flush=True)
        lab_faults.halt_before("request")
        return _post_addition(peer, request, own_ip)
    except ConnectionFailed as error:
        raise ApiError(500, f"500 Can't connect to {request.host}:8006 ({error})") from error


def _trust(request: Request, seen: str) -> None:
    if request.fingerprint:
        if seen != request.fingerprint.upper():
            raise ApiError(500, f"fingerprint '{seen}' not verified, abort!")
        return
    print(f"The authenticity of host '{request.host}' can't be established.")
    print(f"X509 SHA256 key fingerprint is {seen}.")
    print("Are you sure you want to continue connecting (yes/no)? ", end="", flush=True)
    answer = sys.stdin.readline()
    if not answer:
        print(NO_ANSWER, flush=True)
    if answer.strip().lower() not in ("y", "yes"):
        raise ApiError(500, "Fingerprint not verified, abort!")


def _check_api_version(peer: Client) -> None:
    try:
        version = int(peer.request("GET", "/cluster/config/apiversion") or 0)
    except ApiError as error:
        raise ApiError(
            500,
            "Remote side is not able to use API for Cluster join!\n"
            "Pass the 'use_ssh' switch or update the remote side.",
        ) from error
    if version < membership.JOIN_API_VERSION:
        raise ApiError(500, f"error: incompatible join API version on cluster ({version}, local has 1)")


def _post_addition(peer: Client, request: Request, own_ip: str) -> dict[str, Any]:
    try:
        path = f"/cluster/config/nodes/{cfs.nodename()}"
        return dict(peer.request("POST", path, request.addnode_params(own_ip)))
    except ApiError as error:
        lines = [f"An error occurred on the cluster node: {error.message}"]
        lines += [f"! {reason}" for reason in error.errors.values()]
        raise ApiError(500, "\n".join([*lines, "Cluster join aborted!"])) from error


def join_by_ssh(request: Request) -> None:
    """The worker of a join over ssh, which needs trust between the hosts beforehand."""
    own_ip = cfs.resolve(cfs.nodename())
    assert_joinable(request, own_ip)
    ssh.setup_root()
    peer = f"root@{request.host}"
    copied = run(["ssh-copy-id", "-i", str(paths.ROOT_SSH / "id_rsa"), peer], check=False)
    if copied.returncode != 0:
        raise ApiError(500, f"unable to copy ssh ID: exit code {copied.returncode}")
    words: list[str] = ["pvecm", "addnode", cfs.nodename()]
    for key, value in request.addnode_params(own_ip).items():
        words += [f"--{key}", str(value)]
    added = run([*SSH, peer, *words, "--force", "1"], check=False)
    if added.returncode != 0:
        sys.stderr.write(added.stderr)
        raise ApiError(500, f"unable to add node: command failed ({' '.join(words)})")
    print("copy corosync auth key", flush=True)
    authkey = _fetch(peer, str(paths.COROSYNC_AUTHKEY))
    conf = _fetch(peer, str(paths.CLUSTER_CONF))
    finish(conf.decode("utf-8"), authkey)


def _fetch(peer: str, path: str) -> bytes:
    import subprocess

    done = subprocess.run([*SSH, peer, "cat", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise ApiError(500, f"can't rsync data from host '{peer}'")
    return done.stdout


def finish(conf: str, authkey: bytes) -> None:
    """Become a member: from here on the local /etc/pve is the cluster's."""
    lab_faults.halt_before("authkey")
    paths.COROSYNC_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(str(paths.COROSYNC_AUTHKEY), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(authkey)
    lab_faults.halt_before("corosync.conf")
    paths.COROSYNC_CONF.write_text(conf, encoding="utf-8")
    print("stopping pve-cluster service", flush=True)
    lab_faults.halt_before("stop")
    run_visible(["systemctl", "stop", "pve-cluster"])
    lab_faults.halt_before("backup")
    backup_database()
    lab_faults.halt_before("start")
    run_visible(["systemctl", "start", "corosync", "pve-cluster"])
    lab_faults.halt_before("quorum")
    _wait_for_quorum()
    print("(re)generate node files", flush=True)
    print("generate new node certificate", flush=True)
    lab_faults.halt_before("certificate")
    updatecerts.update(force=True)
    print("merge authorized SSH keys", flush=True)
    print("generated new node certificate, restart pveproxy and pvedaemon services", flush=True)
    lab_faults.halt_before("services")
    for service in ("pvedaemon", "pveproxy"):  # one after the other, as the second is ordered after the first
        pace.take(f"reload {service}")
        run_visible(["systemctl", "reload-or-restart", service])
    lab_faults.halt_before("end")
    print(f"successfully added node '{cfs.nodename()}' to cluster.", flush=True)


def backup_database() -> None:
    """Keep the last databases as compressed SQL and start with none."""
    paths.CONFIG_BACKUP.mkdir(parents=True, exist_ok=True)
    backup = paths.CONFIG_BACKUP / f"config-{int(time.time())}.sql.gz"
    print(f"backup old database to '{backup}'", flush=True)
    connection = sqlite3.connect(str(paths.CONFIG_DB))
    with gzip.open(str(backup), "wt", encoding="utf-8") as handle:
        for statement in connection.iterdump():
            handle.write(statement + "\n")
    connection.close()
    for old in sorted(paths.CONFIG_BACKUP.glob("config-*.sql.gz"))[:-KEPT_BACKUPS]:
        old.unlink()
    lab_faults.halt_before("unlink")
    for name in ("config.db", "config.db-wal", "config.db-shm"):
        leftover = paths.PMXCFS_STATE / name
        if leftover.exists():
            leftover.unlink()


def _wait_for_quorum() -> None:
    """Without a limit, as upstream: a node that cannot reach the others waits here for ever."""
    print("waiting for quorum...", end="", flush=True)
    while not (cfs.quorate() and paths.CLUSTER_CONF.exists()):
        time.sleep(0.2)
    print("OK", flush=True)
