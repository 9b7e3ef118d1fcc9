"""Kubernetes' API over HTTPS: a server of our own, with a certificate of its own, that answers as is ordered."""

from __future__ import annotations

import hashlib
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Clear, Send, Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.transport.kube import kube as room
from ansible_collections.baremetal.virt.plugins.module_utils.transport.kube.kube import Kube

pytestmark = pytest.mark.slow

TOKEN = "a-token-that-nobody-sees"
HASTY = (0.01, 0.01)


class Server(ThreadingHTTPServer):
    """``answers``: (method, path) → (status, document) once each, the last one for ever. ``asked``: what came."""

    def __init__(self, folder: Path) -> None:
        key, self.certificate = folder / "key.pem", folder / "cert.pem"
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        given = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(self.certificate), "-days", "2"]
        subprocess.run(["openssl", "req", "-x509", *given, *names], check=True, capture_output=True)
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers: dict[tuple[str, str], list[tuple[int, Any]]] = {}
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate.read_text())).hexdigest()

    def kubeconfig(self, folder: Path, **cluster: Any) -> str:
        said = {"server": f"https://127.0.0.1:{self.server_address[1]}", **cluster}
        path = folder / "kubeconfig"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": said}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(yaml.safe_dump(document))
        return str(path)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.server.asked.append(
            (self.command, self.path, {key.title(): value for key, value in self.headers.items()}, body)
        )
        planned = self.server.answers.get(
            (self.command, self.path.partition("?")[0]), [(404, {"message": "not found"})]
        )
        status, document = planned.pop(0) if len(planned) > 1 else planned[0]
        sent = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def log_message(self, *given: Any) -> None:
        pass


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("kube"))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(running: Server) -> Server:
    running.answers.clear()
    running.asked.clear()
    return running


@pytest.fixture
def kube(server: Server, tmp_path: Path) -> Kube:
    return Kube(server.kubeconfig(tmp_path, **{"certificate-authority": str(server.certificate)}), "", "", HASTY)


def step(action: Any) -> Step:
    return Step("do it", action, "thing.do:it", "routes")


def test_a_question_is_asked_with_the_token_and_a_list_comes_in_pages(server: Server, kube: Kube) -> None:
    first = {"items": [{"a": 1}], "metadata": {"continue": "more"}}
    server.answers[("GET", "/api/v1/nodes")] = [(200, first), (200, {"items": [{"b": 2}], "metadata": {}})]
    assert kube.get("/api/v1/nodes")["items"] == [{"a": 1}, {"b": 2}]
    assert [path for dummy, path, *rest in server.asked] == [
        "/api/v1/nodes?limit=500",
        "/api/v1/nodes?limit=500&continue=more",
    ]
    assert server.asked[0][2]["Authorization"] == f"Bearer {TOKEN}"


def test_what_the_server_does_not_know_is_none(kube: Kube) -> None:
    assert kube.get("/apis/crd.projectcalico.org/v1/caliconodestatuses") is None


def test_what_passes_is_asked_again_and_what_does_not_is_told(server: Server, kube: Kube) -> None:
    server.answers[("GET", "/apis")] = [(503, {"message": "starting"}), (200, {"groups": []})]
    assert kube.get("/apis") == {"groups": []}
    server.answers[("GET", "/apis")] = [(403, {"message": "nodes is forbidden"})]
    with pytest.raises(Unreadable, match="403 nodes is forbidden") as error:
        kube.get("/apis")
    assert TOKEN not in str(error.value)


def test_of_secrets_only_names_are_asked(server: Server, kube: Kube) -> None:
    server.answers[("GET", "/api/v1/namespaces/kube-system/secrets")] = [(200, {"items": []})]
    kube.get("/api/v1/namespaces/kube-system/secrets?fieldSelector=metadata.name%3Dbgp")
    assert "PartialObjectMetadataList" in server.asked[0][2]["Accept"]


def test_a_review_of_rights_is_posted(server: Server, kube: Kube) -> None:
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    server.answers[("POST", path)] = [(201, {"status": {"allowed": True}})]
    assert kube.look(Question("api", (path, '{"spec": {}}')))["status"]["allowed"] is True


def test_a_merge_says_that_it_is_one(server: Server, kube: Kube) -> None:
    server.answers[("PATCH", "/api/v1/nodes/a")] = [(503, {}), (200, {})]
    kube.act(step(Send("PATCH", "/api/v1/nodes/a", '{"spec": {}}')))
    assert [one[2]["Content-Type"] for one in server.asked] == ["application/merge-patch+json"] * 2
    assert server.asked[1][3] == '{"spec": {}}'


def test_what_is_gone_is_removed_and_what_is_there_was_made_by_us_only_if_we_asked_before(
    server: Server, kube: Kube
) -> None:
    kube.act(step(Send("DELETE", "/apis/x/v1/peers/gone")))
    server.answers[("POST", "/apis/x/v1/peers")] = [(504, {}), (409, {"message": "exists"})]
    kube.act(step(Send("POST", "/apis/x/v1/peers", "{}")))
    with pytest.raises(StepFailed, match="do it failed: 409 exists"):
        kube.act(step(Send("POST", "/apis/x/v1/peers", "{}")))


def evictions(answer: Any) -> list[tuple[str, Send]]:
    return [(one, Send("POST", f"/evict/{one}", "{}")) for one in answer["items"]]


