"""pvecm: the cluster manager's command line."""

from __future__ import annotations

import os
import sys
from typing import Any

from pve_standin.cli.main import Command, cli
from pve_standin.cluster import membership
from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError

Params = dict[str, Any]

NO_CLUSTER = f"Error: Corosync config '{paths.CLUSTER_CONF}' does not exist - is this node part of a cluster?"
QUORUMTOOL = "corosync-quorumtool"


def _prepare() -> None:
    """What every pvecm command checks first."""
    if not os.path.islink(str(paths.LOCAL_LINK)):
        raise ApiError(500, "pve configuration filesystem (pmxcfs) not mounted")
    cfs.resolve(cfs.nodename())


def _require_cluster() -> None:
    if not paths.CLUSTER_CONF.exists():
        raise ApiError(500, NO_CLUSTER, errno=2)


def status(params: Params) -> int | None:
    from pve_standin.cluster import corosync_conf

    _require_cluster()
    totem = corosync_conf.totem(membership.read_conf())
    rows = (
        ("Name", totem.get("cluster_name", "")),
        ("Config Version", totem.get("config_version", "")),
        ("Transport", totem.get("transport", "knet")),
        ("Secure auth", totem.get("secauth", "off")),
    )
    print("Cluster information\n-------------------")
    for label, value in rows:
        print(f"{label + ':':<18}{value}")
    print(flush=True)
    os.execvp(QUORUMTOOL, [QUORUMTOOL, "-siH"])


def nodes(params: Params) -> int | None:
    _require_cluster()
    os.execvp(QUORUMTOOL, [QUORUMTOOL, "-l"])


def expected(params: Params) -> int | None:
    _require_cluster()
    return membership.expected_votes(int(params["expected"]))


def add(params: Params) -> int | None:
    """Join a cluster: over HTTPS with root's password (or a ticket) as one line on stdin, or over ssh."""
    from pve_standin.cluster import join
    from pve_standin.core import tasks

    if (os.getcwd() + "/").startswith(f"{paths.PVE}/"):
        raise ApiError(500, "Navigate out of /etc/pve before running 'pvecm add', for example by running 'cd'.")
    request = join.Request.from_params(params)

    def work() -> None:
        if params.get("use_ssh"):
            join.join_by_ssh(request)
        else:
            request.password = read_password(f"Please enter superuser (root) password for '{request.host}': ")
            join.join_by_api(request)

    tasks.fork_worker("clusterjoin", "", "root@pam", work)
    return 0


def read_password(prompt: str) -> str:
    """Without echo from a terminal, as a plain line from anything else."""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(prompt)
    line = sys.stdin.readline()
    if not line:
        raise ApiError(500, "EOF while reading password")
    return line.rstrip("\n")


def updatecerts(params: Params) -> int | None:
    from pve_standin.cluster import updatecerts as update

    update.wait_for_quorum()
    update.update(force=bool(params.get("force")))
    return 0


def keygen(params: Params) -> int | None:
    from pve_standin.core.exec import run_visible

    target = str(params["filename"])
    if os.path.exists(target):
        raise ApiError(500, f"key file '{target}' already exists")
    return run_visible(["corosync-keygen", "-lk", target], check=False)


def qdevice_setup(params: Params) -> int | None:
    _require_cluster()
    if membership.read_conf().get("quorum", {}).get("device"):
        raise ApiError(500, "QDevice already configured!", errno=2)
    raise ApiError(500, "the lab's stand-in cannot set up a QDevice", errno=2)


def qdevice_remove(params: Params) -> int | None:
    _require_cluster()
    if not membership.read_conf().get("quorum", {}).get("device"):
        raise ApiError(500, "No QDevice configured!", errno=2)
    raise ApiError(500, "the lab's stand-in cannot remove a QDevice", errno=2)


def _print_plain(result: Any, params: Params) -> None:
    print(result)


COMMANDS = {
    "add": Command(run=add),
    "addnode": Command("POST", "/cluster/config/nodes/{node}"),
    "apiver": Command("GET", "/cluster/config/apiversion", render=_print_plain),
    "create": Command("POST", "/cluster/config"),
    "delnode": Command("DELETE", "/cluster/config/nodes/{node}"),
    "expected": Command(run=expected),
    "keygen": Command(run=keygen),
    "nodes": Command(run=nodes),
    "qdevice remove": Command(run=qdevice_remove),
    "qdevice setup": Command(run=qdevice_setup),
    "status": Command(run=status),
    "updatecerts": Command(run=updatecerts),
}


def main() -> None:
    cli("pvecm", COMMANDS, prepare=_prepare)
