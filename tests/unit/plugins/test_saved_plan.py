"""A plan as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.plugin_utils import saved_plan
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_store import RunStore

HOST_KEY = "ssh-ed25519 AAAA"
NODE = {
    json.dumps(["read", "/etc/machine-id"]): "a1\n",
    json.dumps(["read", "/etc/ssh/ssh_host_ed25519_key.pub"]): f"{HOST_KEY} root@pve1\n",
    json.dumps(["read", "/sys/class/dmi/id/product_uuid"]): None,
    json.dumps(["digest", "/etc/pve/pve-root-ca.pem"]): None,
    json.dumps(["read", "/etc/pve/ceph.conf"]): "[global]\n\tfsid = 6b1c1f0e-0000-4000-8000-000000000001\n",
}


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path / "run"))


def variables(**own: Any) -> dict[str, Any]:
    RunStore().keep("pve1", {"node": NODE})
    return {"ansible_play_hosts_all": ["pve1"], "ansible_run_tags": ["all"], "hostvars": {"pve1": own}}


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    target.write_text("last week's")
    target.chmod(0o644)
    saved_plan.write(str(target), {"state": "steps"})
    assert target.stat().st_mode & 0o777 == 0o600
    assert saved_plan.read(str(target)) == {"state": "steps"}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["plan.json"]


@pytest.mark.parametrize("text", ["", "[]", "no JSON"])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(Invalid):
        saved_plan.read(str(tmp_path / "plan.json"))
    with pytest.raises(Invalid, match="cannot be read"):
        saved_plan.read(str(tmp_path / "missing.json"))


def test_what_it_is_bound_to() -> None:
    bound = saved_plan.binding(variables(cluster_name="campus"))
    assert bound["hosts"] == ["pve1"] and bound["tags"] == ["all"] and bound["version"] == "0.1.0"
    assert bound["identities"]["pve1"] == {
        "machine_id": "a1",
        "host_key": HOST_KEY,
        "product_uuid": None,
        "authority": None,
        "fsid": "6b1c1f0e-0000-4000-8000-000000000001",
    }


def test_other_wishes_are_another_binding_and_other_secrets_are_not() -> None:
    def wishes(password: str, server: str) -> str:
        storages = [{"name": "pbs", "server": server, "password": password}]
        return str(saved_plan.binding(variables(storage_definitions=storages))["wishes"])

    assert wishes("secret", "a") == wishes("another", "a") != wishes("secret", "b")


def test_what_was_done_is_kept_for_each_plan(tmp_path: Path) -> None:
    done = saved_plan.DoneSteps({"steps": []}, tmp_path)
    done.add([("pve1", "cluster", "a")])
    done.add([("pve1", "cluster", "b")])
    assert saved_plan.DoneSteps({"steps": []}, tmp_path).keys == {("pve1", "cluster", "a"), ("pve1", "cluster", "b")}
    assert not saved_plan.DoneSteps({"steps": [1]}, tmp_path).keys
