"""One look at a node: each part for itself, and what cannot be told is said to be so."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.upgrade import PendingUpdate
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.certificate import Certificate
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import Unknown
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.service import WATCHED, Service
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian import upgrade
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import running as processes
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node import certificates, look, services
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.overview import parse_fill

from ....doubles.support import FakeNode, printed


class Frozen(FakeNode):
    """Nobody answers for /etc/pve."""

    def look(self, question: Question) -> object:
        if question.argument[0].startswith("/etc/pve"):
            raise Unreadable("/etc/pve did not answer within 11 seconds.")
        return super().look(question)


def test_what_hangs_keeps_nothing_else_from_telling() -> None:
    shown = "".join(f"Id={name}.service\nLoadState=loaded\nActiveState=active\n\n" for name in WATCHED)
    node = Frozen(
        files={"/proc/sys/kernel/hostname": "pve1\n", "/etc/corosync/corosync.conf": "totem {\n  version: 2\n}\n"},
        commands={services.ASK: printed(shown), ("ip", "-json", "address"): printed("[]")},
    )
    found = look.observe(node)
    assert found.guests == Unknown("/etc/pve did not answer within 11 seconds.")
    assert isinstance(found.config, object) and not isinstance(found.config, Unknown)
    assert found.services == tuple(Service(name, "active") for name in WATCHED)


def test_half_an_answer_is_unknown_and_says_so() -> None:
    node = FakeNode(files={"/proc/sys/kernel/hostname": "pve1", "/etc/pve/.vmlist": '{"ids": {"101": {}}}'})
    node.commands[("ip", "-json", "address")] = printed("[]")
    found = look.observe(node).guests
    assert isinstance(found, Unknown) and "unknown form" in found.why


def test_services_that_are_not_installed_are_left_out() -> None:
    text = "Id=corosync.service\nLoadState=loaded\nActiveState=failed\n\nId=chrony.service\nLoadState=not-found\n"
    assert list(services.parse_services(text)) == [Service("corosync", "failed")]


def test_certificates_and_which_of_them_is_shown() -> None:
    text = "subject=O = PVE, CN = pve1.example\nissuer=CN = Proxmox\nnotAfter=Nov  9 06:21:17 2028 GMT\n"
    path = "/etc/pve/nodes/pve1/pve-ssl.pem"
    node = FakeNode(
        files={"/proc/sys/kernel/hostname": "pve1\n", path: "..."},
        commands={certificates.ask(path): printed(text), ("ip", "-json", "address"): printed("[]")},
    )
    assert certificates.observe(node) == (
        Certificate(path, "O = PVE, CN = pve1.example", "CN = Proxmox", "2028-11-09T06:21:17Z", served=True),
    )


def test_updates_of_a_simulation() -> None:
    text = (
        "NOTE: This is only a simulation!\n"
        "Inst libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])\n"
        "Inst proxmox-kernel-6.14.11-3-pve-signed (6.14.11-3 Proxmox:13/stable [amd64])\n"
        "Conf libssl3t64 (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])\n"
    )
    assert list(upgrade.parse_simulation(text)) == [
        PendingUpdate("libssl3t64", "3.5.1-1", "3.5.4-1~deb13u1", security=True),
        PendingUpdate("proxmox-kernel-6.14.11-3-pve-signed", None, "6.14.11-3"),
    ]


def test_a_machine_runs_while_its_process_does() -> None:
    node = FakeNode(
        files={"/run/qemu-server/101.pid": "4711\n", "/run/qemu-server/102.pid": "4712\n", "/proc/4711/stat": ""},
        directories={"/proc/4711": ("root", "root", 0o555), "/sys/fs/cgroup/lxc/200": ("root", "root", 0o755)},
    )
    assert processes.observe(node) == {101, 200}


def test_how_full_storages_are() -> None:
    text = "pve-storage-9.0/pve1/local:1764000000:100:33\npve2-storage/pve2/local:1764000000:100:44\n"
    assert {name: (fill.total, fill.used) for name, fill in parse_fill(text, "pve1").items()} == {"local": (100, 33)}


def test_an_apt_that_fails_has_no_updates_to_tell() -> None:
    node = FakeNode(commands={upgrade.SIMULATE: Completed(100, "", "E: Unmet dependencies")})
    found = look.observe(node).updates
    assert isinstance(found, Unknown) and "Unmet dependencies" in found.why
