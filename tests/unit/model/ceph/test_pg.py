"""pg: the placement group rules, by table and by property."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.pg import (
    AUTOSCALE,
    CALCULATED,
    MODES,
    TABLE,
    Mode,
    Room,
    choose,
    nearest_power_of_two,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("osds", "autoscale", "calculated", "table"),
    [
        (3, 32, 128, 128),
        (4, 32, 128, 128),
        (5, 32, 128, 256),  # 512 by the table, but 5 * 250 / 3 = 416
        (6, 32, 256, 256),  # 512 would be 256 replicas per OSD
        (7, 32, 256, 512),
        (10, 32, 256, 512),
        (11, 32, 256, 512),  # 4096 by the table
        (49, 32, 2048, 2048),  # 4096 would be 250.8 per OSD
        (50, 32, 2048, 4096),
        (51, 32, 2048, 2048),  # beyond the table
    ],
)
def test_one_pool_of_three_replicas(osds: int, autoscale: int, calculated: int, table: int) -> None:
    found = [choose(mode, Room(osds), 3).pg_num for mode in (AUTOSCALE, CALCULATED, TABLE)]
    assert found == [autoscale, calculated, table]


@pytest.mark.parametrize(
    ("number", "power"), [(0, 1), (0.4, 1), (1, 1), (1.4, 1), (1.5, 2), (95, 64), (96, 128), (100, 128), (128, 128)]
)
def test_nearest_power_of_two(number: float, power: int) -> None:
    assert nearest_power_of_two(number) == power


def test_a_cap_is_explained() -> None:
    choice = choose(TABLE, Room(6, used=300), 3)
    assert choice.capped
    assert choice.reason == (
        "512 by rule (6 OSDs: 5 to 10), but mon_max_pg_per_osd = 250 leaves room for 400 on 6 OSDs (300 replicas exist)"
    )


def test_the_share_divides_the_total() -> None:
    halves = [choose(CALCULATED, Room(12), 3, share=0.5).pg_num for dummy in range(2)]
    assert sum(halves) == choose(CALCULATED, Room(12), 3).pg_num == 512


def test_the_autoscaler_starts_from_pg_num_min() -> None:
    assert choose(AUTOSCALE, Room(12), 3, at_least=256).pg_num == 256


def test_the_size_that_a_pool_is_made_with_needs_room_too() -> None:
    assert choose(TABLE, Room(4), 1).pg_num == 128
    assert choose(TABLE, Room(4, used=700), 1).pg_num == 128
    assert choose(TABLE, Room(4, used=700), 1, size_at_first=3).pg_num == 64


def test_no_room_at_all() -> None:
    assert choose(AUTOSCALE, Room(3, used=749), 3).pg_num == 0
    assert choose(CALCULATED, Room(0), 3).pg_num == 0


@given(
    osds=st.integers(1, 500),
    wanted=st.lists(st.tuples(st.sampled_from(MODES), st.integers(1, 6), st.floats(0.01, 1)), min_size=1, max_size=20),
    limit=st.integers(50, 400),
)
def test_no_osd_ever_exceeds_the_monitors_limit(osds: int, wanted: list[tuple[Mode, int, float]], limit: int) -> None:
    room = Room(osds, limit=limit)
    for mode, size, share in wanted:
        pg_num = choose(mode, room, size, share).pg_num
        assert pg_num & (pg_num - 1) == 0, "a power of two, or none"
        room = room.after(pg_num, size)
    assert room.used <= osds * limit
