"""Object storage daemons: create, destroy, in, out.

Stand-in: the kernel of the lab's usual nodes has no device mapper, so an OSD lies on the bare device (`ceph-volume
raw`) where upstream makes a logical volume (`ceph-volume lvm`, volumes.py). What finds such OSDs again at boot is in
activate.py.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any

from pve_standin.ceph import rados, services, tools, volumes
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run, run_visible
from pve_standin.storage import disks

WIPED_MIB = 200


def block_device(path: str) -> str:
    """The device a path leads to, links resolved."""
    target = os.path.realpath(path)
    try:
        is_block = stat.S_ISBLK(os.stat(target).st_mode)
    except OSError:
        is_block = False
    if not is_block:
        raise ApiError(500, "not a valid block device", errno=2)
    return target


def check_new(params: Mapping[str, Any]) -> dict[str, str]:
    """The devices of a new OSD by their role, or the reason why not."""
    chosen = {key: block_device(str(params[key])) for key in ("dev", "db_dev", "wal_dev") if params.get(key)}
    for device in chosen.values():
        if list(chosen.values()).count(device) > 1:
            raise ApiError(500, f"cannot chose '{device}' for more than one type.")
    if params.get("osds-per-device") and len(chosen) > 1:
        raise ApiError(500, "specifying osds-per-device excludes db and wal devices")
    many = int(params.get("osds-per-device", 1)) > 1
    if (params.get("encrypted") or many) and not volumes.possible():
        raise ApiError(500, "the lab has no device mapper: one plain OSD for each device only")
    for role, device in chosen.items():
        _check_unused(device, or_volumes=role != "dev" and volumes.possible())
    _check_cluster_network()
    return chosen


def _check_unused(device: str, or_volumes: bool) -> None:
    disk = disks.by_device(device)
    if disk is None:
        raise ApiError(500, f"unable to get device info for '{device}'")
    if disk.get("used") and not (or_volumes and disk["used"] == "LVM"):
        raise ApiError(500, f"device '{device}' is already in use", errno=2)


def _check_cluster_network() -> None:
    from pve_standin.ceph import conf

    for network in tools.networks(conf.read().globals.get("cluster_network", "")):
        if not tools.local_addresses(network):
            raise ApiError(
                500,
                f"No address from ceph cluster network ({network}) found on node '{tools.node()}'."
                " Check your network config.",
            )


def create(chosen: Mapping[str, str], params: Mapping[str, Any]) -> None:
    """The worker of `pveceph osd create`."""
    device = chosen["dev"]
    print(f"create OSD on {device} (bluestore)", flush=True)
    _fetch_bootstrap_key()
    if volumes.possible():
        wipe(device)
        volumes.create(chosen, params)
        return
    for path in chosen.values():
        wipe(path)
    command = ["/usr/sbin/ceph-volume", "raw", "prepare", "--bluestore", "--data", device]
    device_class = params.get("crush-device-class") or _known_class(device)
    if device_class:
        command += ["--crush-device-class", str(device_class)]
    for role, option in (("db_dev", "--block.db"), ("wal_dev", "--block.wal")):
        if role in chosen:
            command += [option, chosen[role]]
    run_visible(command)
    run_visible(["/usr/sbin/ceph-volume", "raw", "activate", "--device", device, "--no-systemd"])
    osdid = osd_on(device)
    services.enable("osd", osdid)
    services.start("osd", osdid)
    print(f"--> ceph-volume lvm create successful for: {device}", flush=True)


def _known_class(device: str) -> str | None:
    """What Ceph would find out itself on a real disk; of a loop device the kernel says nothing useful."""
    kind = (disks.by_device(device) or {}).get("type")
    return kind if kind in ("hdd", "ssd") else None


def wipe(device: str) -> None:
    """Remove signatures, then overwrite the beginning of the device."""
    print(f"wiping block device {device}", flush=True)
    wiped = run(["/sbin/wipefs", "--all", device], check=False)
    if wiped.returncode != 0:
        raise ApiError(500, f"error wiping '{device}': {wiped.stderr.strip()}")
    count = min(WIPED_MIB, disks.size_of(device) >> 20)
    # upstream waits for the disk here (conv=fdatasync); the lab's disks are files of one busy host
    tools.show(["dd", "if=/dev/zero", f"of={device}", "bs=1M", f"count={count}"])


def _fetch_bootstrap_key() -> None:
    target = tools.BOOTSTRAP_OSD_KEYRING
    if not target.exists():
        target.write_text(rados.mon_text("auth get", entity="client.bootstrap-osd"), encoding="utf-8")
        tools.own(target)


def osd_on(device: str) -> str:
    """The number of the OSD whose data lies there."""
    label = disks.bluestore_label(device)
    if label is None:
        raise ApiError(500, f"no OSD found on '{device}'")
    return str(label["whoami"])


def entry(osdid: int) -> dict[str, Any]:
    """What the monitors know about an OSD."""
    found = next((osd for osd in rados.mon("osd dump")["osds"] if osd["osd"] == osdid), None)
    if found is None:
        raise ApiError(500, f"no such OSD '{osdid}'", errno=2)
    return dict(found)


def check_local(osdid: int) -> None:
    """The OSD belongs to this node by the CRUSH map."""
    tree = rados.mon("osd tree")
    mine: list[int] = []
    for item in tree["nodes"]:
        if item["type"] == "host" and item["name"] == tools.node():
            mine = item["children"]
    everywhere = [item["id"] for item in tree["nodes"] + tree.get("stray", []) if item["type"] == "osd"]
    if osdid in everywhere and osdid not in mine and osdid not in [item["id"] for item in tree.get("stray", [])]:
        raise ApiError(500, f"OSD osd.{osdid} does not belong to node {tools.node()}!")


def check_destroy(osdid: int) -> None:
    check_local(osdid)
    state = entry(osdid)
    if state["in"]:
        raise ApiError(500, "osd is in use (in == 1)")
    if state["up"]:
        raise ApiError(500, "osd is still running (up == 1)")


def destroy(osdid: int, cleanup: bool) -> None:
    """The worker of `pveceph osd destroy`; the empty mount point stays, as upstream leaves it."""
    print(f"destroy OSD osd.{osdid}", flush=True)
    services.stop_and_disable("osd", str(osdid))
    print(f"Remove osd.{osdid} from the CRUSH map", flush=True)
    rados.mon("osd crush rm", name=f"osd.{osdid}")
    print(f"Remove the osd.{osdid} authentication key.", flush=True)
    rados.mon("auth del", entity=f"osd.{osdid}")
    print(f"Remove OSD osd.{osdid}", flush=True)
    rados.mon("osd rm", ids=[str(osdid)])
    folder = tools.daemon_dir("osd", str(osdid))
    disks_of_volumes = volumes.of_osd(osdid) if volumes.possible() else []
    devices = [os.path.realpath(str(folder / name)) for name in ("block", "block.db", "block.wal")]
    devices = [device for device in devices if not device.startswith(str(folder))]
    if os.path.ismount(str(folder)):
        print(f"Unmount OSD osd.{osdid} from  {folder}", flush=True)
        run(["/bin/umount", str(folder)])
    if disks_of_volumes:
        volumes.zap(osdid, cleanup, disks_of_volumes)
    elif cleanup:
        for device in devices:
            wipe(device)


def mark(osdid: int, state: str) -> None:
    """`in` or `out`."""
    entry(osdid)
    rados.mon(f"osd {state}", ids=[str(osdid)])


def scrub(osdid: int, deep: bool) -> None:
    entry(osdid)
    rados.mgr("osd deep-scrub" if deep else "osd scrub", who=str(osdid))
