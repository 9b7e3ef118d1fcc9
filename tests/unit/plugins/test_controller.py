"""Tasks that are carried out on the controller: by the HTTPS API of a real server, as root@pam or with a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Ticket
from ansible_collections.baremetal.virt.plugins.modules.access import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.access_info import INQUIRY
from ansible_collections.baremetal.virt.plugins.plugin_utils import controller
from ansible_collections.baremetal.virt.plugins.plugin_utils.api_access import Voucher
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_store import RunStore

from ...doubles.api_server import HASTY, ApiServer

pytestmark = pytest.mark.slow

VARIABLES: dict[str, Any] = {"inventory_hostname": "pve1", "hostvars": {"pve1": {"ansible_host": "127.0.0.1"}}}
ANN = {"id": "ann@pve", "password": "secret-of-ann"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    running = ApiServer(tmp_path_factory.mktemp("node"))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer) -> RunStore:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(controller, "Api", partial(Api, pauses=HASTY))
    return RunStore()


@pytest.fixture
def acting(server: ApiServer) -> Callable[..., Any]:
    def make(kind: Any, check: bool = False, bare: bool = False, **args: Any) -> Any:
        """``vouched``: how often the node was asked through ssh."""
        action = kind.__new__(kind)
        args = {**args, "api": {"port": server.port, **args.get("api", {})}}
        action._task = SimpleNamespace(
            delegate_to=None, check_mode=check, args=args, action="access", _uuid="1", async_val=0, diff=False
        )
        action._templar = SimpleNamespace(template=lambda text: text)
        action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        action._supports_async = True
        action.subject, action.inquiry, action.vouched = SUBJECT, INQUIRY, 0

        def voucher(task_vars: Mapping[str, Any]) -> Voucher:
            action.vouched += 1
            shown = {} if bare else {server.node: server.fingerprint}
            return Voucher(server.node, shown, server.ticket)

        action._voucher = voucher
        return action

    return make


def run(action: Any, **variables: Any) -> dict[str, Any]:
    result: dict[str, Any] = action.run(None, {**VARIABLES, **variables})
    return result


def test_changed_once_and_proved(acting: Callable[..., Any], server: ApiServer, store: RunStore) -> None:
    subject = controller.ControllerSubject
    planned = run(acting(subject, check=True, users=[ANN]))
    assert planned["plan"] == ["create the user ann@pve"]
    assert "ann@pve" not in {row["userid"] for row in server.api().get("/access/users")}
    done = run(acting(subject, users=[ANN]))
    assert done["changed"] is True
    assert [step["id"] for step in done["steps"]] == ["user.create:ann@pve"]
    assert run(acting(subject, users=[ANN]))["changed"] is False
    assert "secret-of-ann" not in repr((planned, done))
    assert store.asked


def test_whoever_declares_nothing_asks_nobody(acting: Callable[..., Any], store: RunStore) -> None:
    action = acting(controller.ControllerSubject, clean_leftovers=True)
    assert run(action)["changed"] is False
    assert action.vouched == 0
    assert not store.asked


def test_with_a_token_and_a_fingerprint_nobody_is_asked_through_ssh(
    acting: Callable[..., Any], tmp_path: Path, server: ApiServer
) -> None:
    said = {"tokens": [{"id": "root@pam!ci", "privsep": False, "file": str(tmp_path / "ci")}]}
    assert run(acting(controller.ControllerSubject, **said))["changed"] is True
    api = {
        "token_id": "root@pam!ci",
        "token_secret": (tmp_path / "ci").read_text(),
        "fingerprint": ":".join(server.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper(),
    }
    action = acting(controller.ControllerSubject, api=api, **said)
    assert run(action)["changed"] is False
    assert action.vouched == 0


def test_a_refusal_is_told_and_nothing_is_done(acting: Callable[..., Any], store: RunStore) -> None:
    said = {"users": [{"id": "root@pam", "enable": False}]}
    refused = run(acting(controller.ControllerSubject, **said))
    assert refused["failed"] is True
    assert "root@pam would be disabled" in refused["msg"]
    planned = run(acting(controller.ControllerSubject, check=True, **said), site_planning=True)
    assert planned["refusals"]
    assert store.notes()[0]["refusals"] == planned["refusals"]


def test_what_is_invalid_is_so_before_anybody_is_asked(acting: Callable[..., Any]) -> None:
    action = acting(controller.ControllerSubject, users=[{"id": "nobody"}])
    assert "NAME@REALM" in run(action)["msg"]
    assert action.vouched == 0
    half = acting(controller.ControllerSubject, users=[ANN], api={"token_id": "root@pam!ci"})
    assert "belong together" in run(half)["msg"]


def test_before_proxmox_ve_is_there_a_plan_is_made_and_nothing_else(acting: Callable[..., Any]) -> None:
    subject, ben = controller.ControllerSubject, {"id": "ben@pve"}
    assert run(acting(subject, check=True, bare=True, users=[ben]))["plan"] == ["create the user ben@pve"]
    assert "Nobody serves the API" in run(acting(subject, bare=True, users=[ben]))["msg"]


def test_a_reading_module(acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, server: ApiServer) -> None:
    found = run(acting(controller.ControllerInquiry))
    assert found["changed"] is False
    assert found["host"] == "pve1"
    assert found["release"] == 9
    monkeypatch.setattr(server, "ticket", Ticket("PVE:root@pam:0::nonsense", "x"))
    assert "401" in run(acting(controller.ControllerInquiry))["msg"]
    off = acting(controller.ControllerInquiry)
    off._task.args["may_be_off"] = True
    told = run(off)
    assert told["answered"] is False
    assert "401" in told["msg"]
    assert "failed" not in told
