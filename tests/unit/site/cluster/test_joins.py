"""In which order nodes join, and what each of them has to know of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.context import ClusterContext

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_site import FRESH, SILENT, THREE, Infos, info, seen

#: pve3 is listed by pve1 and has not arrived; pve2 is not listed.
CUT = info(lab.member(1, lab.THREE.replace("name: pve2", "name: pve9"), lab.STATUS_ONE_DOWN))


def turns(infos: Infos) -> dict[str, tuple[str, bool, bool]]:
    """Turn, whether it is a joiner, and whether it needs something of the lead."""
    return {host: (one["turn"], one["joiner"], one["needs_admission"]) for host, one in seen(infos)["hosts"].items()}


LAST = ("last", True, True)


@pytest.mark.parametrize(
    ("changes", "second", "third"),
    [
        pytest.param({}, LAST, LAST, id="nothing was done yet"),
        pytest.param({"host1": CUT}, LAST, ("listed", True, True), id="cut when it was listed"),
        pytest.param(
            {"host1": CUT, "host3": info(lab.half_joined())}, LAST, ("files", True, False), id="cut with the files"
        ),
        pytest.param({"host1": CUT, "host3": THREE["host3"]}, LAST, ("last", False, False), id="arrived"),
        pytest.param({"host3": info(lab.half_joined())}, LAST, LAST, id="forgotten by the cluster"),
        pytest.param(dict(THREE), ("last", False, False), ("last", False, False), id="one cluster"),
    ],
)
def test_whose_turn_it_is(changes: Infos, second: Any, third: Any) -> None:
    found = turns({**FRESH, **changes})
    assert (found["host1"], found["host2"], found["host3"]) == (("lead", False, False), second, third)


def context(infos: Infos, host: str, **changes: Any) -> ClusterContext:
    document = seen(infos, **changes)["hosts"][host]["context"]
    parsed = ClusterContext.parse(document)
    assert parsed.document() == document
    return parsed


def test_what_a_joiner_is_told() -> None:
    infos = {**FRESH, "host1": info(lab.member(1, lab.ONE, lab.STATUS_ONE))}
    told = context(infos, "host2")
    assert [node.name for node in told.nodes] == ["pve1", "pve2", "pve3"]
    assert (told.nodes[1].state, str(told.nodes[1].links)) == ("standalone", "link0 10.10.1.12, link1 10.10.2.12")
    assert told.lead is not None and told.lead.members is not None and told.lead.keys is not None
    assert (told.lead.address, told.lead.version, told.lead.qdevice) == ("10.10.1.11", 1, None)
    assert [str(key) for key in told.lead.keys] == ["control"]


def test_who_tries_its_links() -> None:
    """Who joins, and who creates the cluster; a member does so no more."""
    for infos, tries in ((FRESH, [True, True, True]), (THREE, [False, False, False])):
        assert [one["tries_links"] for one in seen(infos)["hosts"].values()] == tries


def test_hosts_have_their_turns_in_the_order_of_the_inventory() -> None:
    turns = seen(FRESH, play=["host3", "host2", "host1"])["turns"]
    assert turns == {"files": [], "lead": ["host1"], "listed": [], "last": ["host3", "host2"]}


def test_the_lead_has_no_lead() -> None:
    assert context(FRESH, "host1").lead is None
    assert context(THREE, "host1").lead is None


def test_whom_a_joiner_has_to_reach() -> None:
    """The other hosts, and the members that are online, also where the play does not lead to them."""
    running = info(lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN))
    found = context({"host1": running, "host4": {**FRESH["host2"], "node": "pve4"}}, "host4").others("pve4")
    assert {name: links.addresses for name, links in found.items()} == {
        "pve1": ("10.10.1.11", "10.10.2.11"),
        "pve2": ("10.10.1.12", "10.10.2.12"),
    }


def test_only_members_in_the_play_get_other_links() -> None:
    """A node joins with the links that the cluster has then."""
    member = {**THREE["host2"], "wanted": {"name": "pve2", "links": ["10.10.1.12"], "votes": None}}
    infos = {**FRESH, "host2": member}

    def links(*play: str) -> str:
        lead = context(infos, "host1", play=list(play)).lead
        assert lead is not None
        return next(str(one.links) for one in lead.members or () if one.name == "pve2")

    assert links("host1", "host2", "host3") == "link0 10.10.1.12"
    assert links("host1", "host3") == "link0 10.10.1.12, link1 10.10.2.12"


def test_a_member_that_no_link_is_wanted_of_keeps_those_it_has() -> None:
    infos = {**THREE, "host2": info(lab.member(2), links=[])}
    lead = context(infos, "host3").lead
    assert lead is not None and str((lead.members or ())[1].links) == "link0 10.10.1.12, link1 10.10.2.12"


@pytest.mark.parametrize(
    ("qdevice", "decided"),
    [
        ({}, False),
        ({"host": "qnetd", "address": "10.10.1.9"}, True),
        ({"state": "absent"}, True),
        ({"host": "qnetd", "address": "10.10.1.9", "state": "absent"}, True),
    ],
)
def test_whether_somebody_has_decided_on_a_third_vote(qdevice: dict[str, Any], decided: bool) -> None:
    assert context({**FRESH, "host4": SILENT}, "host1", qdevice=qdevice).third_vote is decided
