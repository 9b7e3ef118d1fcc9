"""The report of a bad night, in the lab: it comes within half a minute, and its first sentence names what is wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.report.visible import visible
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import report
from ansible_collections.baremetal.virt.plugins.plugin_utils.page.page import page

from ..lab.faults.conftest import Lab, eventually
from .conftest import NODES, ROOT, play
from .foretold import recordings, site_look
from .test_losses import ceph, manager, quorate, signal

MOST_SECONDS = 30


def told(folder: Path) -> dict[str, Any]:
    """The report as a person asks for it."""
    path, began = folder / "report.html", time.monotonic()
    play("report.yml", "-e", f"report_to={path}", "-e", "report_drift=false")
    took = time.monotonic() - began
    print(f"the report took {took:.0f} s")
    assert took < MOST_SECONDS
    assert "<html" in path.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return found


def first(document: dict[str, Any]) -> tuple[str, str]:
    finding = document["findings"][0]
    return finding["id"], finding["about"]


def test_nothing_is_wrong(lab: Lab, tmp_path: Path) -> None:
    document = told(tmp_path)
    assert [one for one in document["findings"] if one["level"] == "wrong"] == []
    cells = [cell for row in document["losses"]["rows"] if row["kind"] == "node" for cell in row["cells"].values()]
    assert any("refilled" in word for cell in cells for word in cell["later"]), "CRUSH was asked"


def test_no_quorum(lab: Lab, tmp_path: Path) -> None:
    lab.fault("power-cut", "pve2")
    lab.fault("power-cut", "pve3")
    eventually(lambda: not quorate(lab, ["pve1"]), "quorum to be lost")
    assert first(told(tmp_path)) == ("quorum.lost", "pve1")


def test_a_dead_node(lab: Lab, tmp_path: Path) -> None:
    lab.fault("power-cut", "pve2")
    eventually(lambda: "Total votes:      2" in lab.on("pve1", "pvecm status").stdout, "two votes of three")
    assert first(told(tmp_path)) == ("node.silent", "pve2")


def test_a_dead_osd(lab: Lab, tmp_path: Path) -> None:
    [number, *_] = [int(name[5:]) for name in lab.out("pve3", "ls /var/lib/ceph/osd").split()]
    lab.out("pve3", f"systemctl mask --runtime ceph-osd@{number}")
    signal(lab, "pve3", f"ceph-osd@{number}", "KILL")
    eventually(lambda: ceph(lab, "pve1", "osd info " + str(number))["up"] == 0, "the OSD to be called down")
    assert first(told(tmp_path)) == ("osd.down", f"osd.{number}")


def test_a_web_interface_that_is_stopped(lab: Lab, tmp_path: Path) -> None:
    lab.out("pve3", "systemctl stop pveproxy")
    assert first(told(tmp_path)) == ("web.silent", "pve3")


def test_the_only_manager_is_dead(lab: Lab, tmp_path: Path) -> None:
    """The standbys were stopped by somebody before; the last one is frozen."""
    last = manager(lab)
    for node in NODES:
        if node != last:
            lab.out(node, f"systemctl stop ceph-mgr@{node}")
    signal(lab, last, f"ceph-mgr@{last}", "STOP")
    eventually(lambda: not ceph(lab, "pve1", "mgr stat")["available"], "the manager to be given up", 120)
    assert first(told(tmp_path)) == ("ceph.numbers", "Ceph")


def test_sixteen_nodes(lab: Lab) -> None:
    """The lab's three, and thirteen like the third: made from what the lab's nodes said."""
    from replica import answers_of, fleet

    recorded = recordings(NODES)
    every = {}
    for number, answers in fleet({n: answers_of(_flat(recorded[f"pve{n}"])) for n in (1, 2, 3)}, 16).items():
        flat = {json.dumps(list(key)): value for key, value in answers.items()}
        every[f"pve{number}"] = {"node": flat, "cluster": flat}
    began = time.monotonic()
    document = visible(report(site_look(every), "2026-11-30T08:00:00Z"))
    text = page(document, "en")
    took = time.monotonic() - began
    out = ROOT / ".cache" / "losses" / "sixteen.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(f"sixteen nodes: {took:.1f} s, {len(text) // 1024} kB, {len(document['losses']['rows'])} losses: {out}")
    assert len(document["nodes"]) == 16 and took < MOST_SECONDS
    assert sum(row["kind"] == "pair" for row in document["losses"]["rows"]) == 16 * 15 // 2


def _flat(recording: dict[str, Any]) -> dict[str, Any]:
    return {**recording["cluster"], **recording["node"]}
