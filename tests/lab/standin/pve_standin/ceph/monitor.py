"""Monitors: create and destroy."""

from __future__ import annotations

import ipaddress
import shutil
import tempfile
from pathlib import Path

from pve_standin.ceph import conf, manager, rados, services, tools
from pve_standin.ceph.conf import CephConf
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError


def choose_addresses(current: CephConf, given: str | None) -> list[str]:
    """The addresses of a new monitor on this node."""
    public = tools.networks(current.globals.get("public_network", ""))
    if given:
        return [_local_or_refuse(address) for address in tools.networks(given)]
    if not public:
        return [cfs.node_ip(tools.node())]
    return [_only_address(network) for network in public]


def _local_or_refuse(address: str) -> str:
    if not tools.local_addresses(address):
        raise ApiError(500, f"Specified monitor IP '{address}' not configured or up on {tools.node()}!")
    return address


def _only_address(network: str) -> str:
    found = tools.local_addresses(network)
    where = f"'{network}' on node '{tools.node()}'"
    if not found:
        raise ApiError(500, f"No active IP found for the requested ceph public network {where}")
    if len(found) > 1:
        listed = "\n".join(found)
        raise ApiError(
            500, f"Multiple IPs for ceph public network {where}:\n{listed}\nuse 'mon-address' to specify one of them."
        )
    return found[0]


def check_new(current: CephConf, monid: str, addresses: list[str]) -> None:
    monitors = current.daemons("mon")
    used = set(current.mon_hosts) | {section.get("public_addr", "") for section in monitors.values()}
    for address in addresses:
        if address in used:
            raise ApiError(500, f"monitor address '{address}' already in use")
    if monid in monitors:
        raise ApiError(500, f"monitor '{monid}' already exists")
    folder = tools.daemon_dir("mon", monid)
    if folder.exists() and any(folder.iterdir()):
        raise ApiError(500, f"monitor filesystem '{folder}' already exist")


def create(monid: str, addresses: list[str]) -> None:
    """The worker of `pveceph mon create`."""
    with conf.locked():
        current = conf.read()
        check_new(current, monid, addresses)
        first = not current.mon_hosts
        _make_store(monid, addresses, first)
        _configure(current, monid, addresses)
        services.start("mon", monid)
    if first:
        _secure_new_cluster()
        _configure_crash_key()
    services.enable("mon", monid)
    if first and not tools.daemon_dir("mgr", tools.node()).exists():
        manager.create(tools.node())


def _make_store(monid: str, addresses: list[str], first: bool) -> None:
    folder = tools.daemon_dir("mon", monid)
    if first:
        _make_mon_key()
    with tempfile.TemporaryDirectory(prefix="monmap-") as scratch:
        monmap = Path(scratch) / "monmap"
        keyring = Path(scratch) / "keyring"
        shutil.copyfile(str(tools.MON_KEYRING), str(keyring))
        _make_monmap(monmap, monid, addresses, first)
        tools.own(Path(scratch))
        folder.mkdir(parents=True, exist_ok=True)
        tools.own(folder)
        try:
            tools.show(
                ["/usr/bin/ceph-mon", "--mkfs", "-i", monid, "--monmap", str(monmap), "--keyring", str(keyring)]
                + ["--setuser", "ceph", "--setgroup", "ceph"]
            )
        except ApiError:
            shutil.rmtree(str(folder), ignore_errors=True)
            raise


def _make_mon_key() -> None:
    if tools.MON_KEYRING.exists():
        return
    print("creating new monitor keyring", flush=True)
    keyring = str(tools.MON_KEYRING)
    tools.show(
        ["/usr/bin/ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"]
    )
    tools.show(["/usr/bin/ceph-authtool", keyring, "--import-keyring", str(tools.ADMIN_KEYRING)])


def _make_monmap(monmap: Path, monid: str, addresses: list[str], first: bool) -> None:
    command = ["monmaptool"]
    if first:
        command += ["--create", "--clobber"]
    else:
        monmap.write_bytes(rados.mon_bytes("mon getmap"))
    tools.show(command + ["--addv", monid, _address_vector(addresses), "--print", str(monmap)])


def _address_vector(addresses: list[str]) -> str:
    parts = []
    for address in addresses:
        shown = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
        parts += [f"v2:{shown}:3300", f"v1:{shown}:6789"]
    return f"[{','.join(parts)}]"


def _configure(current: CephConf, monid: str, addresses: list[str]) -> None:
    current.mon_hosts = current.mon_hosts + addresses
    versions = {ipaddress.ip_address(address).version for address in current.mon_hosts}
    current.globals["ms_bind_ipv4"] = "true" if 4 in versions else "false"
    current.globals["ms_bind_ipv6"] = "true" if 6 in versions else "false"
    current.section(f"mon.{monid}")["public_addr"] = addresses[0]
    conf.write(current)


def _secure_new_cluster() -> None:
    print("created the first monitor, assume it's safe to disable insecure global ID reclaim for new setup", flush=True)
    rados.mon("config set", who="mon", name="auth_allow_insecure_global_id_reclaim", value="false")


def _configure_crash_key() -> None:
    print("Configuring keyring for ceph-crash.service", flush=True)
    capabilities = ["mon", "profile crash", "mgr", "profile crash"]
    keyring = rados.mon_text("auth get-or-create", entity="client.crash", caps=capabilities)
    cfs.cfs_write(tools.CRASH_KEYRING, keyring)
    with conf.locked():
        current = conf.read()
        current.section("client.crash")["keyring"] = f"{tools.CONF_DIR}/$cluster.$name.keyring"
        conf.write(current)
    tools.run(["/bin/systemctl", "try-reload-or-restart", "ceph-crash.service"], check=False)


def check_destroy(current: CephConf, monid: str) -> None:
    folder = tools.daemon_dir("mon", monid)
    if not folder.exists():
        raise ApiError(500, f"monitor filesystem '{folder}' does not exist on this node", errno=2)
    monitors = rados.mon("mon dump")["mons"]
    if monid not in [monitor["name"] for monitor in monitors] and monid not in current.daemons("mon"):
        raise ApiError(500, f"no such monitor id '{monid}'")
    if len(monitors) <= 1:
        raise ApiError(500, "can't remove last monitor")


def destroy(monid: str) -> None:
    """The worker of `pveceph mon destroy`."""
    with conf.locked():
        current = conf.read()
        check_destroy(current, monid)
        rados.mon("mon rm", name=monid)
        section = current.daemons("mon").get(monid, {})
        _forget(current, monid, section.get("public_addr", ""))
        services.stop_and_disable("mon", monid)
        shutil.rmtree(str(tools.daemon_dir("mon", monid)))


def _forget(current: CephConf, monid: str, address: str) -> None:
    current.drop(f"mon.{monid}")
    current.mon_hosts = [known for known in current.mon_hosts if known != address]
    conf.write(current)
