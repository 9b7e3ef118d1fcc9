"""The lab's stand-in for the HTTPS API of a node, on 127.0.0.1: another process, with a certificate of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Credential, Ticket

LOOPBACK = Path(__file__).parents[1] / "lab" / "standin" / "loopback.py"
PATIENT = (0.2,) * 40
HASTY = (0.05,)


class ApiServer:
    """``node``: how it calls itself. ``fingerprint``: of its certificate. ``ticket``: of root@pam."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(LOOPBACK), str(self.folder), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.port, self.node, self.fingerprint = told["port"], told["node"], told["fingerprint"]
        self.ticket = Ticket(told["ticket"], told["csrf_token"])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @contextmanager
    def restarting(self, after: float = 0.5) -> Iterator[None]:
        """Nobody listens at first."""
        self.stop()
        starting = threading.Timer(after, self.start)
        starting.start()
        try:
            yield
        finally:
            starting.join()

    def order(self, *faults: str) -> None:
        """Faults that happen once, as ``lab fault`` orders them of a node."""
        (self.folder / "faults.json").write_text(json.dumps(faults), encoding="utf-8")

    @property
    def ordered(self) -> list[str]:
        """Those that have not happened yet."""
        left: list[str] = json.loads((self.folder / "faults.json").read_text(encoding="utf-8"))
        return left

    def api(
        self, credential: Optional[Credential] = None, pauses: Sequence[float] = HASTY, fingerprint: str = ""
    ) -> Api:
        shown = credential or self.ticket
        return Api("127.0.0.1", fingerprint or self.fingerprint, lambda: shown, self.port, pauses)

    def lock(self, name: str) -> Path:
        """Take a lock of the cluster's file system; remove the folder to give it back."""
        taken = self.folder / "etc/pve/priv/lock" / name
        taken.mkdir(parents=True)
        return taken


def api_transcript(name: str) -> dict[str, Any]:
    """A call of the API of a real Proxmox VE; ``name`` is a file in tests/transcripts/api without its ending."""
    recorded: dict[str, Any] = json.loads(
        (Path(__file__).parents[1] / "transcripts" / "api" / f"{name}.json").read_text(encoding="utf-8")
    )
    return recorded
