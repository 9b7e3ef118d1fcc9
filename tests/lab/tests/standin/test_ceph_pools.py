"""Pools and OSDs: settings that are applied, and the shape of what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from pve_standin.ceph import filesystem, osd_views, pool, pool_views
from pve_standin.cli.pveceph import POOL_COLUMNS
from pve_standin.cli.tables import table

from .support import loaded, text


def test_a_pool_has_the_products_defaults() -> None:
    assert pool.wanted_settings({"name": "p", "node": "pve1"}) == {
        "size": 3,
        "application": "rbd",
        "min_size": 2,
        "pg_autoscale_mode": "warn",
        "pg_num": 128,
    }


def test_only_what_is_given_changes_an_existing_pool() -> None:
    assert pool.wanted_settings({"name": "p", "pg_num": 64}, {}) == {"pg_num": 64}


def test_the_size_goes_first() -> None:
    wanted = pool.wanted_settings({"target_size_ratio": 0.5, "crush_rule": "ssd", "size": 2})
    assert list(wanted)[:3] == ["size", "application", "crush_rule"]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("pg_num", 32, ("pg_num", "32")),
        ("target_size", "10G", ("target_size_bytes", str(10 << 30))),
        ("target_size", "1.5K", ("target_size_bytes", "1536")),
        ("target_size", "7", ("target_size_bytes", "7")),
        ("target_size_ratio", 0.25, ("target_size_ratio", "0.25")),
    ],
)
def test_settings_by_the_monitors_names(key: str, value: Any, expected: tuple[str, str]) -> None:
    assert pool.monitor_value(key, value) == expected


@pytest.mark.parametrize(("data", "metadata"), [(128, 32), (64, 16), (32, 8), (16, 8), (8, 8)])
def test_placement_groups_of_the_metadata_pool(data: int, metadata: int) -> None:
    assert filesystem.metadata_pgs(data) == metadata


def usage() -> dict[str, dict[str, Any]]:
    return {
        "cephfs_metadata": {"bytes_used": 98304, "percent_used": 2.68305007011804e-06},
        "cephfs_data": {"bytes_used": 0, "percent_used": 0},
    }


def test_the_list_of_pools() -> None:
    shown = pool_views.listing(loaded("osd-pool-ls-detail.json"), usage(), {0: "replicated_rule"}, {})
    assert shown == loaded("pveceph-pool-ls.json")


def test_the_table_of_pools() -> None:
    rows = sorted(loaded("pveceph-pool-ls.json"), key=lambda row: str(row["pool_name"]))
    assert table(POOL_COLUMNS, rows) + "\n" == text("pveceph-pool-ls.txt")


def test_what_the_autoscaler_wants_is_shown() -> None:
    wanted = {"vmpool": {"pool_name": "vmpool", "pg_num_final": 64}}
    shown = pool_views.listing(loaded("osd-pool-ls-detail.json"), {}, {}, wanted)
    assert shown[0]["pg_num_final"] == 64
    assert "pg_num_final" not in shown[1]


def test_status_of_a_pool() -> None:
    values = {
        "pool": "vmpool",
        "pool_id": 1,
        "size": 3,
        "min_size": 2,
        "pg_num": 32,
        "pgp_num": 32,
        "crush_rule": "replicated_rule",
        "hashpspool": True,
        "nodelete": False,
        "nopgchange": False,
        "nosizechange": False,
        "write_fadvise_dontneed": False,
        "noscrub": False,
        "nodeep-scrub": False,
        "use_gmt_hitset": True,
        "fast_read": 0,
        "pg_autoscale_mode": "warn",
        "bulk": False,
    }
    assert pool_views.status("vmpool", 1, values) == loaded("pveceph-pool-get.json")


def test_the_tree_of_osds() -> None:
    wanted = loaded("ceph-osd.json")
    leaves = {leaf["id"]: leaf for host in wanted["root"]["children"][0]["children"] for leaf in host["children"]}
    stats = {
        int(key): {"kb": leaf["total_space"] // 1024, "kb_used": leaf["bytes_used"] // 1024, "num_pgs": leaf["pgs"]}
        for key, leaf in leaves.items()
    }
    shown = osd_views.tree(
        loaded("osd-tree.json")["nodes"],
        {number: {"in": 1} for number in stats},
        stats,
        {number: {"apply_latency_ms": 0, "commit_latency_ms": 0} for number in stats},
        {entry["id"]: entry for entry in loaded("osd-metadata.json")},
    )
    assert _rounded(shown) == _rounded(wanted["root"])


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
