"""Questions to a real HTTPS server: who is asked, who asks, and what happens when it does not answer."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, NotRead, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import (
    CLUSTER,
    NODE,
    Question,
    Recorder,
    Replay,
)
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api import api as api_module
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import FreshTicket, Ticket, Token

from ....doubles.api_server import PATIENT, ApiServer
from ....doubles.support import FakeNode

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def token(running: ApiServer) -> Token:
    made = running.api().change("POST", "/access/users/root@pam/token/auto", {"privsep": False}, repeatable=False)
    return Token("root@pam!auto", made["value"])


def test_a_ticket_opens_it(server: ApiServer) -> None:
    assert server.api().get("/version")["version"] == "9.2.11"


def test_a_token_opens_it(server: ApiServer, token: Token) -> None:
    assert [user["userid"] for user in server.api(token).get("/access/users")] == ["root@pam"]


@pytest.mark.parametrize(
    "credential",
    [Token("root@pam!auto", "00000000-0000-4000-8000-000000000000"), Ticket("PVE:root@pam:6B0C914A::AAAA", "x")],
)
def test_who_is_not_known_is_told_so(server: ApiServer, token: Token, credential: object) -> None:
    with pytest.raises(Unreadable, match="does not tell /version: 401 Authentication failed[.]$"):
        server.api(credential).get("/version")  # type: ignore[arg-type]


def test_a_token_is_named_in_full() -> None:
    with pytest.raises(Invalid, match="'auto' names no API token"):
        Token("auto", "secret")


def test_a_query_selects(server: ApiServer) -> None:
    assert [one["storage"] for one in server.api().get("/storage?type=dir")] == ["local"]
    assert server.api().get("/storage?type=nfs") == []


def test_a_refusal_is_told_in_the_words_of_the_node(server: ApiServer) -> None:
    with pytest.raises(Unreadable, match="501 Method 'GET /nosuch' not implemented") as caught:
        server.api().get("/nosuch")
    assert caught.value.details["status"] == 501


def test_files_and_commands_are_no_questions_to_it(server: ApiServer) -> None:
    with pytest.raises(NotRead):
        server.api().read("/etc/hostname")


def test_an_address_of_ipv6_is_put_in_brackets(server: ApiServer) -> None:
    assert Api("fd00::11", server.fingerprint, lambda: server.ticket).url == "https://[fd00::11]:8006"


class Impostor(threading.Thread):
    """Has a certificate of its own, and keeps what it is told."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(daemon=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heard = b""

    def run(self) -> None:
        with self._socket, self._context.wrap_socket(self._socket.accept()[0], server_side=True) as caller:
            self.heard = caller.recv(4096)


def test_who_shows_another_certificate_is_told_nothing(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    impostor = Impostor(next(server.folder.glob("etc/pve/nodes/*/pve-ssl.pem")))
    impostor.start()
    api = Api("127.0.0.1", "AB" * 32, lambda: server.ticket, impostor.port)
    with pytest.raises(Unreadable, match="another certificate than /etc/pve has for it"):
        api.get("/version")
    impostor.join()
    assert impostor.heard == b""
    assert pauses == [], "no patience with that"


def test_nothing_in_the_environment_comes_in_between(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HTTPS_PROXY", "http://127.0.0.1:9"), ("REQUESTS_CA_BUNDLE", "/nonexistent")):
        monkeypatch.setenv(name, value)
    assert server.api().get("/version")["release"] == "9.2"


@pytest.mark.parametrize("fault", ["api-596", "api-cut-before", "api-cut-after"])
def test_what_passes_is_asked_again(server: ApiServer, fault: str) -> None:
    server.order(fault)
    assert server.api().get("/version")["release"] == "9.2"
    assert server.ordered == []


def test_what_does_not_pass_is_told_after_some_patience(server: ApiServer) -> None:
    server.order("api-596", "api-596", "api-596")
    with pytest.raises(Unreadable, match="596 Connection timed out"):
        server.api(pauses=(0.05,)).get("/version")
    assert server.ordered == ["api-596"]


def test_a_daemon_that_is_being_restarted_is_waited_for(server: ApiServer) -> None:
    api = server.api(pauses=PATIENT)
    assert api.get("/version")
    with server.restarting():
        assert api.get("/version")


def test_nobody_listens(server: ApiServer) -> None:
    with server.restarting(), pytest.raises(Unreadable, match="does not tell /version: connection refused"):
        server.api().get("/version")


def test_an_address_that_leads_nowhere_is_told_at_once(server: ApiServer) -> None:
    with pytest.raises(Unreadable, match="does not tell /version: ") as caught:
        Api("nosuch.invalid", server.fingerprint, lambda: server.ticket).get("/version")
    assert caught.value.details["reached"] is False


def test_many_questions_are_answered_in_their_order(server: ApiServer) -> None:
    version, users, storages = server.api().get_many(("/version", "/access/users", "/storage"))
    assert (version["release"], users[0]["userid"], storages[0]["storage"]) == ("9.2", "root@pam", "local")


def test_only_so_many_are_asked_at_once(server: ApiServer) -> None:
    api = server.api()
    guard, now, most = threading.Lock(), 0, 0

    def slow(question: Question) -> str:
        nonlocal now, most
        with guard:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with guard:
            now -= 1
        return question.argument[0]

    api.look = slow  # type: ignore[method-assign]
    paths = [f"/nodes/pve{number}/status" for number in range(20)]
    assert api.get_many(paths) == paths
    assert most == api_module.AT_ONCE


def test_the_answers_can_be_recorded_and_replayed(server: ApiServer) -> None:
    recorder = Recorder(server.api())
    asked = recorder.get_many(["/version", "/storage", "/version"])
    server.order("api-596", "api-596", "api-596")  # would fail if it were asked again
    assert recorder.get("/storage") == asked[1]
    replay = Replay(recorder.recording)
    assert replay.get_many(["/version", "/storage"]) == asked[:2]
    with pytest.raises(NotRead):
        replay.get("/access/users")


def test_a_recorder_without_the_cluster_asks_nothing_about_it() -> None:
    node = FakeNode()
    node.api = {"/version": {"version": "9.2.11"}, "/storage": []}
    recorder = Recorder(node, (NODE,))
    assert recorder.get("/version", NODE) == {"version": "9.2.11"}
    with pytest.raises(NotRead):
        recorder.get_many(["/storage"], CLUSTER)


def test_a_ticket_is_made_anew_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    first, second = Ticket("first", "x"), Ticket("second", "y")
    given = FreshTicket(first, lambda: second)
    clock[0] = 3599
    assert given() is first
    clock[0] = 3600
    assert given() is second
    clock[0] = 7100
    assert given() is second


def test_no_secret_is_shown(server: ApiServer, token: Token, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for credential in (token, server.ticket):
        api = server.api(credential)
        api.get("/version")
        with pytest.raises(Unreadable) as caught:
            api.get("/nosuch")
        shown = " ".join((caplog.text, repr(api), repr(vars(api)), repr(credential), repr(caught.value.as_result())))
        for secret in (token.secret, server.ticket.ticket, server.ticket.csrf_token):
            assert secret not in shown


def test_what_is_told_beside_the_data(server: ApiServer) -> None:
    path = f"/nodes/{server.node}/network"
    new = server.folder / "etc/network/interfaces.new"
    assert "changes" not in server.api().get_whole(path)
    new.parent.mkdir(parents=True, exist_ok=True)
    new.write_text("auto vmbr7\n", encoding="utf-8")
    told = server.api().get_whole(path)
    new.unlink()
    assert "+auto vmbr7" in told["changes"]
    assert told["data"] == server.api().get(path)
