"""nfs_server: tables of (desired, observed) → plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs_server import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs_server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.module import make_plan
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ..support import FakeNode, assert_converges_from_every_kill, printed

DPKG = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
ENABLED = ("systemctl", "is-enabled", "nfs-server.service")
ACTIVE = ("systemctl", "is-active", "nfs-server.service")


def params(**changes: Any) -> dict[str, Any]:
    clients = [{"host": "10.10.2.0/24", "options": None}]
    export = {"path": "/srv/share", "owner": "root", "group": "root", "mode": "0755", "clients": clients}
    return {"exports": [{**export, **changes}], "allow_any_client": False}


def fresh() -> FakeNode:
    def install(node: FakeNode) -> None:
        node.commands[DPKG] = printed("nfs-kernel-server\t1:2.8.3-1\tinstalled\n")

    def start(node: FakeNode) -> None:
        node.commands.update({ENABLED: printed("enabled\n"), ACTIVE: printed("active\n")})

    def export(node: FakeNode) -> None:
        node.files["/var/lib/nfs/etab"] = "/srv/share\t10.10.2.0/24(rw,sync)\n"

    effects = {("apt-get",): install, ("systemctl", "enable"): start, ("exportfs", "-ra"): export}
    return FakeNode(commands={DPKG: printed("bash\t5.2\tinstalled\n")}, effects=effects)


def test_first_run_says_everything_it_will_do() -> None:
    assert make_plan(SUBJECT, params(), fresh()).sentences == [
        "install nfs-kernel-server",
        "make the directory /srv/share (root:root, 0755)",
        f"write {EXPORTS_FILE}",
        "enable and start nfs-server",
        "hand the exports to the running server (exportfs -ra)",
    ]


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(), fresh) == 6


@pytest.mark.parametrize("host", ["*", "0.0.0.0/0", "::/0"])
def test_an_export_to_everybody_is_refused(host: str) -> None:
    plan = make_plan(SUBJECT, params(clients=[{"host": host, "options": None}]), fresh())
    assert "everybody" in plan.refusals[0].reason


def test_a_path_exported_elsewhere_is_refused() -> None:
    node = fresh()
    node.files["/etc/exports"] = "/srv/share *(ro)\n"
    assert "already exported" in make_plan(SUBJECT, params(), node).refusals[0].reason


def test_a_file_in_the_way_is_refused() -> None:
    node = fresh()
    node.files["/srv/share"] = "precious"
    assert "is a file" in make_plan(SUBJECT, params(), node).refusals[0].reason


@pytest.mark.parametrize("path", ["srv/share", "/srv/share/"])
def test_a_path_that_is_not_absolute_is_invalid(path: str) -> None:
    with pytest.raises(Invalid, match="absolute path"):
        desired_from(params(path=path))
