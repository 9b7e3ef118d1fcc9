"""ceph_health_info: what is tolerated, and what the rest means."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.health import NO_MONITORS, explain, judge
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph import state as ceph

from ....doubles.ceph_support import CephFake


def cluster(*codes: str, muted: bool = False) -> CephFake:
    node = CephFake().initialized("pve1")
    assert node.answers is not None
    checks = {
        code: {"severity": "HEALTH_WARN", "summary": {"message": f"about {code}"}, "muted": muted} for code in codes
    }
    node.answers["status"]["health"] = {"status": "HEALTH_WARN" if codes else "HEALTH_OK", "checks": checks}
    return node


@pytest.mark.parametrize(
    ("node", "tolerated", "left"),
    [
        (cluster(), (), []),
        (cluster("OSD_DOWN", "MON_DISK_LOW"), ("MON_DISK_LOW",), ["OSD_DOWN"]),
        (cluster("MON_DISK_LOW"), ("MON_DISK_LOW",), []),
        (cluster("MON_DISK_LOW", muted=True), (), []),
        (cluster("PG_AVAILABILITY", "OSDMAP_FLAGS", muted=True), ("OSDMAP_FLAGS",), ["PG_AVAILABILITY"]),
        (CephFake(version=None), (), [NO_MONITORS]),
    ],
)
def test_what_must_not_stay(node: CephFake, tolerated: tuple[str, ...], left: list[str]) -> None:
    assert [check.code for check in judge(ceph.observe(node), tolerated).intolerable] == left


def test_what_no_time_ends() -> None:
    health = judge(ceph.observe(cluster("OSD_DOWN", "OSDMAP_FLAGS", "POOL_APP_NOT_ENABLED")), ["POOL_APP_NOT_ENABLED"])
    assert [check.code for check in health.lasting] == ["OSDMAP_FLAGS"]


def test_every_check_is_explained() -> None:
    known, unknown = judge(ceph.observe(cluster("OSD_DOWN", "WHAT_IS_THIS")), ()).intolerable
    assert explain(known) == "OSD_DOWN: about OSD_DOWN. An OSD does not run. Look at its ceph-osd unit and its disk."
    [muted] = judge(ceph.observe(cluster("OSD_DOWN", muted=True)), ()).intolerable
    assert explain(muted).startswith("OSD_DOWN (muted): about OSD_DOWN.")
    assert explain(unknown) == "WHAT_IS_THIS: about WHAT_IS_THIS. See `ceph health detail`."
