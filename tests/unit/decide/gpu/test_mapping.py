"""Mappings over all nodes from one list, on the stand-in: made, kept, told, refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan

from ....doubles.mapping_api import MappingApi, furnished, plan, run

A10, T4 = "10de:2236", "10de:1eb8"
WHOLE: dict[str, Any] = {"name": "t4", "card": T4}
SHARED: dict[str, Any] = {"name": "a10-vgpu", "card": A10, "vgpu": True}


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MappingApi:
    """A T4 with audio on two nodes, and an A10 with two functions."""
    found = furnished(tmp_path, monkeypatch)
    for node, bus in (("pve1", "01"), ("pve2", "41")):
        found.plug(node, f"0000:{bus}:00.0", T4, "10de:12a2", 30)
        found.plug(node, f"0000:{bus}:00.1", "10de:10f8", "10de:12a2", 30)
    found.plug("pve3", "0000:65:00.0", A10, group=60)
    for number in (4, 5):
        found.plug("pve3", f"0000:65:00.{number}", A10, group=66 + number, mdev=True)
    return found


def entries(api: MappingApi, name: str) -> list[str]:
    from pve_standin.guest import mapping

    return list(mapping.read()[name]["map"])


def refusals(found: Plan) -> str:
    return "\n".join(map(str, found.refusals))


def test_mappings_are_made_and_a_second_run_changes_nothing(api: MappingApi) -> None:
    result = run(api, WHOLE, SHARED)
    assert [step["id"] for step in result["steps"]] == ["mapping.create:t4", "mapping.create:a10-vgpu"]
    assert not run(api, WHOLE, SHARED)["changed"]
    board = "subsystem-id=10de:12a2"
    assert entries(api, "t4") == [
        f"id={T4},iommugroup=30,node=pve1,path=0000:01:00,{board}",
        f"id={T4},iommugroup=30,node=pve2,path=0000:41:00,{board}",
    ]
    assert [api.checks(node) for node in ("pve1", "pve2", "pve3")] == [
        ["No mapping for node pve1."],
        ["No mapping for node pve2."],
        ["No mapping for node pve3."],
    ]


def test_a_kill_between_two_mappings(api: MappingApi) -> None:
    api.act(plan(api, WHOLE, SHARED).steps[0])
    assert [step["id"] for step in run(api, WHOLE, SHARED)["steps"]] == ["mapping.create:a10-vgpu"]


def test_the_card_itself_is_no_vgpu(api: MappingApi) -> None:
    run(api, SHARED)
    assert [one.split("path=")[1].split(",")[0] for one in entries(api, "a10-vgpu")] == ["0000:65:00.4", "0000:65:00.5"]
    run(api, {"name": "a10", "card": A10})
    assert [one.split("path=")[1].split(",")[0] for one in entries(api, "a10")] == ["0000:65:00.0"]


@pytest.mark.parametrize("path", ["0000:65:00.0", "0000:65:00"])
def test_a_mapping_that_somebody_made_of_everything_with_these_ids(api: MappingApi, path: str) -> None:
    said = f"node=pve3,path={path},id={A10},subsystem-id=10de:1482,iommugroup=60"
    api._ask("POST", "/cluster/mapping/pci", {"id": "a10-vgpu", "mdev": 1, "map": [said]})
    (step,) = run(api, SHARED)["steps"]
    assert f"without {path} of pve3" in step["why"]
    assert not any(f"path={path}," in one for one in entries(api, "a10-vgpu"))


def test_what_is_written_in_another_order_or_with_a_description_is_no_change(api: MappingApi) -> None:
    texts = [
        f"node=pve{number},path=0000:{bus}:00,id={T4},subsystem-id=10de:12a2,iommugroup=30,description=left"
        for number, bus in ((2, "41"), (1, "01"))
    ]
    api._ask("POST", "/cluster/mapping/pci", {"id": "t4", "map": texts})
    assert plan(api, WHOLE).steps == ()


def test_capital_letters_and_a_group_that_has_moved(api: MappingApi) -> None:
    text = f"node=pve1,path=0000:01:00,id={T4.upper()},subsystem-id=10de:12a2,iommugroup=7"
    api._ask("POST", "/cluster/mapping/pci", {"id": "t4", "map": [text]})
    assert api.checks("pve1") != []
    run(api, WHOLE)
    assert api.checks("pve1") == []


def test_a_node_that_does_not_answer_keeps_its_entries(api: MappingApi) -> None:
    run(api, WHOLE)
    api.off = {"pve2"}
    found = plan(api, WHOLE)
    assert (found.steps, found.refusals) == ((), ())
    assert "pve2 does not tell its devices, and its entries stay as they are" in found.warnings[0]


def test_functions_that_are_missing_stay_and_the_guests_are_named(api: MappingApi) -> None:
    run(api, SHARED)
    for vmid, onboot in ((101, 1), (102, 1), (103, 0)):
        api.machines[vmid] = ("pve3", {"hostpci0": "mapping=a10-vgpu,mdev=nvidia-560", "onboot": onboot})
    api.unplug("pve3", "0000:65:00.4")
    assert plan(api, SHARED).warnings == ("pve3 offers no vGPUs at 0000:65:00.4, which the mapping a10-vgpu names.",)
    api.unplug("pve3", "0000:65:00.5")
    found = plan(api, SHARED)
    assert (found.steps, found.refusals) == ((), ())
    assert found.warnings[0].endswith("names. VM 101, VM 102 will not start.")


def test_a_driver_that_is_missing_after_a_kernel_takes_no_entry_away(api: MappingApi) -> None:
    api.plug("pve1", "0000:81:00.0", "10de:1db6", group=40, mdev=True)
    api.plug("pve2", "0000:81:00.0", "10de:1db6", group=40, mdev=True)
    shared = {"name": "v100", "card": "10de:1db6", "vgpu": True}
    run(api, shared)
    api.machines[101] = ("pve1", {"hostpci0": "mapping=v100,mdev=nvidia-319", "onboot": 1})
    api.unplug("pve1", "0000:81:00.0")
    api.plug("pve1", "0000:81:00.0", "10de:1db6", group=40)
    found = plan(api, shared)
    assert (found.steps, found.refusals) == ((), ())
    assert found.warnings == (
        "pve1 offers no vGPUs at 0000:81:00.0, which the mapping v100 names. VM 101 will not start.",
    )


def test_a_mapping_that_guests_name_does_not_go(api: MappingApi) -> None:
    run(api, WHOLE)
    api.machines[100] = ("pve1", {"hostpci1": "mapping=t4,pcie=1"})
    gone = {"name": "t4", "state": "absent"}
    assert "VM 100 uses the mapping t4" in refusals(plan(api, gone))
    api.off = {"pve1"}
    assert "Nobody can tell whether VM 100 uses" in refusals(plan(api, gone))
    api.off, api.machines = set(), {}
    run(api, gone)
    assert not run(api, gone)["changed"]


def test_nodes_and_companions_can_be_chosen(api: MappingApi) -> None:
    run(api, {**WHOLE, "nodes": ["pve1"], "whole": False, "description": "for courses"})
    assert [one.split("path=")[1].split(",")[0] for one in entries(api, "t4")] == ["0000:01:00.0"]
    (step,) = plan(api, {**WHOLE, "nodes": ["pve1"], "whole": False, "description": "for all"}).steps
    assert step.why == "change the mapping t4: its description"
    assert "names pve9" in refusals(plan(api, {**WHOLE, "nodes": ["pve9"]}))


def test_what_no_node_has(api: MappingApi) -> None:
    assert "No node has virtual functions that offer types of vGPUs with 10de:1eb8." in refusals(
        plan(api, {**WHOLE, "vgpu": True})
    )
    api.plug("pve1", "0000:81:00.0", "10de:2330", group=None)
    assert "0000:81:00.0 of pve1 is in no IOMMU group" in refusals(plan(api, {"name": "h100", "card": "10de:2330"}))
    with pytest.raises(Refused):
        run(api, {"name": "nothing", "card": "ffff:ffff"})


def test_only_from_release_8_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "need Proxmox VE 8" in refusals(plan(furnished(tmp_path, monkeypatch, 7), WHOLE))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "t4"}, "lacks card"),
        ({"name": "t4", "card": "T4"}, "names no kind of card"),
        ({"name": "4t", "card": T4}, "is not what Proxmox VE takes"),
        ({"name": "t4", "card": 10}, "is not a text"),
        ({**WHOLE, "live_migration": True}, "cannot move"),
    ],
)
def test_what_contradicts_itself(api: MappingApi, said: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        plan(api, said)
