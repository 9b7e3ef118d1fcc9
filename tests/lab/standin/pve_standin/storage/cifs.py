"""Type cifs: a share of an SMB server, mounted by the kernel.

It can be used on nodes with a kernel of their own, as the host's kernel may not know the file system.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.core.locks import file_lock
from pve_standin.storage import secrets
from pve_standin.storage.directory import DirectoryBackend
from pve_standin.storage.trees import Usage

CHECK_TIMEOUT = 10
MOUNT_TIMEOUT = 30
_REFUSED = re.compile(r"NT_STATUS_(ACCESS_DENIED|INVALID_PARAMETER|LOGON_FAILURE)")


class CifsBackend(DirectoryBackend):
    """An SMB share. Without a password kept for it, the server is met as a guest."""

    def on_add(self, secret: str | None) -> None:
        if secret is None:
            secrets.forget(self.name)
        else:
            secrets.keep(self.name, f"password={secret}")

    def on_update(self, secret: str | None) -> None:
        if secret is not None:
            self.on_add(secret)

    @property
    def _server(self) -> str:
        server = str(self.storage["server"])
        return f"[{server}]" if ":" in server else server

    @property
    def source(self) -> str:
        return f"//{self._server}/{self.storage['share']}{self.storage.get('subdir', '')}"

    @property
    def mounted(self) -> bool:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        return any(line.split()[4] == str(self.root) and " - cifs " in line for line in lines)

    def activate(self) -> None:
        self._check()
        with file_lock(Path(f"/run/lock/pve-standin-cifs-{self.name}.lock"), MOUNT_TIMEOUT):
            if not self.mounted:
                self.root.mkdir(parents=True, exist_ok=True)
                done = run(self.mount_command(), check=False)
                if done.returncode != 0:
                    raise ApiError(500, f"mount error: {done.stderr.strip()}", errno=done.returncode)
        self.make_folders()

    def _check(self) -> None:
        try:
            done = run(self.check_command(), timeout=CHECK_TIMEOUT, check=False)
        except subprocess.TimeoutExpired as error:
            raise ApiError(500, f"storage '{self.name}' is not online") from error
        if done.returncode != 0:
            if _REFUSED.search(done.stdout):
                said = done.stdout.strip()
                raise ApiError(500, f"connection check for storage '{self.name}' failed - {said}")
            raise ApiError(500, f"storage '{self.name}' is not online")

    def check_command(self) -> list[str]:
        command = ["/usr/bin/smbclient", f"//{self.storage['server']}/{self.storage['share']}", "-d", "0"]
        version = str(self.storage.get("smbversion", "default"))
        if version != "default":
            command += ["-m", f"smb{version[0]}"]
        kept = secrets.password_file(self.name)
        if kept.exists():
            command += ["-U", str(self.storage.get("username", "")), "-A", str(kept)]
            command += ["-W", self.storage["domain"]] if "domain" in self.storage else []
        else:
            command += ["-U", "Guest", "-N"]
        return [*command, "-c", "echo 1 0"]

    def mount_command(self) -> list[str]:
        command = ["/bin/mount", "-t", "cifs", self.source, str(self.root), "-o", "soft"]
        kept = secrets.password_file(self.name)
        if kept.exists():
            command += ["-o", f"username={self.storage.get('username', '')}", "-o", f"credentials={kept}"]
            command += ["-o", f"domain={self.storage['domain']}"] if "domain" in self.storage else []
        else:
            command += ["-o", "guest,username=guest"]
        command += ["-o", f"vers={self.storage.get('smbversion', 'default')}"]
        return command + (["-o", self.storage["options"]] if self.storage.get("options") else [])

    def usage(self) -> Usage | None:
        return super().usage() if self.mounted else None
