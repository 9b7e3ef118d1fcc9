"""A class whose playbooks Ansible itself runs against the API of the stand-in, with a token and without a login."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .api_server import ApiServer

ROOT = Path(__file__).resolve().parents[2]
FLEET: dict[str, Any] = {
    "id": "os",
    "per_owner": [
        {
            "name": "vm",
            "running": True,
            "cloud_init": False,
            "disks": [{"slot": "scsi0", "storage": "vms", "size": "1M"}],
            "snapshots": [{"name": "clean"}],
        }
    ],
    "ids": {"first": 1200, "count": 100},
    "network": {"bridge": "vmbr0"},
    "quota": {"cores": 1, "disk": "1M"},
    "expires": "2099-02-28",
    "zone": "Europe/Berlin",
    "release": {"backup_to": "backups", "stop_timeout": 5},
}


class School:
    """One node, a table of owners as a spreadsheet writes it, and the playbooks. ``more``: other variables."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder, self.server = folder, ApiServer(folder / "node")
        node = self.server.folder
        kinds = {"vms": "images", "backups": "backup"}
        text = "".join(f"dir: {name}\n\tpath {node / name}\n\tcontent {kind}\n\n" for name, kind in kinds.items())
        (node / "etc/pve/storage.cfg").write_text(text, encoding="utf-8")
        self.table = folder / "class.csv"
        self.table.write_bytes("\ufefflogin;name\r\nstu01;Müller, A.\r\nstu02;Li\r\n".encode())
        made = self.server.api().change("POST", "/access/users/root@pam/token/run", {"privsep": 0}, False)
        self.secret = made["value"]
        api: dict[str, Any] = {"port": self.server.port, "fingerprint": self.server.fingerprint}
        api.update(token_id="root@pam!run", token_secret=self.secret)
        self.fleet = {**FLEET, "owners": str(self.table)}
        host = {"ansible_connection": "local", "ansible_host": "127.0.0.1"}
        variables = {"guest_fleets": [self.fleet], "guest_fleets_api": api, "access_api": api, **more}
        said = {"hosts": {self.server.node: host}, "vars": variables}
        (folder / "hosts.json").write_text(json.dumps({"proxmox": said}), encoding="utf-8")

    def play(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        command, environment = self._command(name, *words)
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert self.secret not in done.stdout + done.stderr
        assert not self.logs_with(self.secret)
        return done

    def logs_with(self, secret: str) -> list[str]:
        """Of tasks, and of all else that the node has noted."""
        files = [path for path in (self.server.folder / "var/log").rglob("*") if path.is_file()]
        return [str(path) for path in files if secret.encode() in path.read_bytes()]

    def killed(self, after: int, name: str, *words: str) -> bool:
        """SIGKILL to a run when so many changes are done and the last of them was not answered; False if it ended."""
        self.server.order(*["api-change"] * (after - 1), "api-halt")
        command, environment = self._command(name, *words)
        with subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as run:
            while self.server.ordered and run.poll() is None:
                time.sleep(0.05)
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
        ended = bool(self.server.ordered)
        self.server.order()
        return not ended

    def keep(self, folder: Path) -> None:
        """All that there is."""
        shutil.copytree(self.server.folder, folder, symlinks=True)

    def put_back(self, folder: Path) -> None:
        """All that there was."""
        self.server.stop()
        shutil.rmtree(self.server.folder)
        shutil.copytree(folder, self.server.folder, symlinks=True)
        self.server.start()

    def _command(self, name: str, *words: str) -> tuple[list[str], dict[str, str]]:
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections"),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        }
        program = Path(sys.executable).with_name("ansible-playbook")
        return [str(program), "-i", f"{self.folder}/hosts.json", str(ROOT / "playbooks" / name), *words], environment
