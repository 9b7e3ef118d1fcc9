"""ceph: what a node and its monitors say, on recorded answers of a real Proxmox VE cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import CLUSTER, NODE, Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conf import parse_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import CephCluster, Check, CrushRule
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph import osd as ceph_osd
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph import state as ceph
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.answers import (
    parse_checks,
    parse_cluster,
    parse_osds,
    parse_pool,
    parse_rule,
)

from ....doubles.ceph_support import CephFake, cluster_answers
from ....doubles.support import printed, transcript


def recorded(name: str) -> Any:
    return json.loads(transcript(name).stdout)


def entries(tree: Any) -> list[dict[str, Any]]:
    numbers = [node["id"] for node in tree["nodes"] if node["type"] == "osd"]
    return [{"osd": number, "uuid": f"uuid-{number}", "up": 1, "in": 1} for number in numbers]


def test_the_configuration_after_the_first_monitor() -> None:
    conf = parse_conf(transcript("141-ceph-conf-after-mon1").stdout)
    assert conf is not None
    assert conf.fsid == "016d18af-7947-4265-a0b6-476a0253f419"
    assert conf.public_network == conf.cluster_network == ("10.10.1.0/24",)
    assert conf.mon_hosts == ("10.10.1.11",)
    assert conf.daemons["mon"] == {"pve1"}
    assert conf.default_size == 3


def test_keys_with_spaces_and_comments() -> None:
    conf = parse_conf("; made by hand\n[global]\nfsid = f\nmon host = a, b\n# mon host = c\n[mds.x]\n")
    assert conf is not None
    assert conf.mon_hosts == ("a", "b")
    assert conf.daemons["mds"] == {"x"}


@pytest.mark.parametrize("text", ["", "[global]\n\tpublic_network = 10.0.0.0/24\n"])
def test_without_fsid_there_is_no_cluster_yet(text: str) -> None:
    assert parse_conf(text) is None


@pytest.mark.parametrize(
    ("packages", "release"),
    [
        ({}, None),
        ({"ceph-common": "19.2.3-pve1"}, None),
        ({"ceph-mon": "19.2.3-pve1"}, "squid"),
        ({"ceph-mon": "1:18.2.7+ds-1"}, "reef"),
        ({"ceph-mon": "19.2.3-pve1", "ceph-osd": "20.2.1-pve1"}, "tentacle"),
        ({"ceph-mon": "21.1.0"}, "version 21"),
    ],
)
def test_the_release_is_that_of_the_server_packages(packages: dict[str, str], release: str) -> None:
    assert ceph.installed_release(packages) == release


def test_health_with_its_checks() -> None:
    assert parse_checks(recorded("154-ceph-s-json")["health"]) == (
        Check("MGR_MODULE_DEPENDENCY", "HEALTH_WARN", "13 mgr modules have failed dependencies"),
        Check("MON_DISK_LOW", "HEALTH_WARN", "mons pve1,pve2,pve3 are low on available space"),
    )
    codes = [check.code for check in parse_checks(recorded("213-ceph-s-degraded")["health"])]
    assert codes == ["MGR_MODULE_DEPENDENCY", "MON_DISK_LOW", "OSD_DOWN", "OSD_HOST_DOWN", "PG_DEGRADED"]


def test_every_osd_has_its_host_and_class() -> None:
    tree = recorded("155-ceph-osd-tree-json")
    osds = parse_osds(entries(tree), tree, {})
    assert [(osd.id, osd.host, osd.device_class) for osd in osds] == [
        (0, "pve1", "hdd"),
        (1, "pve2", "hdd"),
        (2, "pve3", "hdd"),
    ]
    assert osds[0].buckets == {"default", "pve1"}


def test_an_osd_outside_of_the_tree_has_no_host() -> None:
    osd = parse_osds([{"osd": 9, "uuid": "u", "up": 0, "in": 1}], recorded("214-ceph-osd-tree-down"), {})[0]
    assert (osd.host, osd.buckets, osd.up) == (None, frozenset(), False)


def test_pools_with_their_settings() -> None:
    pools = [parse_pool(entry, {}) for entry in recorded("167-ceph-osd-pool-ls-detail-json")]
    assert [(pool.id, pool.name, pool.size, pool.pg_num, pool.pg_autoscale_mode) for pool in pools] == [
        (1, "vmpool", 3, 32, "warn"),
        (2, "cephfs_data", 3, 16, "on"),
        (3, "cephfs_metadata", 3, 8, "on"),
    ]
    assert [pool.applications for pool in pools] == [("rbd",), ("cephfs",), ("cephfs",)]
    assert pools[2].options["pg_num_min"] == 16
    assert not any(pool.bulk or pool.erasure_coded for pool in pools)


def test_a_rule_for_one_device_class() -> None:
    steps = [
        {"op": "set_chooseleaf_tries", "num": 5},
        {"op": "take", "item": -2, "item_name": "default~ssd"},
        {"op": "chooseleaf_firstn", "num": 0, "type": "rack"},
        {"op": "emit"},
    ]
    rule = parse_rule({"rule_id": 4, "rule_name": "fast", "steps": steps})
    assert rule == CrushRule(4, "fast", frozenset(["default"]), "ssd", "rack")


def test_the_whole_answer() -> None:
    tree = recorded("155-ceph-osd-tree-json")
    answers = {
        **cluster_answers(),
        "status": recorded("154-ceph-s-json"),
        "osd tree": tree,
        "osd dump": {"osds": entries(tree), "pools": recorded("167-ceph-osd-pool-ls-detail-json")},
        "node ls": {"mgr": {"pve1": ["pve1"], "pve2": ["pve2"]}},
        "config dump": [
            {"section": "global", "name": "mon_max_pg_per_osd", "value": "200"},
            {"section": "osd", "name": "mon_max_pg_per_osd", "value": "1"},
            {"section": "mon", "name": "mon_max_pg_per_osd", "value": "300"},
        ],
    }
    cluster = parse_cluster(answers)
    assert isinstance(cluster, CephCluster)
    assert cluster.quorum == ("pve1", "pve2", "pve3")
    assert cluster.mgrs == ("pve1", "pve2")
    assert cluster.max_pg_per_osd == 300


def test_a_bare_node_is_asked_nothing_about_ceph() -> None:
    recorder = Recorder(CephFake(version=None), (NODE,))
    observed = ceph.observe(recorder)
    assert observed.cluster is None
    assert observed.node.release is None
    assert not any("ceph -" in key or "rados" in key for key in recorder.recording[NODE])


def test_all_daemons_are_asked_for_in_one_process() -> None:
    recorder = Recorder(CephFake().initialized("pve1").daemon("mon").daemon("mgr", running=False).daemon("osd", "3"))
    node = ceph.observe(recorder).node
    assert node.running == {"ceph-mon@pve1.service", "ceph-osd@3.service"}
    assert node.enabled == {"ceph-mon@pve1.service", "ceph-osd@3.service", "ceph-mgr@pve1.service"}
    assert sum("systemctl" in key for key in recorder.recording[NODE]) == 1


def test_one_question_to_the_monitors_for_the_whole_cluster() -> None:
    fake = CephFake().initialized("pve1").daemon("mon").disk("sda", fstype="ceph_bluestore").osd(0, "/dev/sda")
    recorder = Recorder(fake)
    first = (ceph.observe(recorder), ceph_osd.observe(recorder))
    assert len(recorder.recording[CLUSTER]) == 1
    replay = Replay(recorder.recording)
    assert (ceph.observe(replay), ceph_osd.observe(replay)) == first


def test_silent_monitors_are_said_to_be_silent() -> None:
    fake = CephFake().initialized("pve1")
    fake.answers = None
    assert ceph.observe(fake).silence == "[errno 110] RADOS timed out (error connecting to the cluster)"


@pytest.mark.parametrize("text", ["{}", "nonsense", '{"status": 1}'])
def test_an_answer_in_an_unknown_form_is_an_error(text: str) -> None:
    fake = CephFake().initialized("pve1")
    fake.commands[ceph.ASK.argument] = printed(text)
    with pytest.raises(Unreadable, match="unknown form"):
        ceph.observe(fake)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/ceph-a1-b2/osd-block-c3", "/dev/mapper/ceph--a1--b2-osd--block--c3"),
        ("/dev/mapper/c3", "/dev/mapper/c3"),
        ("/dev/loop20", "/dev/loop20"),
    ],
)
def test_names_of_the_device_mapper(path: str, expected: str) -> None:
    assert ceph_osd.mapper_path(path) == expected
