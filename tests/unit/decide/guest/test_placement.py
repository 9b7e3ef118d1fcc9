"""On which node a guest is made: by assigned memory, the same answer every time, and never a move."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.guests import decide
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.placement import places
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.observed import (
    ListedGuest,
    ObservedGuest,
    ObservedGuests,
    ObservedNode,
)
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT
from hypothesis import given, settings
from hypothesis import strategies as st

from ....doubles.examples import examples
from ....doubles.guest_api import GIB, params

BOTH = frozenset(("vms", "share"))


def nodes(**sizes: int) -> dict[str, ObservedNode]:
    return {name: ObservedNode(True, size * GIB, storages=BOTH) for name, size in sizes.items()}


def wish(vmid: int, memory: int = 2048, **more: Any) -> dict[str, Any]:
    return {"vmid": vmid, "name": f"g{vmid}", "memory": memory, **more}


def placed(observed: ObservedGuests, *vms: dict[str, Any]) -> dict[int, str]:
    desired = SUBJECT.desired(params(vms=list(vms)))
    return {vmid: place.node or place.problem for vmid, place in places(desired, observed).items()}


def listed(vmid: int, node: str, memory: int, **more: Any) -> ListedGuest:
    return ListedGuest("qemu", vmid, node, f"g{vmid}", memory=memory * GIB, **more)


def test_the_node_with_the_most_left_gets_the_next_one() -> None:
    there = ObservedGuests(nodes=nodes(pve1=16, pve2=32), listed={100: listed(100, "pve2", 20)})
    assert placed(there, wish(201), wish(202), wish(203)) == {201: "pve1", 202: "pve1", 203: "pve1"}
    assert placed(there, wish(201, 8192), wish(202, 8192)) == {201: "pve1", 202: "pve2"}


def test_what_is_stopped_counts_and_a_template_does_not() -> None:
    templates = {100: listed(100, "pve1", 30, template=True), 101: listed(101, "pve2", 1)}
    assert placed(ObservedGuests(nodes=nodes(pve1=32, pve2=32), listed=templates), wish(201)) == {201: "pve1"}


def test_a_node_in_maintenance_or_without_the_storage_gets_none() -> None:
    there = {
        **nodes(pve1=16),
        "pve2": ObservedNode(True, 64 * GIB, "maintenance", BOTH),
        "pve3": ObservedNode(True, 64 * GIB, storages=frozenset(("share",))),
        "pve4": ObservedNode(False, 64 * GIB, storages=BOTH),
    }
    disk = {"slot": "scsi0", "storage": "vms", "size": "1G"}
    assert placed(ObservedGuests(nodes=there), wish(201, disks=[disk])) == {201: "pve1"}
    nowhere = placed(ObservedGuests(nodes={"pve3": there["pve3"], "pve4": there["pve4"]}), wish(201, node="pve4"))
    assert "pve4 is not there" in nowhere[201]


def test_a_bridge_that_only_some_have() -> None:
    there = {
        "pve1": ObservedNode(True, 64 * GIB, bridges=frozenset(("vmbr0",))),
        "pve2": ObservedNode(True, 16 * GIB, bridges=frozenset(("vmbr0", "vmbr9"))),
    }
    assert placed(ObservedGuests(nodes=there), wish(201, nets=[{"slot": "net0", "bridge": "vmbr9"}])) == {201: "pve2"}


def template(vmid: int, node: str, storage: str, name: str = "course-os", version: str = "3") -> ObservedGuest:
    mark = f"baremetal.virt: vmid={vmid} name={name} template={name} version={version}"
    config = {"name": name, "description": mark, "template": "1", "scsi0": f"{storage}:base-{vmid}-disk-0,size=3G"}
    return ObservedGuest(ListedGuest("qemu", vmid, node, name, template=True, memory=GIB), config)


def cloned(observed: ObservedGuests) -> tuple[str, int]:
    vms = [{"vmid": 201, "name": "stu01", "clone": {"template": "course-os", "version": "3"}}]
    (place,) = places(SUBJECT.desired(params(vms=vms)), observed).values()
    return (place.node, place.source.listed.vmid if place.source else 0) if not place.problem else (place.problem, 0)


def test_a_clone_is_where_its_template_is_unless_all_can_read_it() -> None:
    def there(*templates: ObservedGuest) -> ObservedGuests:
        return ObservedGuests(
            nodes=nodes(pve1=16, pve2=64),
            seen={one.listed.vmid: one for one in templates},
            listed={one.listed.vmid: one.listed for one in templates},
            shared=frozenset(("share",)),
        )

    assert cloned(there(template(900, "pve1", "vms"))) == ("pve1", 900)
    assert cloned(there(template(900, "pve1", "share"))) == ("pve2", 900)
    assert cloned(there(template(900, "pve1", "vms"), template(901, "pve2", "vms"))) == ("pve2", 901)
    assert "several on one node" in cloned(there(template(900, "pve1", "vms"), template(901, "pve1", "vms")))[0]
    assert "there is no template course-os version 3" in cloned(there(template(900, "pve1", "vms", version="2")))[0]
    other = template(900, "pve1", "vms", name="other")
    assert "there is no template" in cloned(there(other))[0]


def test_a_run_that_was_cut_short_goes_on_as_it_would_have() -> None:
    @settings(max_examples=examples(60), deadline=None)
    @given(
        sizes=st.lists(st.integers(4, 64), min_size=1, max_size=4),
        memories=st.lists(st.integers(1, 8), min_size=1, max_size=8),
        done=st.integers(0, 8),
        seed=st.randoms(),
    )
    def property_(sizes: list[int], memories: list[int], done: int, seed: random.Random) -> None:
        there = nodes(**{f"pve{number}": size for number, size in enumerate(sizes)})
        vms = [wish(200 + number, memory * 1024) for number, memory in enumerate(memories)]
        shuffled = seed.sample(vms, len(vms))
        whole = placed(ObservedGuests(nodes=there), *vms)
        assert placed(ObservedGuests(nodes=there), *shuffled) == whole
        made: Mapping[int, ListedGuest] = {
            vmid: listed(vmid, whole[vmid], memories[vmid - 200]) for vmid in sorted(whole)[:done]
        }
        rest = placed(ObservedGuests(nodes=there, listed=made), *vms)
        assert {**{vmid: one.node for vmid, one in made.items()}, **rest} == whole

    property_()


def test_that_a_loss_leaves_too_little_is_warned_of() -> None:
    there = ObservedGuests(nodes=nodes(pve1=16, pve2=16))
    vms = [wish(201, 8192), wish(202, 8192)]
    made = decide(SUBJECT.desired(params(vms=vms)), there)
    assert any("16384 MiB" in one and "14336 MiB" in one for one in made.warnings)
    assert not any("lost" in one for one in decide(SUBJECT.desired(params(vms=vms[:1])), there).warnings)


def test_storages_that_nobody_has_yet_are_no_reason_to_refuse() -> None:
    disk = {"slot": "scsi0", "storage": "new", "size": "1G"}
    made = decide(SUBJECT.desired(params(vms=[wish(201, disks=[disk])])), ObservedGuests(nodes=nodes(pve1=16)))
    assert not made.refusals
    assert any("No node has the storages new yet" in one for one in made.warnings)


def gpu(vmid: int, mapping: str = "t4", **more: Any) -> dict[str, Any]:
    return wish(vmid, hostpci=[{"slot": "hostpci0", "mapping": mapping, **more}])


def test_a_machine_gets_a_node_with_a_device_that_is_left() -> None:
    there = nodes(pve1=64, pve2=16, pve3=64)
    mapped = {"t4": {"pve1": 1, "pve2": 2}}
    taken = ObservedGuest(listed(100, "pve2", 2), {"hostpci1": "mapping=t4,pcie=1"})
    observed = ObservedGuests(nodes=there, listed={100: taken.listed}, seen={100: taken}, mapped=mapped)
    found = placed(observed, gpu(201), gpu(202), gpu(203))
    assert (found[201], found[202]) == ("pve1", "pve2")
    assert found[203] == "no node that could get it has devices of t4 left"
    assert placed(observed, gpu(201, "a10-vgpu"))[201] == "no node that could get it has devices of a10-vgpu left"
    assert placed(ObservedGuests(nodes=there), wish(201)) == {201: "pve1"}


def test_one_device_serves_several_machines_with_vgpus() -> None:
    """A T4 offers its types itself, and no virtual functions."""
    taken = ObservedGuest(listed(100, "pve2", 2), {"hostpci0": "mapping=t4,mdev=nvidia-222"})
    observed = ObservedGuests(nodes=nodes(pve1=64, pve2=64), listed={100: taken.listed}, seen={100: taken})
    there = replace(observed, mapped={"t4": {"pve2": 1}})
    vgpus = [gpu(vmid, mdev="nvidia-222") for vmid in (201, 202)]
    assert placed(there, *vgpus) == {201: "pve2", 202: "pve2"}
    assert "has devices of t4 left" in str(placed(observed, *vgpus)[201])
