"""What decides how Ceph takes a loss, as its monitors tell it."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.outlook import MdsRanks, MonitorSettings
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.outlook import (
    parse_outlook,
    parse_settings,
)

from ....doubles.ceph_cases import PLAIN
from ....doubles.loss_cases import document


def changed(**options: str) -> list[dict[str, Any]]:
    return [{"section": "mon", "name": name, "value": value} for name, value in options.items()]


def test_settings_have_their_defaults_and_their_changes() -> None:
    assert parse_settings([]) == MonitorSettings()
    found = parse_settings(
        changed(mon_osd_report_timeout="75", mon_osd_min_up_ratio="0.5", osd_heartbeat_grace="6", other="x")
    )
    assert found == MonitorSettings(report_timeout=75, min_up_ratio=0.5, heartbeat_grace=6)
    assert parse_settings([{"section": "osd.3", "name": "mon_osd_report_timeout", "value": "1"}]) == MonitorSettings()


def test_metadata_servers_and_their_ranks() -> None:
    found = parse_outlook({**PLAIN, "fs dump": document("the-standby-beside-it", "fs_dump.json")})
    assert [(one.name, one.filesystem, one.rank, one.addresses) for one in found.mds] == [
        ("pve1-b", None, None, ("10.10.3.11",)),
        ("pve1", "cephfs", 0, ("10.10.3.11",)),
        ("pve2", "isofs", 0, ("10.10.3.12",)),
        ("pve3", "isofs", 0, ("10.10.3.13",)),
    ]
    assert found.filesystems[0] == MdsRanks("cephfs", (0,), (), (5, 6))


def test_flags_ratios_and_the_balancer() -> None:
    dump = {"full_ratio": 0.97, "crush_node_flags": {"pve1": ["noout"]}, "osds": [], "pools": []}
    dump["device_class_flags"] = {"ssd": ["noout", "noin"]}
    found = parse_outlook({**PLAIN, "osd dump": dump, "balancer status": {"active": True}}, {3: 240.0})
    assert (found.full, found.balancer, found.down_for) == (0.97, True, {3: 240.0})
    assert found.node_flags == {"pve1": {"noout"}}
    assert found.class_flags == {"ssd": {"noout", "noin"}}
    assert parse_outlook(PLAIN).balancer is None and parse_outlook(PLAIN).stretch is None


def test_since_when_an_osd_is_down() -> None:
    """One that is up again has been down, too."""
    stamps = ["2026-11-30T08:12:51.123456+0000", "2026-11-30T09:12:51.000000+0000"]
    dump = {
        "osds": [{"osd": number, "up": number, "up_from": 1, "up_thru": 1} for number in (0, 1)],
        "osd_xinfo": [{"osd": number, "down_stamp": stamp} for number, stamp in enumerate(stamps)],
    }
    assert parse_outlook({**PLAIN, "osd dump": dump}).down_since == {0: stamps[0]}


def test_stretch_mode() -> None:
    stretch = {"stretch_mode_enabled": True, "stretch_bucket_count": 2, "stretch_mode_bucket": 8}
    tree = {"nodes": [{"id": -2, "type": "datacenter", "type_id": 8, "name": "a"}]}
    mons = [{"name": "m1", "crush_location": "{datacenter=a}"}, {"name": "tie", "crush_location": "{datacenter=c}"}]
    answers = {
        "osd dump": {"stretch_mode": stretch},
        "osd tree": tree,
        "mon dump": {"mons": mons, "tiebreaker_mon": "tie"},
    }
    found = parse_outlook({**PLAIN, **answers}).stretch
    assert found is not None
    assert (found.bucket_type, found.buckets, found.tiebreaker, found.degraded) == ("datacenter", 2, "tie", False)
    assert found.locations == {"m1": "a", "tie": "c"}
