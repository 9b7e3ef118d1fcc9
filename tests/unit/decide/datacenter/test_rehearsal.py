"""A copy is made, never heard, asked and removed; it is the guest only with every volume that the guest has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.datacenter.rehearsal import (
    POOL,
    left_out,
    missing,
    volumes,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.text import parse_guest
from ansible_collections.baremetal.virt.plugins.modules.backup_rehearsal import SUBJECT

from ....doubles.rehearsal_api import ARCHIVE, RehearsalApi, params, plan, run, told

FOLDER = Path(__file__).parents[2] / "cases" / "datacenter" / "restored-but-not-everything"
CONFIG = {
    "name": "erp",
    "scsi0": "zfs:vm-100-disk-0,size=32G",
    "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
    "hostpci0": "0000:01:00.0",
    "onboot": "1",
    "protection": "1",
}
BOX = {"hostname": "mail", "rootfs": "zfs:subvol-100-disk-0,size=8G", "net0": "name=eth0,bridge=vmbr0"}


@pytest.fixture
def api() -> RehearsalApi:
    return RehearsalApi("qemu", CONFIG, CONFIG)


def _text(name: str) -> dict[str, str]:
    return parse_guest((FOLDER / name).read_text(encoding="utf-8"))


def test_a_copy_is_restored_isolated_and_started(api: RehearsalApi) -> None:
    found = plan(api)
    assert [step.id for step in found.steps] == [
        f"pool.create:{POOL}",
        "guest.restore:9100",
        "guest.isolate:9100",
        "guest.start:9100",
    ]
    assert found.tells == {"archive": ARCHIVE}
    assert "without hostpci0, net0" in found.steps[2].why
    run(api)
    assert not run(api)["changed"]
    assert api.heard == []
    assert told(api) == {"verdict": "restored", "missing": {}, "restored": ["scsi0"], "waiting": [], "problems": []}


def test_a_container(api: RehearsalApi) -> None:
    box = RehearsalApi("lxc", BOX, BOX)
    run(box)
    assert box.heard == []
    assert told(box)["verdict"] == "restored"
    run(box, state="absent")
    assert list(box.configs) == [100]


def test_a_copy_of_a_container_writes_into_no_directory_of_its_node() -> None:
    shared = {**BOX, "mp0": "/srv/mail,mp=/var/mail", "hookscript": "local:snippets/up.pl"}
    box = RehearsalApi("lxc", shared, shared)
    assert "without hookscript, mp0, net0" in plan(box).steps[2].why
    run(box)
    assert box.heard == []
    assert told(box)["missing"] == {"mp0": "not a volume"}
    raw = {**BOX, "lxc.mount.entry": "/srv/mail var/mail none bind"}
    assert "lines for LXC itself (lxc.mount.entry)" in str(plan(RehearsalApi("lxc", BOX, raw)).refusals[0])


def test_a_copy_has_nothing_that_qemu_is_told_besides() -> None:
    config = {**CONFIG, "args": "-netdev user,id=n", "hookscript": "local:snippets/up.pl"}
    api = RehearsalApi("qemu", config, config)
    assert "without args, hookscript, hostpci0, net0" in plan(api).steps[2].why
    run(api)
    assert api.heard == []


@pytest.mark.parametrize("killed_after", range(5))
def test_a_run_that_was_cut_off_is_finished_or_taken_away(killed_after: int) -> None:
    for state in ("booted", "absent"):
        api = RehearsalApi("qemu", CONFIG, CONFIG)
        for step in plan(api).steps[:killed_after]:
            api.act(step)
        run(api, state=state)
        assert not run(api, state=state)["changed"]
        assert api.heard == []
        assert (9100 in api.configs) == (state == "booted")


def test_the_copy_goes_with_its_pool_in_every_step(api: RehearsalApi) -> None:
    run(api)
    api.configs[9100]["protection"] = "1"
    steps = plan(api, state="absent").steps
    assert [step.id for step in steps] == [
        "guest.stop:9100",
        "guest.unprotect:9100",
        "guest.destroy:9100",
        f"pool.remove:{POOL}",
    ]
    assert [step.id for step in steps if step.destructive] == ["guest.destroy:9100"]
    for killed_after in range(len(steps) + 1):
        again = RehearsalApi("qemu", CONFIG, CONFIG)
        run(again)
        again.configs[9100]["protection"] = "1"
        for step in plan(again, state="absent").steps[:killed_after]:
            again.act(step)
        run(again, state="absent")
        assert list(again.configs) == [100]
        assert again.pools == set()
    api.pooled[100] = POOL
    assert f"pool.remove:{POOL}" not in [step.id for step in plan(api, state="absent").steps]


@pytest.mark.parametrize("state", ["booted", "absent"])
def test_another_guest_of_that_number_is_not_touched(api: RehearsalApi, state: str) -> None:
    api.configs[9100] = {"name": "shop"}
    assert "is the guest shop on pve1, and no rehearsal of 100" in str(plan(api, state=state).refusals[0])
    api.pooled[9100] = POOL
    assert plan(api, state=state).refusals
    api.configs[9100]["name"] = "erp"
    assert not plan(api, state=state).refusals


def test_what_cannot_be_rehearsed(api: RehearsalApi) -> None:
    api.held = {**CONFIG, "name": "shop"}
    assert "is of another guest than 100" in str(plan(api).refusals[0])
    api.held = {}
    assert "no backup of 100 on nas" in str(plan(api).refusals[0])
    del api.configs[100]
    assert "no guest 100" in str(plan(api).refusals[0])


def test_a_copy_that_is_heard_is_stopped_by_people(api: RehearsalApi) -> None:
    run(api)
    api.configs[9100]["net0"] = "virtio,bridge=vmbr0"
    assert "runs with net0" in str(plan(api).refusals[0])


@pytest.mark.parametrize(
    ("said", "words"), [({"copy": 100}, "cannot be the number"), ({"source": ""}, "source is missing")]
)
def test_what_contradicts_itself_is_invalid(said: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        SUBJECT.desired(params(**said))


def test_a_copy_that_does_not_answer_is_no_proof(api: RehearsalApi) -> None:
    assert told(api)["verdict"] == "none"
    run(api)
    api.silent = True
    assert (told(api)["verdict"], told(api)["waiting"]) == ("silent", ["9100 does not answer."])
    assert told(api, ask="running")["verdict"] == "restored"
    api.running.remove(9100)
    assert told(api, ask="running")["waiting"] == ["9100 is stopped."]


def test_the_rehearsal_boots_and_the_data_disk_was_never_in_the_backup() -> None:
    right = yaml.safe_load((FOLDER / "right.yml").read_text(encoding="utf-8"))
    for vmid, kind in ((100, "qemu"), (200, "lxc")):
        config = _text(f"{vmid}.conf")
        out = left_out(kind, config)  # type: ignore[arg-type]
        assert out == right[vmid]["out"]
        inside = [key for key in volumes(kind, config) if key not in out]  # type: ignore[arg-type]
        assert sorted(inside) == sorted(right[vmid]["in"])
    api = RehearsalApi("qemu", _text("100.conf"), _text("restored-9100.conf"))
    run(api)
    found = told(api)
    assert (found["verdict"], list(found["missing"])) == (right["rehearsal_100"]["verdict"], ["scsi1"])
    assert found["waiting"] == []
    assert told(api, left_out=["scsi1"])["verdict"] == "restored"


def test_a_volume_of_another_size_is_told() -> None:
    config, copied = {"scsi0": "zfs:a,size=32G"}, {"scsi0": "zfs:b,size=8G"}
    assert missing("qemu", config, copied) == {"scsi0": "of another size: 32G and 8G"}
    assert missing("qemu", {"scsi0": "zfs:a,size=32G"}, {}) == {"scsi0": "not in the backup"}
