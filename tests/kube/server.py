"""A real API server of Kubernetes with a real etcd, on this machine alone. Nothing else of a cluster runs."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

TOKEN = "a-token-of-this-test"


class ApiServer:
    """``programs``: the folder that programs.sh has filled."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.port = _free_port()
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        client, peer = (f"http://127.0.0.1:{_free_port()}" for _number in range(2))
        self._begin(
            "etcd",
            *(str(self.programs / "usr/bin/etcd"), f"--data-dir={self.folder / 'data'}", "--unsafe-no-fsync"),
            *(f"--listen-client-urls={client}", f"--advertise-client-urls={client}"),
            *(
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
            ),
        )
        key, tokens = self.folder / "sa.key", self.folder / "tokens.csv"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        tokens.write_text(f"{TOKEN},admin,admin,system:masters\n")
        self._begin(
            "kube-apiserver",
            *(str(self.programs / "kube-apiserver"), f"--etcd-servers={client}", f"--secure-port={self.port}"),
            *("--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--cert-dir={self.folder / 'certs'}"),
            *(f"--token-auth-file={tokens}", "--authorization-mode=RBAC", "--service-account-issuer=https://test"),
            *(f"--service-account-signing-key-file={key}", f"--service-account-key-file={key}"),
            *("--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.233.0.0/18"),
        )
        self._wait()

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(timeout=60)

    def kubeconfig(self) -> str:
        path = self.folder / "kubeconfig"
        authority = str(self.folder / "certs/apiserver.crt")
        cluster = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": authority}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(yaml.safe_dump(document))
        return str(path)

    def _begin(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def _wait(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.port}/readyz", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(request, timeout=5, context=context):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        raise AssertionError((self.folder / "kube-apiserver.log").read_text()[-3000:])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