def test_a_pod_that_may_not_go_now_is_asked_again(server: Server, kube: Kube) -> None:
    server.answers[("GET", "/pods")] = [(200, {"items": ["a", "b"]}), (200, {"items": ["a"]}), (200, {"items": []})]
    server.answers[("POST", "/evict/a")] = [(429, {"message": "budget"}), (201, {})]
    kube.act(step(Clear(Question("api", ("/pods",)), evictions, timeout=5, interval=0.01)))
    assert [path for method, path, *rest in server.asked if method == "POST"] == ["/evict/a", "/evict/b", "/evict/a"]


def test_a_server_that_is_restarted_while_pods_go_is_asked_again(server: Server, kube: Kube) -> None:
    server.answers[("GET", "/pods")] = [(200, {"items": ["a"]}), (200, {"items": ["a"]}), (200, {"items": []})]
    server.answers[("POST", "/evict/a")] = [(503, {"message": "starting"}), (201, {})]
    kube.act(step(Clear(Question("api", ("/pods",)), evictions, timeout=5, interval=0.01)))
    assert [method for method, *rest in server.asked if method == "POST"] == ["POST", "POST"]


def test_what_does_not_go_in_time_is_told(server: Server, kube: Kube) -> None:
    server.answers[("GET", "/pods")] = [(200, {"items": ["a"]})]
    with pytest.raises(StepFailed, match="there still are a"):
        kube.act(step(Clear(Question("api", ("/pods",)), evictions, timeout=0.05, interval=0.01)))


def test_files_are_those_of_the_controller(kube: Kube, tmp_path: Path) -> None:
    kube.act(step(WriteFile(str(tmp_path / "kept.json"), "{}", mode=0o600)))
    assert (tmp_path / "kept.json").read_text() == "{}"


def test_nobody_is_spoken_to_who_is_not_verified(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = server.kubeconfig(tmp_path, **{"insecure-skip-tls-verify": True})
    with pytest.raises(Invalid, match="anybody could answer"):
        Kube(loose, "", "", HASTY)
    server.answers[("GET", "/apis")] = [(200, {"groups": []})]
    assert Kube(loose, "", server.fingerprint, HASTY).get("/apis") == {"groups": []}
    server.asked.clear()
    pauses: list[float] = []
    monkeypatch.setattr(f"{room.__name__}.time.sleep", pauses.append)
    with pytest.raises(Unreadable, match="another certificate than the one that was given"):
        Kube(loose, "", "00" * 32, HASTY).get("/apis")
    with pytest.raises(Unreadable, match="certificate"):
        Kube(server.kubeconfig(tmp_path), "", "", HASTY).get("/apis")
    assert not server.asked, "and nobody else gets the token"
    assert not pauses, "a certificate does not become another one"


@pytest.mark.parametrize("text", ["", "no: kubeconfig", "]["])
def test_what_is_no_kubeconfig_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(Invalid, match="no kubeconfig"):
        Kube(str(tmp_path / "config"), "", "", HASTY)


COLLECTIONS = Path(__file__).parents[4] / ".ansible" / "collections"
ASK = f"""
import sys
sys.path.insert(0, {str(COLLECTIONS)!r})
sys.modules["kubernetes"] = None
from {room.__name__} import Kube
from {room.__name__.partition(".transport.")[0]}.engine.errors import Unreadable
try:
    Kube("/nowhere", "", "")
except Unreadable as error:
    print(error.message, error.hint)
"""


def test_a_controller_without_the_library_is_told_what_to_install() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout
    assert told.rstrip().endswith("-m pip install kubernetes")


@pytest.fixture
def acting(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    from types import SimpleNamespace

    from ansible import constants
    from ansible_collections.baremetal.virt.plugins.modules import calico_bgp, calico_bgp_info

    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    path = server.kubeconfig(tmp_path, **{"certificate-authority": str(server.certificate)})

    def make(kind: Any, **args: Any) -> Any:
        action = kind.__new__(kind)
        args = {"kubeconfig": path, **args}
        action._task = SimpleNamespace(
            delegate_to=None, check_mode=False, args=args, action="calico_bgp", _uuid="1", async_val=0, diff=False
        )
        action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        action._supports_async = True
        action.subject, action.inquiry = calico_bgp.SUBJECT, calico_bgp_info.INQUIRY
        return action

    return make


def test_tasks_are_carried_out_here_and_told_as_others_are(server: Server, acting: Callable[..., Any]) -> None:
    from ansible_collections.baremetal.virt.plugins.plugin_utils.kube import KubeInquiry, KubeSubject

    from ....doubles.fabric_cases import declared

    server.answers[("GET", "/apis")] = [(200, {"groups": [{"name": "crd.projectcalico.org"}]})]
    variables = {"inventory_hostname": "localhost"}
    told = acting(KubeInquiry).run(None, variables)
    assert (told["changed"], told["mesh"], told["nodes"]) == (False, True, [])
    refused = acting(KubeSubject, fabric=declared(), backup_folder="/nowhere").run(None, variables)
    assert refused["failed"] and "no CalicoNodeStatus" in refused["msg"]
    wrong = acting(KubeSubject, fabric={**declared(), "asn": "0"}, backup_folder="/nowhere").run(None, variables)
    assert "0 is no AS number" in wrong["msg"]
    assert TOKEN not in repr((told, refused, wrong))
