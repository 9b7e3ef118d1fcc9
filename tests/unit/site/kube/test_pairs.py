"""Both ends of a session, held against each other. That one says Established and OK proves nothing."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.switch import frr_neighbours
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.pairs import bgp_pairs

LINKS = [["pve1/ens18", "pve2/ens18"], ["pve1/ens19", "pve3/ens18"]]


def peer(host: str, asn: int, received: int, sent: int, says: str = "OK") -> dict[str, Any]:
    """In a summary of FRR whose peers are interfaces."""
    told = {"hostname": host, "remoteAs": asn, "pfxRcd": received, "pfxSnt": sent}
    return {**told, "state": "Established", "peerState": says, "idType": "interface"}


SUMMARIES: dict[str, dict[str, Any]] = {
    "pve1": {"ens18": peer("pve2", 4200000002, 1, 2), "ens19": peer("pve3", 4200000003, 0, 2)},
    "pve2": {"ens18": peer("pve1", 4200000001, 2, 2)},
    "pve3": {"ens18": peer("pve1", 4200000001, 0, 0, "Policy")},
}


def found(summaries: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    shown = {
        host: [dataclasses.asdict(one) for one in frr_neighbours({"ipv4Unicast": {"peers": peers}})]
        for host, peers in summaries.items()
    }
    return [(one["topic"], one["thing"], one["responsible"]) for one in bgp_pairs(shown, LINKS)]


def test_who_lets_nothing_through_is_told_though_the_other_end_says_ok() -> None:
    assert found(SUMMARIES) == [("no_policy", "pve3/ens18 pve1/ens19", "pve3")]


def test_a_cable_in_the_wrong_socket_shows_by_the_name_behind_it() -> None:
    summaries = copy.deepcopy(SUMMARIES)
    summaries["pve1"]["ens19"] = peer("pve2", 4200000002, 1, 2)
    summaries["pve3"]["ens18"]["peerState"] = "OK"
    assert ("wrong_neighbour", "pve1/ens19 pve3/ens18", "pve1") in found(summaries)


def test_what_is_missing_down_or_declared_by_nobody() -> None:
    summaries = copy.deepcopy(SUMMARIES)
    summaries["pve1"]["ens18"]["state"] = "Active"
    summaries["pve2"] = {"ens20": peer("pve9", 4200000009, 1, 1)}
    summaries["pve3"]["ens18"].update(peerState="OK", pfxRcd=2)
    assert found(summaries) == [
        ("down", "pve1/ens18 pve2/ens18", "pve1"),
        ("missing", "pve2/ens18 pve1/ens18", "pve2"),
        ("unexpected", "pve2/ens20", "pve2"),
    ]


def test_what_one_end_of_a_cable_sends_and_the_other_never_gets() -> None:
    summaries = copy.deepcopy(SUMMARIES)
    summaries["pve3"]["ens18"]["peerState"] = "OK"
    assert [(topic, thing) for topic, thing, _whose in found(summaries)] == [
        ("established_without_routes", "pve1/ens19 pve3/ens18")
    ]


@pytest.mark.parametrize("link", [["pve1/ens18"], ["pve1", "pve2/ens18"], ["a/b", "c/d", "e/f"]])
def test_what_is_no_link_is_refused(link: list[str]) -> None:
    with pytest.raises(Invalid, match="is no link"):
        bgp_pairs({}, [link])
