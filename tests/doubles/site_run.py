"""A folder with hosts and a playbook that is run with the collection's callback, as its users run it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class SiteRun:
    """``hosts``: how many; each of them is this machine."""

    def __init__(self, folder: Path, play: str, hosts: int = 3) -> None:
        self.folder = folder
        (folder / "play.yml").write_text(play)
        (folder / "hosts").write_text("".join(f"pve{n} ansible_connection=local\n" for n in range(1, hosts + 1)))
        (folder / "ansible.cfg").write_text("")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ANSIBLE_STDOUT_CALLBACK": "baremetal.virt.site",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections"),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "TERM": "xterm-256color",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def command(self, *arguments: str) -> list[str]:
        playbook = str(Path(sys.executable).with_name("ansible-playbook"))
        return [playbook, "-i", str(self.folder / "hosts"), str(self.folder / "play.yml"), *arguments]
