"""`pveceph init`: the first ceph.conf, the admin key, and where Ceph's tools look for both."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pve_standin.ceph import conf, tools
from pve_standin.ceph.conf import CephConf
from pve_standin.core import paths
from pve_standin.core.errors import ApiError


def init(params: Mapping[str, Any]) -> None:
    if not tools.installed():
        raise ApiError(500, "Ceph Nautilus required - please run 'pveceph install'", errno=2)
    with conf.locked():
        current = conf.read()
        if not current.globals:
            _first_settings(current, params)
        _set_networks(current, params)
        conf.write(current)
        if current.globals.get("auth_client_required") == "cephx" and not tools.ADMIN_KEYRING.exists():
            _create_admin_key()
        tools.CONF_DIR.mkdir(exist_ok=True)
        tools.link_configuration()


def _first_settings(current: CephConf, params: Mapping[str, Any]) -> None:
    auth = "none" if params.get("disable_cephx") else "cephx"
    current.globals.update(
        {
            "fsid": str(uuid.uuid4()),
            "auth_cluster_required": auth,
            "auth_service_required": auth,
            "auth_client_required": auth,
            "osd_pool_default_size": str(params.get("size", 3)),
            "osd_pool_default_min_size": str(params.get("min_size", 2)),
            "mon_allow_pool_delete": "true",
        }
    )
    if auth == "cephx":
        current.section("client")["keyring"] = f"{paths.PRIV}/$cluster.$name.keyring"


def _set_networks(current: CephConf, params: Mapping[str, Any]) -> None:
    """The public network given alone is the cluster network too, even if another one was set before."""
    if params.get("network"):
        current.globals["public_network"] = params["network"]
        current.globals["cluster_network"] = params["network"]
    if params.get("cluster-network"):
        current.globals["cluster_network"] = params["cluster-network"]


def _create_admin_key() -> None:
    tools.show(
        ["/usr/bin/ceph-authtool", "--create-keyring", str(tools.ADMIN_KEYRING), "--gen-key", "-n", "client.admin"]
        + ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mds", "allow *", "--cap", "mgr", "allow *"]
    )
