"""The role's own tasks, played on a cluster in memory: a run cut anywhere is finished by the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from ....doubles import cluster_nodes as lab
from ....doubles.fake_cluster import FakeCluster, assert_converges_from_every_cut
from ....doubles.role_play import RoleFailed, RolePlay

WANTED: dict[str, Any] = {"cluster_name": "lab", "cluster_links": ["10.10.1.0/24", "10.10.2.0/24"]}
DEVICE: dict[str, Any] = {"cluster_qdevice_host": "qnetd", "cluster_qdevice_address": "10.10.1.14"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only while something sleeps."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))


def play(cluster: FakeCluster, *hosts: str, **changes: Any) -> list[str]:
    """Run the role for these hosts, or for all nodes; what was done, in order."""
    variables = {**WANTED, **changes}
    run = RolePlay(cluster.hosts, hosts or list(cluster.nodes), variables, cluster.carry_out, cluster.pause)
    run.role("cluster")
    return run.done


def formed(count: int, spare: int = 0, **changes: Any) -> FakeCluster:
    """A cluster of so many nodes, and further ones that are in none."""
    cluster = FakeCluster(count + spare)
    play(cluster, *list(cluster.nodes)[:count], **changes)
    cluster.worlds.clear()
    return cluster


CHANGED = {"cluster_links": ["10.10.1.0/24"], "cluster_token_coefficient": 200, "cluster_link_priorities": [10]}
ODD = {**DEVICE, "cluster_qdevice_allow_odd": True}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fresh", "changes", "members", "worlds"),
    [
        pytest.param(lambda: FakeCluster(3), {}, 3, 20, id="three machines"),
        pytest.param(lambda: FakeCluster(2), {"cluster_token_coefficient": 200}, 2, 14, id="another token coefficient"),
        pytest.param(lambda: FakeCluster(2), {"cluster_join_method": "ssh"}, 2, 17, id="by ssh"),
        pytest.param(lambda: formed(2, spare=1), {}, 3, 9, id="one more"),
        pytest.param(lambda: formed(3), CHANGED, 3, 3, id="other links"),
        pytest.param(lambda: FakeCluster(2), DEVICE, 2, 30, id="with a quorum device"),
        pytest.param(lambda: formed(2), DEVICE, 2, 20, id="a quorum device comes"),
        pytest.param(lambda: formed(2, **DEVICE), {"cluster_qdevice_state": "absent"}, 2, 5, id="a quorum device goes"),
        pytest.param(lambda: formed(2, spare=1, **DEVICE), ODD, 3, 28, id="one more beside a quorum device"),
    ],
)
def test_a_run_that_was_cut_anywhere_is_finished_by_the_next(
    fresh: Callable[[], FakeCluster], changes: dict[str, Any], members: int, worlds: int
) -> None:
    """``worlds``: in how many different states, at least, the cut runs have left the machines."""
    whole = fresh()
    play(whole, **changes)
    state = whole.state()
    assert (len(state["online"]), state["quorate"], state["left over"]) == (members, True, [])
    assert len(state["votes outside"]) == (members if changes.get("cluster_qdevice_host") else 0)
    assert assert_converges_from_every_cut(fresh, lambda cluster: play(cluster, **changes)) >= worlds


def test_what_is_done_in_which_order() -> None:
    cluster = formed(2, spare=1, **DEVICE)
    done = [
        one for one in play(cluster, **ODD) if one.split()[1].partition(".")[0] in ("corosync", "cluster", "service")
    ]
    assert done == [
        "pve1 corosync.configure:4",
        "pve1 corosync.load:4",
        "pve1 service.stop:corosync-qdevice",
        "pve2 service.stop:corosync-qdevice",
        "pve3 cluster.join:lab",
        "pve1 corosync.configure:6",
        "pve1 corosync.load:6",
        *(
            f"{node} service.{verb}:corosync-qdevice"
            for node in ("pve1", "pve2", "pve3")
            for verb in ("enable", "restart")
        ),
    ]


@pytest.mark.parametrize("spare", [0, 1])
def test_a_device_for_an_odd_number_is_refused_before_anything_is_done(spare: int) -> None:
    cluster = formed(2, spare=1, **DEVICE) if spare else FakeCluster(3)
    with pytest.raises(RoleFailed, match="A quorum device for 3 nodes"):
        play(cluster, **DEVICE)
    assert len(set(cluster.worlds)) == 1


def test_a_node_alone_in_the_play_joins_through_a_member_outside() -> None:
    cluster = formed(2, spare=1)
    assert play(cluster, "pve3") == ["pve3 cluster.join:lab"]
    assert play(cluster) == []


def test_a_node_alone_is_refused_beside_a_device_that_only_the_lead_could_take_out() -> None:
    cluster = formed(2, spare=1, **DEVICE)
    with pytest.raises(RoleFailed, match="has a quorum device .* and as long as it has one no node can join"):
        play(cluster, "pve3", **ODD)


def test_members_that_are_cut_off_from_each_other_take_a_change_back() -> None:
    cluster = formed(3, cluster_links=["10.10.1.0/24"])
    cluster.dead_links = {1}
    before = cluster.state()
    with pytest.raises(RoleFailed, match="waited 45 seconds for link1 to pve2 to be connected .* was taken back"):
        play(cluster)
    assert cluster.state() == before


def test_another_authority_on_the_lead_after_the_last_join_is_found() -> None:
    """A member without its /etc/pve makes a second one, and all certificates of before are no longer good."""
    cluster = FakeCluster(3)

    def pause(text: str) -> None:
        if text == "pve1: See the cluster complete from the lead":
            cluster.nodes["pve1"].files[lab.AUTHORITY] = lab.OTHER_CERTIFICATE

    run = RolePlay(cluster.hosts, list(cluster.nodes), WANTED, cluster.carry_out, pause)
    with pytest.raises(RoleFailed, match="another certificate authority since pve3 joined"):
        run.role("cluster")


@pytest.mark.parametrize("arrival", [list, reversed])
def test_nodes_join_in_the_order_of_the_inventory(arrival: Callable[[Sequence[str]], Iterable[str]]) -> None:
    """Whichever host answers first: their numbers in the cluster are the same in every run."""
    cluster = FakeCluster(4)
    run = RolePlay(cluster.hosts, list(cluster.nodes), WANTED, cluster.carry_out, cluster.pause)
    run.arrival = arrival
    run.role("cluster")
    config = cluster.config
    assert config is not None
    assert {one.name: one.nodeid for one in config.members} == {"pve1": 1, "pve2": 2, "pve3": 3, "pve4": 4}


def test_what_a_bring_up_sends_to_the_nodes_one_after_the_other() -> None:
    """Each takes a connection and a program, half a second on a real node, while nothing else goes on."""
    cluster, sent = FakeCluster(3), Counter[str]()
    run = RolePlay(cluster.hosts, list(cluster.nodes), WANTED, cluster.carry_out, cluster.pause)
    run.pause = lambda text: sent.update([text.partition(": ")[2]] if text.partition(": ")[0] in cluster.nodes else [])
    run.role("cluster")
    one_by_one = {task: count for task, count in sent.items() if count < 3}
    assert one_by_one == {
        "See all nodes together": 1,  # on the controller
        "Create the cluster": 1,
        "Let the lead see all of its nodes, and ask it for what lets one more in": 2,
        "Join the cluster, and see it complete": 2,
        "See the cluster complete from the lead": 1,
    }


def test_what_stands_against_a_join_is_told_though_the_ticket_is_secret() -> None:
    cluster = formed(3, spare=1)
    cluster.nodes["pve3"].corosync = False
    cluster.settle()
    with pytest.raises(RoleFailed, match="It lets the node join: pve3 of the cluster of pve1 is not online; one more"):
        play(cluster, "pve1", "pve4")
    assert not cluster.nodes["pve4"].corosync
