"""A run on the screen, from its events."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.report.story import Failure, Story


def test_hosts_that_did_the_same_share_a_line() -> None:
    story, lines = Story(0), []
    lines += story.task("Declare the repositories", "repositories", 0)
    for host in ("pve3", "pve1", "pve2"):
        story.changed(host, ["fetch the repository key", "write proxmox.sources", "read the package lists"])
    lines += story.task("Bring every node into the cluster", "cluster", 8)
    story.changed("pve1", ["create the cluster campus"])
    lines += story.task("Join the cluster", "cluster", 19.4)
    story.changed("pve2", ["join campus through pve1"])
    lines += story.task("Nothing to do here", "ceph", 33)
    lines += story.end({}, 252)
    assert lines == [
        "repositories  pve1-pve3     fetch the repository key, and 2 steps more (8 seconds)",
        "cluster       pve1          create the cluster campus (11 seconds)",
        "              pve2          join campus through pve1 (14 seconds)",
        "",
        "Done after 4 minutes: 11 steps on 3 nodes.",
    ]


def test_a_task_without_a_plan_tells_its_name() -> None:
    story = Story(0)
    story.task("Reboot", "proxmox_ve", 0)
    story.changed("pve1", [])
    assert story.flush(90) == ["proxmox_ve    pve1          Reboot (2 minutes)"]


def test_what_takes_long_says_so_at_times_that_grow_further_apart() -> None:
    story = Story(0)
    story.task("Install", "proxmox_ve", 0)
    story.started("pve2")
    story.started("pve1")
    told = [now for now in range(1000) if story.heartbeat(now)]
    assert told == [20, 60, 120, 240, 480, 720, 960]
    story.ended("pve1")
    assert story.heartbeat(1300) == ["              pve2          Install: at work for 22 minutes"]
    story.ended("pve2")
    assert story.heartbeat(9999) == []


def test_failures_stand_last_with_what_was_done_and_what_to_do() -> None:
    story = Story(0)
    story.task("Join the cluster", "cluster", 0)
    text = "`pvecm add` ended after 42 s: no quorum yet."
    now = story.failed(Failure("pve2", "Join the cluster", text, ("make a key", "pin pve1")))
    story.failed(Failure("pve3", "Join the cluster", "The clock is 10 s behind.", refused=True))
    story.failed(Failure("pve1", "Restart", "no answer"))
    assert now == ["pve2  failed: Join the cluster (why is said at the end)"]
    assert story.end({"pve2": 1, "pve3": 1}, 60) == [
        "",
        "pve2  Join the cluster: `pvecm add` ended after 42 s: no quorum yet.",
        "      Done before that in this task:",
        "      - make a key",
        "      - pin pve1",
        "      Run the same again: it goes on where this ended.",
        "",
        "pve3  Join the cluster: The clock is 10 s behind.",
        "      Nothing was changed here.",
        "",
        "pve1  rescued, the run went on: Restart",
        "",
        "Ended with failures after 60 seconds: nothing was changed.",
    ]


def test_how_far_a_run_is_of_what_was_planned() -> None:
    story = Story(0)
    story.planned(3)
    story.task("Join the cluster", "cluster", 1)
    story.started("pve2")
    story.started("pve3")
    assert story.status(9) == "cluster  pve2, pve3  Join the cluster: 8 seconds, 0 of 3 steps done"
    story.ended("pve2")
    story.changed("pve2", ["join pve2"])
    assert story.status(9) == "cluster  pve3  Join the cluster: 8 seconds, 1 of 3 steps done"
    assert story.cut(10)[1:] == [
        "Cut after 10 seconds: cluster  pve3  Join the cluster: 9 seconds, 1 of 3 steps done.",
        "Done before: 1 of 3 steps. What was at work may be done in part.",
        "Run the same again: it goes on where this ended.",
    ]
    assert story.end({"pve3": 1}, 12)[-1] == "Ended with failures after 12 seconds: 1 of 3 steps on 1 node."
    done = "Done after 12 seconds: 1 step on 1 node (3 were planned; no more were needed)."
    assert story.end({}, 12)[-1] == done


def test_more_steps_than_were_planned_are_no_part_of_a_whole() -> None:
    story = Story(0)
    story.planned(1)
    story.task("Prove it", "ceph", 1)
    story.changed("pve2", ["one", "two"])
    assert story.end({}, 3)[-1] == "Done after 3 seconds: 2 steps on 1 node."


def test_a_run_that_is_cut_between_two_tasks_says_that_nothing_was_at_work() -> None:
    assert Story(0).cut(2) == ["", "Cut after 2 seconds: nothing was at work."]
