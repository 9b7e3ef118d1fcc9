"""What a report makes of the looks at a site: nothing unknown is called fine, nothing wrong is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running import RunningCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import GuestOverview, Lrm
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.certificate import Certificate
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import CephLook, SiteLook, Unknown
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.proxmox_ve import ObservedProxmoxVe
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.service import WATCHED, Service
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import may_be_planned, report
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.packages import days, seconds

from ....doubles import looks


def made(look: SiteLook) -> dict[str, Any]:
    document = report(look, looks.MADE)
    assert document == json.loads(json.dumps(document)), "it is JSON"
    return document


def ids(document: dict[str, Any], level: str = "") -> list[str]:
    return [one["id"] for one in document["findings"] if level in ("", one["level"])]


def losses(document: dict[str, Any]) -> set[str]:
    return {cell["state"] for row in document["losses"]["rows"] for cell in row["cells"].values()}


@pytest.mark.parametrize(
    ("name", "planned"),
    [("healthy", True), ("dead_osd", True), ("without_manager", True), ("frozen", False), ("without_quorum", False)],
)
def test_a_plan_is_made_only_where_nothing_would_wait_for_an_answer(name: str, planned: bool) -> None:
    look: Callable[[], SiteLook] = getattr(looks, name)
    assert may_be_planned(made(look())) is planned


def test_a_healthy_site_has_no_findings() -> None:
    document = made(looks.healthy())
    assert document["findings"] == [] and document["verdict"]["level"] == "fine"
    assert document["cluster"]["quorate"] is True and document["site"] == "campus"
    assert {document[name]["state"] for name in ("cluster", "links", "disks", "pools", "storages", "guests")} == {
        "known"
    }


def test_without_quorum() -> None:
    document = made(looks.without_quorum())
    assert ids(document, "wrong") == ["node.reset", "quorum.lost", "node.silent", "node.silent", "ceph.silent"]
    assert ids(document, "unknown") == ["nodes.hidden", "guests.hidden"]
    assert document["advice"]["safe"] == ["what the disks hold: it is not touched by waiting"]
    commands = [command for one in document["advice"]["do"] for command in one["commands"]]
    assert commands[0] == "pvecm expected 1"
    assert any("restart corosync" in one["what"] for one in document["advice"]["not"])
    assert document["cluster"]["quorate"] is None, "those that are silent may have it"
    assert document["guests"]["state"] == "partial"
    assert [row["running"] for row in document["guests"]["rows"]] == [True, False, None, None]
    assert document["pools"]["state"] == "unknown" and document["pools"]["rows"] == []
    assert document["links"]["state"] == "partial", "ways from silent nodes are not known"
    seen = {(row["from"], row["state"]) for row in document["links"]["rows"]}
    assert seen == {("pve1", "down"), ("pve2", "unknown"), ("pve3", "unknown")}


def test_a_silent_node_is_known_by_its_address() -> None:
    look = looks.silent(looks.healthy(), "pve3")
    renamed = replace(
        look, order=("pve1", "pve2", "third"), silent={"third": "no route"}, addresses={"third": "10.10.1.13"}
    )
    assert made(renamed)["nodes"] == ["pve1", "pve2", "pve3"]


def test_a_member_that_the_inventory_lacks_is_unknown() -> None:
    look = replace(looks.healthy(), order=("pve1", "pve2"))
    document = made(look)
    assert document["nodes"] == ["pve1", "pve2", "pve3"]
    assert ids(document) == ["node.unlisted", "osd.silent"] and document["verdict"]["level"] == "unknown"


def test_what_ceph_calls_up_on_a_silent_node_is_unknown() -> None:
    document = made(looks.silent(looks.healthy(), "pve3"))
    found = {one["id"]: one["facts"] for one in document["findings"]}
    assert found["osd.silent"] == {"node": "pve3", "osds": "osd.4, osd.5"}


def test_a_frozen_file_system_is_wrong_and_its_facts_unknown() -> None:
    document = made(looks.frozen())
    assert ids(document, "wrong") == ["pmxcfs.silent"]
    assert [row["running"] for row in document["guests"]["rows"] if row["node"] == "pve2"] == [True], "processes tell"
    assert {one["who"] for one in document["certificates"]["missing"]} == {"pve2"}


def test_a_part_of_the_cluster_that_is_not_told_is_no_frozen_file_system() -> None:
    look = looks.changed(looks.healthy(), "pve2", cluster=Unknown("systemctl did not answer within 10 seconds."))
    document = made(look)
    assert ids(document) == ["cluster.untold"] and document["verdict"]["level"] == "unknown"
    assert not may_be_planned(document)


def test_a_file_system_that_is_not_mounted() -> None:
    look = looks.changed(looks.healthy(), "pve2", pmxcfs=False)
    assert ids(made(look), "wrong") == ["pmxcfs.silent"]
    proxmox = look.nodes["pve2"].proxmox
    assert isinstance(proxmox, ObservedProxmoxVe)
    bare = replace(proxmox, packages={})
    look = looks.changed(look, "pve2", cluster=Unknown("?"), proxmox=bare)
    assert "pmxcfs.silent" not in ids(made(look)), "where nothing is installed, nothing is missing"


def test_whether_there_is_a_ceph_may_be_unknown() -> None:
    look = looks.healthy()
    for name in looks.NAMES:
        look = looks.changed(look, name, ceph=None, osds=Unknown("lsblk did not answer within 10 seconds."))
    assert ids(made(look)) == ["ceph.untold"]


def test_a_reset_names_the_guests_or_says_why_not() -> None:
    """LRM of pve1 is armed, and pve1 alone."""
    look = looks.without_quorum()
    guests = look.nodes["pve1"].guests
    assert isinstance(guests, GuestOverview)
    armed = replace(guests, lrm=Lrm("active", timestamp=seconds(looks.MADE)))
    found = {one["id"]: one["facts"] for one in made(looks.changed(look, "pve1", guests=armed))["findings"]}
    assert found["node.reset"]["guests"] == "101"
    empty = replace(armed, places={}, known={})
    assert "node.reset_empty" in ids(made(looks.changed(look, "pve1", guests=empty)))
    blind = replace(armed, known={101: armed.known[101]})
    found = {one["id"]: one["facts"] for one in made(looks.changed(look, "pve1", guests=blind))["findings"]}
    assert "was not read" in found["node.reset_blind"]["why"]


def test_an_osd_whose_node_nobody_tells() -> None:
    osds = tuple(replace(osd, up=osd.id != 2, host=None if osd.id == 2 else osd.host) for osd in looks.CLUSTER.osds)
    cluster = replace(looks.CLUSTER, osds=osds)
    look = looks.healthy()
    for name in looks.NAMES:
        look = looks.changed(look, name, ceph=CephLook(replace(looks.data(), cluster=cluster)))
    assert "osd.down_somewhere" in ids(made(look), "wrong")


def test_a_member_that_no_link_reaches_is_no_quorum() -> None:
    """Seconds after a power cut corosync still counts the dead."""
    look = looks.silent(looks.healthy(), "pve2", "pve3")
    links = tuple(replace(one, connected=False) for one in looks.running(1).links)
    look = looks.changed(look, "pve1", running=replace(looks.running(1), links=links))
    document = made(look)
    assert document["cluster"]["quorate"] is None and "quorum.doubtful" in ids(document, "unknown")


def test_whether_there_is_quorum_is_not_known_while_a_node_that_answers_does_not_tell() -> None:
    lost = RunningCluster(QuorumStatus(False, 3, 1, 2, {1: 1}), ())
    look = looks.changed(looks.healthy(), "pve1", running=lost)
    for answer, quorate in ((Unknown("corosync-quorumtool did not answer"), None), (RunningCluster(None, ()), False)):
        for name in ("pve2", "pve3"):
            look = looks.changed(look, name, running=answer)
        assert made(look)["cluster"]["quorate"] is quorate


def test_two_halves_that_both_have_quorum() -> None:
    half = QuorumStatus(True, 2, 1, 1, {1: 1}), QuorumStatus(True, 2, 2, 1, {2: 1, 3: 1})
    look = looks.healthy()
    for name, quorum in (("pve1", half[0]), ("pve2", half[1]), ("pve3", half[1])):
        look = looks.changed(look, name, running=RunningCluster(quorum, looks.running(1).links))
    assert "quorum.split" in ids(made(look), "wrong")


def test_nodes_that_were_read_while_a_member_went_are_no_two_clusters() -> None:
    """Before and after: the same nodes are in both, so who has quorum is unknown, and waiting is not called safe."""
    before, after = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1}), QuorumStatus(True, 3, 2, 2, {1: 1, 2: 1})
    look = looks.healthy()
    for name, quorum in (("pve1", before), ("pve2", after)):
        look = looks.changed(look, name, running=RunningCluster(quorum, looks.running(1).links))
    document = made(look)
    assert "quorum.split" not in ids(document) and "quorum.changing" in ids(document, "unknown")
    assert document["advice"]["safe"] == []


def test_guests_of_which_no_node_tells_are_unknown() -> None:
    """Nothing else is amiss, and yet not all is well."""
    look = looks.healthy()
    for name in looks.NAMES:
        look = looks.changed(look, name, guests=Unknown("/etc/pve/.vmlist is no JSON"))
    document = made(look)
    assert ids(document) == ["guests.unknown"] and document["verdict"]["level"] == "unknown"


def test_a_dead_osd() -> None:
    document = made(looks.dead_osd())
    assert ids(document) == ["osd.down", "ceph.check"]
    down = [osd for osd in document["disks"]["osds"] if not osd["up"]]
    assert [(osd["id"], osd["node"]) for osd in down] == [(2, "pve2")]


def test_numbers_of_nobody_are_unknown() -> None:
    document = made(looks.without_manager())
    assert ids(document) == ["ceph.numbers"] and document["health"]["numbers"] is None
    assert {row["clean"] for row in document["pools"]["rows"]} == {None}
    assert {row["fill"] for row in document["disks"]["rows"]} == {None}


def test_one_node_with_a_manager_that_answers_is_enough() -> None:
    look = looks.changed(looks.healthy(), "pve1", ceph=Unknown("no answer"))
    assert made(look)["health"]["numbers"]["pgs"] == 128


def test_a_web_interface_that_does_not_serve() -> None:
    look = looks.healthy()
    proxmox = look.nodes["pve2"].proxmox
    assert not isinstance(proxmox, Unknown)
    look = looks.changed(look, "pve2", proxmox=replace(proxmox, answers=False))
    document = made(look)
    assert ids(document) == ["web.silent"]
    (first,) = document["advice"]["do"]
    assert (first["on"], first["commands"]) == ("pve2", ["systemctl restart pveproxy"])


def test_a_delicate_service_is_not_just_restarted() -> None:
    services = tuple(Service(name, "failed" if name == "corosync" else "active") for name in WATCHED)
    document = made(looks.changed(looks.healthy(), "pve2", services=services))
    assert ids(document) == ["service.down"]
    assert not [one for one in document["advice"]["do"] if "systemctl restart corosync" in one["commands"]]


def test_nobody_answers() -> None:
    document = made(looks.silent(looks.healthy(), *looks.NAMES))
    assert ids(document)[:3] == ["node.silent"] * 3
    states = {
        name: document[name]["state"]
        for name in document
        if isinstance(document[name], dict) and "rows" in document[name] and name != "losses"
    }
    assert set(states.values()) <= {"unknown", "partial"}, f"nothing is known, and nothing is none: {states}"
    assert losses(document) <= {"unknown", "stops", "lost"}, (
        "a bound may say that something stops, never that it is fine"
    )


@pytest.mark.parametrize(
    ("date", "level"),
    [("2026-12-10T00:00:00Z", "warning"), ("2026-11-01T00:00:00Z", "wrong"), ("2027-02-01T00:00:00Z", "")],
)
def test_certificates_that_expire(date: str, level: str) -> None:
    look = looks.healthy()
    own = look.nodes["pve1"].certificates
    assert not isinstance(own, Unknown)
    look = looks.changed(look, "pve1", certificates=(own[0], replace(own[1], expires=date)))
    assert [one["level"] for one in made(look)["findings"]] == ([level] if level else [])


@pytest.mark.parametrize(
    ("path", "mended"),
    [
        ("/etc/pve/nodes/pve1/pve-ssl.pem", [("pve1", "pvecm updatecerts --force")]),
        ("/etc/pve/nodes/pve1/pveproxy-ssl.pem", []),
        ("/etc/pve/pve-root-ca.pem", []),
    ],
)
def test_only_a_certificate_that_a_command_makes_anew_is_to_be_made_anew(
    path: str, mended: list[tuple[str, str]]
) -> None:
    expired = Certificate(path, "CN = a", "CN = b", "2026-11-01T00:00:00Z")
    document = made(looks.changed(looks.healthy(), "pve1", certificates=(expired,)))
    assert ids(document) == ["certificate.expired"]
    assert [(one["on"], one["commands"][0]) for one in document["advice"]["do"]] == mended


def test_nodes_without_a_cluster_have_an_authority_each() -> None:
    look = looks.healthy()
    for number, name in enumerate(looks.NAMES, 1):
        authority = Certificate("/etc/pve/pve-root-ca.pem", f"CN = {name}", "CN = a", f"203{number}-11-19T06:21:17Z")
        cluster = look.nodes[name].cluster
        assert not isinstance(cluster, Unknown)
        cluster = replace(cluster, config=None, local_config=None)
        look = looks.changed(look, name, config=None, cluster=cluster, certificates=(authority,))
    assert [row["node"] for row in made(look)["certificates"]["rows"]] == list(looks.NAMES)


def test_a_kernel_that_waits_for_a_reboot() -> None:
    proxmox = looks.healthy().nodes["pve2"].proxmox
    assert not isinstance(proxmox, Unknown)
    packages = {**proxmox.packages, "proxmox-kernel-6.14.11-3-pve-signed": "6.14.11-3"}
    document = made(looks.changed(looks.healthy(), "pve2", proxmox=replace(proxmox, packages=packages)))
    assert ids(document, "warning") == ["kernel.old"]
    container = replace(proxmox, packages=packages, host=replace(proxmox.host, container="lxc"))
    assert ids(made(looks.changed(looks.healthy(), "pve2", proxmox=container))) == []


def test_days_are_those_of_the_calendar() -> None:
    assert days("2024-03-01T00:00:00Z") - days("2024-02-28T00:00:00Z") == 2
    assert days("2100-03-01T00:00:00Z") - days("2100-02-28T00:00:00Z") == 1
    assert days("2027-01-01T00:00:00Z") - days("2026-01-01T23:59:59Z") == 365


def test_who_serves_a_storage() -> None:
    rows = {row["name"]: row["served_by"] for row in made(looks.healthy())["storages"]["rows"]}
    assert rows == {
        "local": {"kind": "local", "name": None},
        "nfs-iso": {"kind": "node", "name": "pve1"},
        "vms": {"kind": "ceph", "name": None},
    }


def test_the_rule_behind_pg_num() -> None:
    pools = {row["name"]: row for row in made(looks.healthy())["pools"]["rows"]}
    assert pools["vms"]["pg_rule"]["autoscaler"] == "warn" and pools["vms"]["pg_rule"]["calculated"] == 256
    assert "6 OSDs * 100" in pools["vms"]["pg_rule"]["reason"]


def test_the_page_about_it_names_every_key() -> None:
    page = (Path(__file__).parents[4] / "docs" / "report.md").read_text(encoding="utf-8")
    documented = {
        key
        for line in page.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert set(made(looks.healthy())) | {"changes"} == documented - {"report"}
