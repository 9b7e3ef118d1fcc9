"""What only one guest can have, among all guests of the cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.modules.guest_container import SUBJECT as CONTAINER
from ansible_collections.baremetal.virt.plugins.modules.guest_info import INQUIRY

from ....doubles.guest_api import GuestApi, run

MAC = "BC:24:11:00:00:01"


def machine(vmid: int, **more: Any) -> dict[str, Any]:
    nets = [{"slot": "net0", "bridge": "vmbr0", "mac": f"BC:24:11:00:00:{vmid % 100:02}"}]
    disks = [{"slot": "scsi0", "storage": "vms", "size": "1M"}]
    return {"vmid": vmid, "name": f"m{vmid}", "disks": disks, "nets": nets, **more}


def addressed(ip: str) -> dict[str, Any]:
    return {"cloud_init": {"storage": "vms", "addresses": [{"ip": ip}]}}


def answer(api: GuestApi, inside: bool = False) -> dict[str, Any]:
    return dict(INQUIRY.answer(api, {"inside": inside}))


def test_a_machine_of_somebody_else_with_the_same_card(api: GuestApi) -> None:
    run(api, machine(1201))
    assert not answer(api)["not_ready"]
    api.call("POST", "/nodes/pve1/qemu", vmid=900, name="old", net0=f"e1000={MAC.lower()},bridge=vmbr9")
    told = answer(api)
    guests = [{"vmid": 900, "name": "old"}, {"vmid": 1201, "name": "m1201"}]
    assert told["duplicates"] == [{"what": "MAC address", "value": MAC, "guests": guests}]
    assert f"m1201 (1201) is not ready: it has the MAC address {MAC}, as has old (900)." in told["not_ready"]
    api.call("POST", "/nodes/pve1/qemu/900/template")
    assert not answer(api)["not_ready"]


def test_a_container_with_the_address_of_a_machine(api: GuestApi) -> None:
    run(api, machine(1201, **addressed("192.0.2.31/24")), machine(1202, **addressed("192.0.2.32/24")))
    container: dict[str, Any] = {
        "vmid": 1401,
        "name": "dns1",
        "os_template": "share:vztmpl/debian-13_amd64.tar.zst",
        "rootfs": {"storage": "vms", "size": "16M"},
        "nets": [{"slot": "net0", "bridge": "vmbr0", "ip": "192.0.2.31/25"}],
    }
    run(api, container, subject=CONTAINER)
    assert [(row["what"], row["value"]) for row in answer(api)["duplicates"]] == [("address", "192.0.2.31")]
    run(api, {**container, "nets": [{**container["nets"][0], "tag": 7}]}, subject=CONTAINER)
    assert not answer(api)["duplicates"], "in another network it is another address"


def test_copies_that_were_not_prepared(api: GuestApi, monkeypatch: pytest.MonkeyPatch) -> None:
    for vmid in (1201, 1202, 1203):
        run(api, machine(vmid, running=True, agent=True))
    run(api, machine(1204, running=True))
    asked = GuestApi.look
    files = {"machine-id": "0123456789abcdef\n", "ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA root@m{}\n"}

    def look(self: GuestApi, question: Question) -> Any:
        path, dummy, query = question.argument[0].partition("?file=")
        if not path.endswith("/agent/file-read"):
            return asked(self, question)
        if "/1203/" in path:
            raise Unreadable("QEMU guest agent is not running")
        if "/1202/" in path and query.endswith("machine-id"):
            raise Unreadable("Agent error: failed to open file '/etc/machine-id': No such file or directory")
        name = query.rpartition("%2F")[2]
        return {"content": files[name].format(path.split("/")[4])}

    monkeypatch.setattr(GuestApi, "look", look)
    told = answer(api, inside=True)
    assert [(row["what"], row["value"]) for row in told["duplicates"]] == [("SSH host key", "ssh-ed25519 AAAA")]
    assert told["not_known_inside"] == {"1203": "QEMU guest agent is not running", "1204": "it has no agent"}
