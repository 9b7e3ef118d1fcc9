"""The inventory plugin of community.proxmox reads what our modules have made, by the file in inventories/."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.modules.guest_container import SUBJECT as CONTAINER
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT as MACHINE
from ansible_collections.baremetal.virt.tests.doubles.api_server import ApiServer
from ansible_collections.baremetal.virt.tests.doubles.guest_api import params

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "inventories/guests.proxmox.yml"
MARK = {"fleet": "os-2027", "owner": "stu01@pve", "machine": "vm"}
VM: dict[str, Any] = {
    "vmid": 1200,
    "name": "stu01-vm",
    "mark": MARK,
    "tags": ["fleet-os-2027", "web"],
    "disks": [{"slot": "scsi0", "storage": "vms", "size": "1M"}],
    "nets": [{"slot": "net0", "bridge": "vmbr0"}],
    "cloud_init": {"storage": "vms", "addresses": [{"ip": "10.20.0.10/24", "gw": "10.20.0.1"}]},
}
TEMPLATE: dict[str, Any] = {"vmid": 900, "name": "course-os", "template": "3", "disks": VM["disks"]}
DNS: dict[str, Any] = {
    "vmid": 1401,
    "name": "dns1",
    "os_template": "share:vztmpl/debian-13.tar.zst",
    "rootfs": {"storage": "vms", "size": "1M"},
    "nets": [{"slot": "net0", "bridge": "vmbr0", "ip": "10.20.0.20/24"}],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    running = ApiServer(tmp_path)
    stores = (("vms", "images,rootdir"), ("share", "vztmpl"))
    text = "".join(f"dir: {name}\n\tpath {tmp_path / name}\n\tcontent {kinds}\n" for name, kinds in stores)
    (tmp_path / "etc/pve/storage.cfg").write_text(text, encoding="utf-8")
    (tmp_path / "vms").mkdir()
    (tmp_path / "share/template/cache").mkdir(parents=True)
    (tmp_path / "share/template/cache/debian-13.tar.zst").write_bytes(bytes(1024))
    yield running
    running.stop()


def make(server: ApiServer, subject: Any, **said: Any) -> None:
    controller = Controller(server.api())
    converge(subject, params(subject, **said), controller, False, lambda step, where: where.act(step))


def inventory(server: ApiServer, folder: Path) -> dict[str, Any]:
    """As `ansible-inventory --list` tells it; the certificate of the stand-in names another host than 127.0.0.1."""
    file = folder / "guests.proxmox.yml"
    file.write_text(FILE.read_text(encoding="utf-8") + "validate_certs: false\n", encoding="utf-8")
    token = server.api().change("POST", "/access/users/root@pam/token/inventory", {"privsep": False}, False)
    told = {"URL": f"https://127.0.0.1:{server.port}", "USER": "root@pam", "TOKEN_ID": "inventory"}
    environment = {name: value for name, value in os.environ.items() if not name.endswith("CA_BUNDLE")}
    environment |= {f"PROXMOX_{name}": value for name, value in {**told, "TOKEN_SECRET": token["value"]}.items()}
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".cache/community")
    command = ["ansible-inventory", "--inventory", str(file), "--list"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plain(value: Any) -> Any:
    return value["__ansible_unsafe"] if isinstance(value, dict) else value


def test_guests_are_hosts_in_the_groups_of_their_fleet_owner_and_tags(server: ApiServer, tmp_path: Path) -> None:
    make(server, MACHINE, vms=[TEMPLATE, VM])
    make(server, CONTAINER, containers=[DNS])
    told = inventory(server, tmp_path)
    variables = told["_meta"]["hostvars"]
    assert set(variables) == {"stu01-vm", "dns1"}, "a template is no host"
    names = ("ansible_host", "guest_owner", "guest_fleet")
    assert [plain(variables["stu01-vm"][name]) for name in names] == ["10.20.0.10", "stu01@pve", "os-2027"]
    assert plain(variables["dns1"]["ansible_host"]) == "10.20.0.20"
    for group in ("fleet_os_2027", "owner_stu01_pve", "tag_web", "tag_fleet_os_2027"):
        assert told[group]["hosts"] == ["stu01-vm"], group
    assert told["fleet_none"]["hosts"] == ["dns1"]
