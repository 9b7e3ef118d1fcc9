"""The real apt of this machine in a directory of its own, and small signed repositories for it to read.

Nothing of the machine's own apt is read or written. Signatures are made with gpg, by the tools of the lab.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt import update
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from labtool import aptrepo
from labtool.signing import Signer

AT_HAND = all(shutil.which(program) for program in ("apt-get", "gpg"))


class RealApt:
    """apt-get with everything it reads and writes below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in (
            "etc/apt/sources.list.d",
            "etc/apt/apt.conf.d",
            "var/lib/apt/lists/partial",
            "var/lib/apt/periodic",
        ):
            (root / name).mkdir(parents=True)
        (root / "var/cache/apt/archives/partial").mkdir(parents=True)
        (root / "var/lib/dpkg").mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        config = {
            "Dir": root,
            "Dir::State::status": root / "var/lib/dpkg/status",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries::Delay": "false",
        }
        (root / "apt.conf").write_text("".join(f'{name} "{value}";\n' for name, value in config.items()))
        self.environment = {"APT_CONFIG": str(root / "apt.conf"), "http_proxy": "", "https_proxy": "", "no_proxy": "*"}

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (self.root / path.lstrip("/")).write_text(text)

    def targets(self) -> tuple[list[tuple[str, str, str]], str]:
        """What apt would fetch of packages, as (URI, suite, component), and what it has to say about the files."""
        form = "--format=$(ARCHITECTURE) $(REPO_URI) $(RELEASE) $(COMPONENT)"
        what = ["apt-get", "indextargets", "--no-release-info", form, "Created-By: Packages"]
        done = subprocess.run(
            what, capture_output=True, text=True, check=False, env={**os.environ, **self.environment, "LC_ALL": "C"}
        )
        assert done.returncode == 0, done.stderr
        found = [line.split() for line in done.stdout.splitlines()]
        targets = ((uri.rstrip("/"), suite, component) for kind, uri, suite, component in found if kind == "amd64")
        return sorted(targets), done.stderr

    def update(self, **changes: Any) -> str:
        """The collection's own step, here instead of on a node."""
        action = update()
        argv = tuple(word.replace("/var/lib/apt/", f"{self.root}/var/lib/apt/") for word in action.argv)
        here: Run = replace(action, argv=argv, env=tuple(self.environment.items()), **changes)
        return perform(Step("read the package lists (apt-get update)", here, "package.update", "packages"), Node())


def repository(root: Path, signer: Signer, codename: str = "trixie", suite: str = "stable") -> Path:
    """A signed repository without packages, but with two components; returns its folder in dists."""
    if root.exists():
        shutil.rmtree(root)
    aptrepo.write(root, aptrepo.Identity("Test", "Test", suite, codename), {"main": (), "contrib": ()}, signer)
    return root / "dists" / codename


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/enterprise/"):
            self.send_error(401, "Unauthorized")
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """The tests look at what apt says."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's content at a URL; below /enterprise everything is answered with 401."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
