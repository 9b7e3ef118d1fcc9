"""site_summary_info after a change: every web interface is tried from the controller, against a real HTTPS server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.action import site_summary_info
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.web import KnownNode, WebInterface
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster import web
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs.api_ticket import MARK, masked
from ansible_collections.baremetal.virt.plugins.plugin_utils import web_interfaces
from ansible_collections.baremetal.virt.plugins.plugin_utils.api_access import Voucher
from ansible_collections.baremetal.virt.plugins.plugin_utils.fast_path import InquiryAction
from ansible_collections.baremetal.virt.plugins.plugin_utils.web_interfaces import WebInterfaces

from ...doubles.api_server import HASTY, ApiServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    running = ApiServer(tmp_path_factory.mktemp("node"))
    yield running
    running.stop()


@pytest.fixture
def looking(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WebInterfaces]:
    """WebInterfaces with the server's port in place of 8006, and these certificates besides the server's own."""
    monkeypatch.setattr(web_interfaces, "Api", partial(Api, port=server.port, pauses=HASTY))

    def make(**certificates: str) -> WebInterfaces:
        voucher = Voucher(server.node, {server.node: server.fingerprint, **certificates}, server.ticket)
        return WebInterfaces(voucher, lambda: server.ticket, {"pve2": "127.0.0.1"})

    return make


def test_the_node_that_vouches(server: ApiServer, looking: Callable[..., WebInterfaces]) -> None:
    interfaces, guests = looking().look("127.0.0.1")
    assert interfaces == [WebInterface(server.node, f"https://127.0.0.1:{server.port}", "9.2.11")]
    assert guests is not None
    assert guests.total == 0


def test_the_others(server: ApiServer, looking: Callable[..., WebInterfaces], monkeypatch: pytest.MonkeyPatch) -> None:
    """At the address of the inventory, or else at their own; those that are off are left alone."""
    seen = web.observe(server.api())
    others = (
        KnownNode("pve2", "192.0.2.12", True),
        KnownNode("pve3", "127.0.0.1", True),
        KnownNode("pve4", "127.0.0.1", True),
        KnownNode("pve5", "127.0.0.1", False),
    )
    known = SimpleNamespace(nodes=(*seen.nodes, *others), guests=seen.guests)
    monkeypatch.setattr(web, "observe", lambda reader: known)
    found = {one.node: one for one in looking(pve2=server.fingerprint, pve3="00" * 32).look("127.0.0.1")[0]}
    url = f"https://127.0.0.1:{server.port}"
    assert found == {
        server.node: WebInterface(server.node, url, "9.2.11"),
        "pve2": WebInterface("pve2", url, "9.2.11"),
        "pve3": WebInterface(
            "pve3",
            url,
            problem=f"{url} does not tell /version: it shows another certificate than /etc/pve has for it.",
        ),
        "pve4": WebInterface("pve4", "", problem="/etc/pve has no certificate of it"),
    }


def test_nobody_answers(server: ApiServer, looking: Callable[..., WebInterfaces]) -> None:
    looking()
    voucher = Voucher("pve1", {"pve1": "00" * 32}, server.ticket)
    (one,), guests = WebInterfaces(voucher, lambda: server.ticket, {}).look("127.0.0.1")
    assert "another certificate" in one.problem
    assert guests is None


class Summary(site_summary_info.ActionModule):
    """On a controller without Ansible: what the node prints is given, with its secrets as they are before the mask."""

    def __init__(self, printed: dict[str, Any]) -> None:
        self._task = SimpleNamespace(delegate_to=None)
        self.printed = printed
        self.asked = 0

    def _run_python(self, program: str, task_vars: Mapping[str, Any], options: str = "") -> tuple[str, str]:
        self.asked += 1
        mask = bytes.fromhex(program.strip().splitlines()[-1].split("'")[1])
        secrets = masked("\n".join(self.printed.pop("secrets", ())).encode(), mask).hex()
        return MARK + json.dumps({"secrets": secrets, **self.printed}), ""


VARIABLES: dict[str, Any] = {"inventory_hostname": "pve1", "hostvars": {"pve1": {"ansible_host": "127.0.0.1"}}}
FROM_NODE = {"changed": False, "summary": {"cluster": "campus", "web interface": "https://10.10.2.11:8006"}}


@pytest.fixture(autouse=True)
def from_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InquiryAction, "_ask_node", lambda self, task_vars: dict(FROM_NODE))


def test_a_node_that_vouches_for_nobody_is_warned_of() -> None:
    told = Summary({"problem": "perl is broken"})._ask_node(VARIABLES)
    assert told["summary"] == FROM_NODE["summary"]
    assert told["warnings"] == ["The web interfaces were not tried: The node vouches for nobody: perl is broken."]


def test_where_there_is_no_proxmox_ve_no_web_interface_is_missed() -> None:
    assert Summary({"node": "pve1", "certificates": {}})._ask_node(VARIABLES) == FROM_NODE


def test_what_they_tell_takes_the_place_of_what_the_node_said(
    server: ApiServer, looking: Callable[..., WebInterfaces]
) -> None:
    looking()
    printed = {
        "node": server.node,
        "certificates": {server.node: server.fingerprint},
        "secrets": (server.ticket.ticket, server.ticket.csrf_token),
    }
    assert Summary(printed)._ask_node(VARIABLES)["summary"] == {
        "cluster": "campus",
        "web interface": f"https://127.0.0.1:{server.port}",
        "Proxmox VE": "9.2.11",
    }


def test_a_node_that_fails_is_not_asked_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InquiryAction, "_ask_node", lambda self, task_vars: {"failed": True, "msg": "no"})
    summary = Summary({})
    assert summary._ask_node(VARIABLES) == {"failed": True, "msg": "no"}
    assert summary.asked == 0
