"""The key the lab signs its repositories with: made once, kept in the shared cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .locks import locked
from .settings import CACHE
from .shell import run

IDENTITY = "baremetal.virt lab repositories (stand-in) <lab@lab.test>"


class Signer:
    """gpg with a home of its own; no agent is left behind."""

    def __init__(self, cache: Path = CACHE) -> None:
        self._home = cache / "gnupg"
        self._public = cache / "keyring.gpg"
        self._lock = cache / ".gnupg.lock"
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._lock):
            if not self._public.exists():
                self._generate()

    def _generate(self) -> None:
        self._gpg("--passphrase", "", "--quick-generate-key", IDENTITY, "rsa3072", "sign", "never")
        partial = self._public.with_suffix(".partial")
        self._gpg("--yes", "--output", str(partial), "--export")
        partial.replace(self._public)
        self._stop_agent()

    def _gpg(self, *arguments: str) -> None:
        run(["gpg", "--homedir", self._home, "--batch", "--quiet", "--pinentry-mode", "loopback", *arguments])

    def _stop_agent(self) -> None:
        run(["gpgconf", "--homedir", self._home, "--kill", "gpg-agent"])

    @property
    def keyring(self) -> bytes:
        """The public key in the binary form apt reads."""
        return self._public.read_bytes()

    @property
    def keyring_sha256(self) -> str:
        return hashlib.sha256(self.keyring).hexdigest()

    def sign(self, release: Path) -> None:
        """Write InRelease and Release.gpg beside a Release file."""
        with locked(self._lock):
            inline, detached = release.with_name("InRelease"), release.with_name("Release.gpg")
            self._gpg("--yes", "--clearsign", "--output", str(inline), str(release))
            self._gpg("--yes", "--armor", "--detach-sign", "--output", str(detached), str(release))
            self._stop_agent()
