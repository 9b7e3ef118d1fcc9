# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What decides how Ceph takes a loss, out of the answers of its monitors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Optional

from ...model.ceph.outlook import MdsDaemon, MdsRanks, MonitorSettings, Outlook, Stretch

#: The options behind ``MonitorSettings``.
_OPTION = {"heartbeat_grace": "osd_heartbeat_grace"}
_LOCATION = re.compile(r"(\w+)=([^,{}\s]+)")


def parse_outlook(answers: Mapping[str, Any], down_for: Optional[Mapping[int, float]] = None) -> Outlook:
    """Answers as the program ``ask_ceph data`` prints them."""
    dump, fs_dump = answers["osd dump"], answers["fs dump"]
    down = {osd["osd"] for osd in dump.get("osds", ()) if not osd["up"]}
    return Outlook(
        settings=parse_settings(answers["config dump"]),
        mds=tuple(_daemons(fs_dump)),
        filesystems=tuple(map(_ranks, fs_dump["filesystems"])),
        node_flags=_flags(dump.get("crush_node_flags", {})),
        class_flags=_flags(dump.get("device_class_flags", {})),
        down_for=dict(down_for or {}),
        down_since={one["osd"]: one["down_stamp"] for one in dump.get("osd_xinfo", ()) if one["osd"] in down},
        full=round(dump.get("full_ratio", Outlook.full), 4),
        balancer=answers.get("balancer status", {}).get("active"),
        stretch=_stretch(dump.get("stretch_mode", {}), answers),
    )


def parse_settings(overrides: Iterable[Mapping[str, Any]]) -> MonitorSettings:
    """``config dump`` lists only what was changed, with the narrower section last; the rest has its default."""
    changed = {one["name"]: one["value"] for one in overrides if one.get("section", "mon") in ("global", "mon")}
    plain, found = MonitorSettings(), {}
    for field in fields(plain):
        option = _OPTION.get(field.name, f"mon_osd_{field.name}")
        if option in changed:
            found[field.name] = type(getattr(plain, field.name))(changed[option])
    return MonitorSettings(**found)


def _daemons(fs_dump: Mapping[str, Any]) -> Iterator[MdsDaemon]:
    for info in fs_dump["standbys"]:
        yield MdsDaemon(info["name"], info["state"], addresses=_addresses(info))
    for entry in fs_dump["filesystems"]:
        for info in entry["mdsmap"]["info"].values():
            name = entry["mdsmap"]["fs_name"]
            yield MdsDaemon(info["name"], info["state"], name, info["rank"], _addresses(info))


def _addresses(info: Mapping[str, Any]) -> tuple[str, ...]:
    """``10.10.3.11:6811/22`` without port and nonce."""
    texts = [one["addr"] for one in info.get("addrs", {}).get("addrvec", ())] or [info.get("addr", "")]
    hosts = (text.partition("/")[0].rpartition(":")[0].strip("[]") for text in texts)
    return tuple(dict.fromkeys(host for host in hosts if host))


def _ranks(entry: Mapping[str, Any]) -> MdsRanks:
    found = entry["mdsmap"]
    ranks = {*found.get("in", ()), *found.get("failed", ()), *found.get("damaged", ())}
    pools = (found["metadata_pool"], *found["data_pools"])
    return MdsRanks(found["fs_name"], tuple(sorted(ranks)), tuple(sorted(found.get("damaged", ()))), pools)


def _flags(told: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(flags) for name, flags in told.items()}


def _stretch(told: Mapping[str, Any], answers: Mapping[str, Any]) -> Optional[Stretch]:
    """The type is a number, whose name stands in the tree of OSDs."""
    if not told.get("stretch_mode_enabled"):
        return None
    types = {node.get("type_id"): node["type"] for node in answers["osd tree"]["nodes"]}
    kind = types.get(told.get("stretch_mode_bucket"), "datacenter")
    monitors = answers["mon dump"]
    places = {mon["name"]: dict(_LOCATION.findall(str(mon.get("crush_location", "")))) for mon in monitors["mons"]}
    return Stretch(
        bucket_type=kind,
        buckets=told.get("stretch_bucket_count", 2),
        locations={name: found[kind] for name, found in places.items() if kind in found},
        tiebreaker=monitors.get("tiebreaker_mon", ""),
        degraded=bool(told.get("degraded_stretch_mode")),
    )
