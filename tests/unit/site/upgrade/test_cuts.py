"""All nodes are upgraded one after the other; the run is killed anywhere, also between two nodes, and run again."""

from __future__ import annotations

import pytest

from ....doubles.role_play import RoleFailed
from ....doubles.upgrade_site import Cut, UpgradeSite
from ....doubles.upgrading import MARKER

LOCAL = "name: vm900\nscsi0: local-lvm:vm-900-disk-0\n"
GUESTS = {"upgrade_guests": {"900": "stop"}}


def fresh() -> UpgradeSite:
    site = UpgradeSite()
    site.world.managed(101).plain(102).plain(900, LOCAL, node="pve2").managed(103, node="pve1")
    return site


def test_all_nodes_one_after_the_other() -> None:
    site = fresh()
    play = site.run(**GUESTS)
    assert site.left == []
    assert [one.boots for one in site.hosts.values()] == [2, 2, 2, 2]
    assert site.world.running == {101, 102, 103, 900}
    order = [step.split()[1] for step in play.done if "marker.remove" in step]
    assert order == [f"marker.remove:{name}" for name in ("pve2", "pve3", "pve4", "pve1")]


def test_again_there_is_nothing_to_do() -> None:
    site = fresh()
    site.run(**GUESTS)
    before = site.pauses
    assert {step.split()[1] for step in site.run(**GUESTS).done} == {"index.fetch:all"}
    assert site.pauses - before < before / 4


def test_a_dry_run_changes_nothing_and_leaves_the_lists_of_apt_as_they_are() -> None:
    assert fresh().run(ansible_check_mode=True, **GUESTS).done == []


def test_one_node_alone() -> None:
    site = fresh()
    site.run(upgrade_only="pve4", **GUESTS)
    assert [name for name, one in site.hosts.items() if one.boots == 2] == ["pve4"]


def test_without_a_boot_nobody_moves() -> None:
    site = fresh()
    site.run(upgrade_reboot="never")
    assert [one.boots for one in site.hosts.values()] == [1, 1, 1, 1]
    assert not any(one.pending for one in site.hosts.values())
    assert site.world.running_on("pve3") == {101, 102}


def cuts(every: int) -> range:
    site = fresh()
    site.run(**GUESTS)
    return range(0, site.pauses, every)


#: A few of them while somebody works, and all of them in a whole run.
@pytest.mark.parametrize("every", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_anywhere_the_next_run_ends_in_the_same_state(every: int) -> None:
    for cut in cuts(every):
        site = fresh()
        site.cut_at = cut
        with pytest.raises(Cut):
            site.run(**GUESTS)
        site.cut_at = -1
        site.run(**GUESTS)
        assert site.left == [], cut
        assert site.world.running == {101, 102, 103, 900}, cut


@pytest.mark.parametrize("every", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_anywhere_and_taken_back_nothing_is_set(every: int) -> None:
    for cut in cuts(every):
        site = fresh()
        site.cut_at = cut
        with pytest.raises(Cut):
            site.run(**GUESTS)
        site.cut_at = -1
        site.run(upgrade_release=True)
        assert [one for one in site.left if "runs" not in one] == [], cut
        assert site.world.running == {101, 102, 103, 900}, cut


def test_the_first_node_that_fails_ends_the_run_and_says_what_is_set() -> None:
    site = fresh()
    site.hosts["pve3"].fails = True
    with pytest.raises(RoleFailed) as failure:
        site.run(**GUESTS)
    assert "pve3" in str(failure.value)
    assert "Still set for it: maintenance mode, noout on osd.2" in str(failure.value)
    assert "-e node=pve3 -e release=true" in str(failure.value)
    assert MARKER in site.world.files
    assert site.hosts["pve4"].pending and site.hosts["pve1"].pending
    site.hosts["pve3"].fails = False
    site.run(**GUESTS)
    assert site.left == []


def test_one_that_cannot_be_kept_free_is_given_back() -> None:
    """A rule that came between the plan and its turn: nothing was changed on the node, and nothing stays set."""
    site = fresh()
    site.world.files["/etc/pve/ha/rules.cfg"] = "node-affinity: only\n\tresources vm:101\n\tnodes pve3\n\tstrict 1\n"
    with pytest.raises(RoleFailed, match="allows VM 101"):
        site.run(**GUESTS)
    assert [one for one in site.left if "runs" not in one] == []


def test_a_guest_that_was_started_meanwhile_keeps_the_node_from_booting() -> None:
    site = fresh()
    host = site.hosts["pve3"]
    install = host._upgrade

    def upgrade() -> None:
        install()
        host.files.update({"/run/qemu-server/105.pid": "4711\n", "/proc/4711": ""})

    vars(host)["_upgrade"] = upgrade
    with pytest.raises(RoleFailed, match="pve3 is not booted. Guests that run on it: 1."):
        site.run(**GUESTS)
    assert host.boots == 1
