"""storage: each type is created, changed, disabled, recreated and removed; its secrets are kept."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import secret_path
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.values import parameter_name

from .storage_support import Cluster, commands, converged, plan_of

KEY = '{"kdf": null, "data": "c2VjcmV0"}'
PEM = "-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----"
#: Type → (a storage of it with every secret, an option that changes in place)
STORAGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dir": ({"path": "/srv/d1"}, {"shared": True}),
    "btrfs": ({"path": "/srv/b1"}, {"nocow": True}),
    "esxi": (
        {"server": "192.0.2.9", "username": "root", "password": "s3cret"},
        {"skip_cert_verification": True},
    ),
    "nfs": ({"server": "10.10.2.11", "export": "/srv/share"}, {"options": "vers=4.2"}),
    "cephfs": ({"monhost": ["10.0.0.1"], "keyring": "QVFB"}, {"fuse": True}),
    "rbd": ({"pool": "vms", "monhost": ["10.0.0.1"], "keyring": "[client.x]\nkey = QVFB"}, {"krbd": True}),
    "lvm": ({"vgname": "vg", "base": "lun:0.0.0.scsi-1"}, {"saferemove": True}),
    "lvmthin": ({"vgname": "vg", "thinpool": "data"}, {"bwlimit": {"default": 1000}}),
    "zfspool": ({"pool": "tank/vm"}, {"sparse": True}),
    "iscsi": ({"portal": "192.0.2.8", "target": "iqn.2026-01.test:a"}, {"bwlimit": {"default": 1000}}),
    "cifs": ({"server": "192.0.2.7", "share": "s", "username": "u", "password": "s3cret"}, {"smbversion": "3.11"}),
    "pbs": (
        {
            "server": "192.0.2.5",
            "datastore": "main",
            "username": "backup@pbs",
            "password": "s3cret",
            "encryption_key": KEY,
            "master_pubkey": PEM,
        },
        {"port": 8008},
    ),
}
FIXED = [(kind, option) for kind, known in TYPES.items() for option in sorted(known.fixed)]
SECRETS = [(kind, secret) for kind, known in TYPES.items() for secret in sorted(known.secrets)]
OTHER_VALUES = {
    "password": "0ther",
    "keyring": "QVFC",
    "encryption-key": KEY.replace("0", "1"),
    "master-pubkey": PEM[::-1],
}


def storage(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": "s1", "type": kind, **STORAGES[kind][0], **more}


def test_the_table_is_complete() -> None:
    assert set(STORAGES) == set(TYPES)
    given = {kind: set(definition) for kind, (definition, _change) in STORAGES.items()}
    assert all(parameter_name(secret) in given[kind] for kind, secret in SECRETS)


@pytest.mark.parametrize("kind", STORAGES)
def test_created_once(kind: str) -> None:
    first, *rest = commands(plan_of(Cluster(), storage(kind)))
    assert first.startswith(f"add {kind} s1 ") and all(command.startswith("set s1 --") for command in rest)
    assert commands(plan_of(converged(storage(kind)), storage(kind))) == []


@pytest.mark.parametrize("kind", STORAGES)
def test_changed_in_place(kind: str) -> None:
    node = converged(storage(kind))
    (command,) = commands(plan_of(node, storage(kind, **STORAGES[kind][1])))
    assert command.startswith("set s1 --") and "/dev/stdin" not in command


@pytest.mark.parametrize("kind", STORAGES)
def test_disabled_and_enabled_again(kind: str) -> None:
    assert commands(plan_of(converged(storage(kind)), storage(kind, disable=True))) == ["set s1 --disable 1"]
    assert commands(plan_of(converged(storage(kind, disable=True)), storage(kind))) == ["set s1 --delete disable"]


@pytest.mark.parametrize("kind", STORAGES)
def test_given_to_some_nodes_and_to_all_again(kind: str) -> None:
    some = storage(kind, nodes=["pve2", "pve1"])
    assert commands(plan_of(converged(storage(kind)), some)) == ["set s1 --nodes pve1,pve2"]
    assert commands(plan_of(converged(some), storage(kind, nodes=["pve1", "pve2"]))) == []
    assert commands(plan_of(converged(some), storage(kind))) == []
    assert commands(plan_of(converged(some), storage(kind, nodes=[]))) == ["set s1 --delete nodes"]


@pytest.mark.parametrize("kind", STORAGES)
def test_removed(kind: str) -> None:
    gone = {"id": "s1", "type": kind, "state": "absent", "discard_encryption_key": True}
    node = converged(storage(kind))
    assert commands(plan_of(node, gone)) == ["remove s1"]
    assert commands(plan_of(Cluster(), gone)) == []


@pytest.mark.parametrize(("kind", "option"), FIXED)
def test_a_fixed_option_is_refused_or_the_entry_recreated(kind: str, option: str) -> None:
    value = "san:other" if option == "base" else {"flag": True, "path": "/srv/other"}.get(OPTIONS[option].kind, "other")
    other = storage(kind, **{parameter_name(option): value})
    node = converged(storage(kind))
    (refusal,) = plan_of(node, other).refusals[:1]
    assert option in refusal.reason and "recreate: true" in refusal.hint
    again = commands(plan_of(node, {**other, "recreate": True, "discard_encryption_key": True}))
    assert again[0] == "remove s1" and again[1].startswith(f"add {kind} s1 ")


@pytest.mark.parametrize(("kind", "secret"), SECRETS)
def test_a_secret_is_stored_only_when_it_is_another_one(kind: str, secret: str) -> None:
    node = converged(storage(kind))
    stored = node.files[secret_path("s1", kind, secret)]
    other = storage(kind, **{parameter_name(secret): OTHER_VALUES[secret]})
    plan = plan_of(node, other)
    assert [step.id for step in plan.steps] == [f"{secret}.store:s1"]
    assert OTHER_VALUES[secret] not in " ".join([*commands(plan), str(plan.before), str(plan.after), repr(plan.steps)])
    unspoken = {name: value for name, value in storage(kind).items() if name != parameter_name(secret)}
    assert commands(plan_of(node, unspoken)) == []
    assert node.files[secret_path("s1", kind, secret)] == stored


def test_a_key_made_by_itself_is_made_once() -> None:
    node = converged(storage("pbs", encryption_key="autogen"))
    path = secret_path("s1", "pbs", "encryption-key")
    made = node.files[path]
    assert commands(plan_of(node, storage("pbs", encryption_key="autogen"))) == []
    changed = plan_of(node, storage("pbs", encryption_key="autogen", port=8008, password="0ther"))
    assert all("encryption-key" not in command for command in commands(changed))
    assert node.files[path] == made
