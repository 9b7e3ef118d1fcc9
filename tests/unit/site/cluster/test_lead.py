"""Which node acts for all, and where the others reach it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.filter.cluster_lead import FilterModule
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.cluster.view import view

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_site import FRESH, SILENT, THREE, WITHOUT_QUORUM, info, seen, site, told, wish


@pytest.mark.parametrize(
    ("changes", "lead"),
    [
        ({}, "host1"),
        ({"host2": THREE["host2"]}, "host2"),
        ({"host1": WITHOUT_QUORUM, "host2": THREE["host2"]}, "host2"),
        ({"host1": WITHOUT_QUORUM}, "host1"),
        ({"host3": WITHOUT_QUORUM}, "host3"),
        ({"host2": {**THREE["host2"], "name": "other"}}, "host1"),
        ({"host3": info(lab.half_created())}, "host3"),
        ({"host1": info(lab.half_joined())}, "host1"),
        ({"host1": info(lab.half_joined()), "host2": THREE["host2"]}, "host2"),
    ],
)
def test_the_lead(changes: dict[str, Any], lead: str) -> None:
    assert site({**FRESH, **changes}).lead == lead


@pytest.mark.parametrize(
    ("play", "dry", "host"),
    [
        pytest.param(["host3"], True, "host1", id="it is to join, and knows nothing yet"),
        pytest.param(["host3"], False, "host3", id="it has joined, and a run keeps to its play"),
        pytest.param(["host3", "host2"], False, "host2", id="a member in the play"),
    ],
)
def test_who_is_asked_for_all(play: list[str], dry: bool, host: str) -> None:
    infos = {**THREE, "host3": FRESH["host3"]}
    infos = {name: {**infos[name], "dry_run": dry} for name in (*play, *(one for one in infos if one not in play))}
    assert seen(infos, play=play)["representative"] == host


@pytest.mark.parametrize(
    ("joiner", "address"),
    [
        (["10.10.1.12/24", "10.10.2.12/24"], "10.10.1.11"),
        (["10.10.2.12/24"], "10.10.2.11"),
        (["10.10.3.12/24"], "10.10.3.11"),
        (["192.168.0.12/24"], "10.10.1.11"),
        ([], "10.10.1.11"),
    ],
)
def test_where_the_lead_is_reached(joiner: list[str], address: str) -> None:
    lead = {**FRESH["host1"], "addresses": ["10.10.1.11/24", "10.10.2.11/24", "10.10.3.11/24"]}
    found = seen({"host1": lead, "host2": {**FRESH["host2"], "addresses": joiner}})
    assert found["hosts"]["host2"]["context"]["lead"]["address"] == address


def test_a_name_as_a_link_is_no_address_of_any_network() -> None:
    lead = {**FRESH["host1"], "links": ["pve1-corosync", "10.10.2.11"], "address": None, "addresses": []}
    found = seen({"host1": lead, "host2": {**FRESH["host2"], "addresses": ["10.10.2.12/24"]}})
    assert found["hosts"]["host2"]["context"]["lead"]["address"] == "10.10.2.11"


def test_nobody_is_no_cluster() -> None:
    for infos in ({}, {"host1": SILENT}):
        with pytest.raises(Invalid, match="No host"):
            view(told(infos), wish(infos))


@pytest.mark.parametrize(
    ("play", "to_ask"),
    [
        (["host1"], ["host4", "host5"]),
        (["host1", "host2"], []),
    ],
)
def test_whom_to_ask_outside_of_the_play(play: list[str], to_ask: list[str]) -> None:
    """They may be off, so they are only asked when no member is in the play."""
    infos = {host: one for host, one in {**FRESH, "host2": THREE["host2"]}.items() if host in play}
    assert seen(infos, play=play, hosts=[*play, "host4", "host5"])["to_ask"] == to_ask


def test_a_member_of_another_cluster_knows_nothing_of_this_one() -> None:
    other = {"host1": {**THREE["host1"], "name": "other"}}
    assert seen(other, hosts=["host1", "host2"])["to_ask"] == ["host2"]


def test_who_did_not_say_may_be_a_member() -> None:
    context = seen({**FRESH, "host4": SILENT})["hosts"]["host1"]["context"]
    assert context["silent"] == ["host4"] and context["lead"] is None


@pytest.mark.parametrize(
    ("infos", "lead"),
    [
        (THREE, "host1"),
        ({"host1": WITHOUT_QUORUM, "host2": THREE["host2"]}, "host2"),
        ({"host1": FRESH["host1"], "host2": WITHOUT_QUORUM}, "host2"),
        ({"host1": SILENT, "host2": FRESH["host2"]}, "host2"),
    ],
)
def test_the_lead_of_the_cluster_that_nodes_are_in(infos: Any, lead: str) -> None:
    assert FilterModule().filters()["cluster_lead"](told(infos)) == lead
