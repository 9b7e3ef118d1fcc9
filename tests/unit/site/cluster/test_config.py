"""What the lead is to make of the configuration of the running cluster."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles.cluster_site import FRESH, THREE, Infos, seen

ONE_RUNS = {**FRESH, "host1": THREE["host1"]}


@pytest.mark.parametrize(
    ("infos", "changes", "compared", "before_joins"),
    [
        (FRESH, {}, False, False),
        (FRESH, {"token_coefficient": 200}, False, True),
        (THREE, {}, True, False),
        (THREE, {"token_coefficient": 200}, True, False),
        (ONE_RUNS, {"token_coefficient": 200}, True, False),
        (ONE_RUNS, {"play": ["host2", "host3"]}, False, False),
        (ONE_RUNS, {"qdevice": {"host": "qnetd", "address": "10.10.1.9"}}, True, True),
        (THREE, {"qdevice": {"host": "qnetd", "address": "10.10.1.9"}}, True, False),
        (THREE, {"qdevice": {"state": "absent"}}, True, False),
    ],
)
def test_when_it_is_compared_and_when_it_changes(
    infos: Infos, changes: dict[str, Any], compared: bool, before_joins: bool
) -> None:
    config = seen(infos, **changes)["config"]
    assert (config["compared"], config["changes_before_joins"]) == (compared, before_joins)


def test_only_hosts_of_the_play_are_changed() -> None:
    config = seen(THREE, play=["host1", "host3"])["config"]
    assert config["nodes"] == [
        {"name": name, "links": links, "votes": None}
        for name, links in (("pve1", ["10.10.1.11", "10.10.2.11"]), ("pve3", ["10.10.1.13", "10.10.2.13"]))
    ]
