"""A plan over several nodes: merged, counted, and told on 100 columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.hosts import named
from ansible_collections.baremetal.virt.plugins.module_utils.report.markdown import plan_markdown
from ansible_collections.baremetal.virt.plugins.module_utils.report.plan import Document, document, note
from ansible_collections.baremetal.virt.plugins.module_utils.report.text import WIDTH, plan_text

HOSTS = ("pve1", "pve2", "pve3")


def step(id: str, why: str, destructive: bool = False, possible: bool = False) -> dict[str, Any]:
    return {"id": id, "topic": "file", "why": why, "destructive": destructive, "possible": possible}


def told(host: str, subject: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"host": host, "subject": subject, "steps": list(steps), **more}


def plan(*notes: dict[str, Any], **more: Any) -> Document:
    return replace(document("campus", HOSTS, [note(one) for one in notes]), **more)


def fresh() -> Document:
    """Three nodes on which nothing is done yet."""
    write = step("file.write:/etc/apt/sources.list.d/proxmox.sources", "write /etc/apt/sources.list.d/proxmox.sources")
    update = step("package.update", "update the package lists")
    notes = [told(host, "repositories", write, update) for host in reversed(HOSTS)]
    notes.append(told("pve1", "cluster", step("cluster.create:campus", "create the cluster campus")))
    for host in HOSTS[1:]:
        restart = step("service.restart:pveproxy", "restart pveproxy", possible=True)
        notes.append(told(host, "cluster", step(f"cluster.join:{host}", f"join {host} to campus"), restart))
    for number, host in enumerate(HOSTS):
        disk = f"/dev/disk/by-id/nvme-SAMSUNG_MZQL21T9HCJR-00A07_S64GNE0R0000{number}"
        why = f"create an OSD on {disk} (1920 GB, serial S64GNE0R0000{number})"
        notes.append(told(host, "ceph_osd", step(f"osd.create:{disk}", why, destructive=True)))
    return plan(*notes, seconds=540, measured=True)


def test_a_plan_on_the_screen() -> None:
    assert plan_text(fresh()).splitlines() == [
        "Plan for campus, 3 nodes (nothing is changed yet)",
        "",
        "repositories  pve1-pve3   write /etc/apt/sources.list.d/proxmox.sources",
        "              pve1-pve3   update the package lists",
        "cluster       pve1        create the cluster campus",
        "              pve2, pve3  join <node> to campus",
        "              pve2, pve3  restart pveproxy (only if needed)",
        "ceph_osd      pve1        create an OSD on",
        "                          /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9HCJR-00A07_S64GNE0R00000 (1920 GB,",
        "                          serial S64GNE0R00000) - DESTROYS DATA",
        "              pve2        create an OSD on",
        "                          /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9HCJR-00A07_S64GNE0R00001 (1920 GB,",
        "                          serial S64GNE0R00001) - DESTROYS DATA",
        "              pve3        create an OSD on",
        "                          /dev/disk/by-id/nvme-SAMSUNG_MZQL21T9HCJR-00A07_S64GNE0R00002 (1920 GB,",
        "                          serial S64GNE0R00002) - DESTROYS DATA",
        "",
        "Plan: 12 steps on 3 nodes (3 destroy data), about 9 minutes (as measured in earlier runs)",
    ]


def test_what_was_found_stands_behind_a_step() -> None:
    """Where it is another on each host, they do not share a line."""
    serve = {**step("service.restart:pveproxy", "restart pveproxy"), "because": "port 8006 shows an old certificate"}
    wipe = {**step("disk.wipe:a", "wipe a", destructive=True), "because": "it is named for an OSD"}
    other = {**serve, "because": "nobody answers"}
    made = plan(told("pve1", "cluster", serve), told("pve2", "cluster", serve), told("pve3", "cluster", other, wipe))
    assert plan_text(made).splitlines()[2:5] == [
        "cluster  pve1, pve2  restart pveproxy, as port 8006 shows an old certificate",
        "         pve3        restart pveproxy, as nobody answers",
        "         pve3        wipe a, as it is named for an OSD - DESTROYS DATA",
    ]
    assert made.data["steps"][-1]["because"] == "it is named for an OSD"
    assert "as nobody answers" in plan_markdown(made)
    own = {**step("a.b:c", "do it"), "because": "pve1 lacks it"}
    [line] = plan(told("pve1", "x", own), told("pve2", "x", {**own, "because": "pve2 lacks it"})).lines
    assert line.step.because == "<node> lacks it"


def test_nothing_to_do_is_one_line() -> None:
    assert plan_text(plan()) == "Plan for campus, 3 nodes: nothing to do"


def test_refusals_stand_last_and_complete() -> None:
    clock = "The clock is 10.2 s behind pve1; Ceph allows 0.05 s. See `chronyc sources` there."
    disk = "sdd (4.0 TB, Z1Z0AAAA) carries the volume group data. " + "Take it out of ceph_osd_select. " * 3
    text = plan_text(
        plan(
            told("pve1", "cluster", warnings=["two links are slow"]),
            told("pve2", "cluster", warnings=["two links are slow"], refusals=[clock]),
            told("pve3", "cluster", refusals=[clock]),
            told("pve3", "ceph_osd", step("osd.create:a", "create an OSD on a", destructive=True)),
            told("pve2", "ceph_osd", refusals=[disk.strip()]),
        )
    )
    assert text.splitlines()[2:] == [
        "ceph_osd  pve3  create an OSD on a - DESTROYS DATA",
        "",
        "warning  pve1, pve2: two links are slow",
        "",
        "1 pve2, pve3  The clock is 10.2 s behind pve1; Ceph allows 0.05 s. See `chronyc sources` there.",
        "",
        "2 pve2  sdd (4.0 TB, Z1Z0AAAA) carries the volume group data. Take it out of ceph_osd_select. Take",
        "        it out of ceph_osd_select. Take it out of ceph_osd_select.",
        "",
        "Refused: nothing was changed. 2 reasons on 2 nodes above.",
    ]


def test_the_order_of_every_host_is_kept() -> None:
    """b comes after a on one host and before c on another: one order holds for both."""
    a, b, c = (step(f"file.write:{name}", f"write {name}") for name in "abc")
    merged = plan(told("pve1", "cluster", a, c), told("pve2", "cluster", b, c), told("pve3", "cluster", a, b))
    rows = [(line.step.why, line.hosts) for line in merged.lines]
    for host, own in (
        ("pve1", ["write a", "write c"]),
        ("pve2", ["write b", "write c"]),
        ("pve3", ["write a", "write b"]),
    ):
        assert [why for why, hosts in rows if host in hosts] == own
    assert merged.steps == 6


def test_a_step_that_is_taken_twice_is_counted_twice() -> None:
    again = step("service.restart:corosync", "restart corosync")
    merged = plan(told("pve1", "cluster", again, again), told("pve2", "cluster", again))
    assert [line.hosts for line in merged.lines] == [("pve1", "pve2"), ("pve1",)]
    assert plan_text(merged).endswith("Plan: 3 steps on 2 nodes")


def test_what_destroys_is_never_put_together() -> None:
    wipes = [told(host, "ceph_osd", step(f"disk.wipe:{host}", f"wipe the disk of {host}", True)) for host in HOSTS]
    assert [line.step.why for line in plan(*wipes).lines] == [f"wipe the disk of {host}" for host in HOSTS]


@pytest.mark.parametrize(
    ("host", "why"),
    [("pve1", "tell pve10 of pve1.example.org"), ("pve1", "write pve1-data"), ("db", "create the pool dbs")],
)
def test_a_name_within_another_one_is_not_the_host(host: str, why: str) -> None:
    merged = document("campus", (host, "other"), [note(told(host, "cluster", step("a", why)))])
    assert merged.lines[0].step.why == why


def test_a_command_is_not_broken() -> None:
    command = "`" + "ceph osd crush rule create-replicated fast default host ssd && ceph -s " * 2 + "`"
    text = plan_text(plan(told("pve1", "cluster", step("a", f"run by hand what is needed, that is {command} now"))))
    assert command in text
    assert all(len(line) <= WIDTH for line in text.splitlines() if "`" not in line)


def test_a_comment_on_a_change_request() -> None:
    lines = plan_markdown(plan(told("pve1", "cluster", step("a", "write `a | b` and ```` c")))).splitlines()
    assert lines[0] == "### Plan: 1 step on 1 node"
    assert lines[2] == "`````text" and lines[-1] == "`````"


def test_what_is_cut_from_a_long_comment_is_harmless() -> None:
    steps = [step(f"file.write:{number}", f"write file {number}", destructive=number == 500) for number in range(1000)]
    made = plan(told("pve1", "cluster", *steps, warnings=["look out"], refusals=["not this one"]))
    text = plan_markdown(made, 20_000)
    assert len(text.encode()) <= 20_000 and "lines in the middle left out" in text
    for kept in ("write file 0\n", "write file 500 - DESTROYS DATA", "write file 999\n", "look out", "not this one"):
        assert kept in text
    assert "write file 499\n" not in text


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (["pve1", "pve2", "pve3"], "pve1-pve3"),
        (["pve1", "pve2"], "pve1, pve2"),
        (["pve1", "pve2", "pve4"], "pve1, pve2, pve4"),
        (["pve08", "pve09", "pve10"], "pve08-pve10"),
        (["pve8", "pve9", "pve10"], "pve8-pve10"),
        (["pve8", "pve09", "pve10"], "pve8, pve09, pve10"),
        (["rack1-a1", "rack1-a2", "rack1-a3"], "rack1-a1-rack1-a3"),
        (["rack1-a1", "rack2-a2", "rack3-a3"], "rack1-a1, rack2-a2, rack3-a3"),
        (["a", "b", "c"], "a, b, c"),
        (["pve1.lab", "pve2.lab", "pve3.lab"], "pve1.lab-pve3.lab"),
        (["pve1"], "pve1"),
    ],
)
def test_how_hosts_are_named(hosts: list[str], words: str) -> None:
    assert named(hosts) == words


def test_a_subject_that_is_planned_twice_stands_where_it_works_and_says_a_step_once() -> None:
    see, add, use = step("see:nfs", "see the export"), step("add:nfs", "add nfs"), step("use:nfs", "use nfs")
    made = plan(
        told("pve1", "storage_access", see, task="before"),
        told("pve2", "storage_access", see, task="before"),
        told("pve1", "storage", add, task="define"),
        told("pve1", "storage_access", see, use, task="after"),
        told("pve2", "storage_access", use, task="after"),
    )
    assert [(line.subject, line.hosts, line.step.why) for line in made.lines] == [
        ("storage_access", ("pve1", "pve2"), "see the export"),
        ("storage", ("pve1",), "add nfs"),
        ("storage_access", ("pve1", "pve2"), "use nfs"),
    ]
