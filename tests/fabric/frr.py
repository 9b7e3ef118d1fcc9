"""A switch with a real FRR in a network namespace. Our modules ask and change it as they do on a real one."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import RemoveFile, Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Question
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform

from .spaces import in_space

_ETC = "/etc/frr"


class SpaceNode(Node):
    """A host that is a network namespace here."""

    def __init__(self, space: str, *programs: ModuleType) -> None:
        super().__init__(*programs)
        self.space = space
        self.environment = dict(os.environ)

    def words(self, argv: Sequence[str]) -> list[str]:
        return list(argv)

    def execute(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 600,
    ) -> Completed:
        done = subprocess.run(
            in_space(self.space, *self.words(argv)),
            input=stdin,
            capture_output=True,
            text=True,
            env={**self.environment, **(env or {})},
            timeout=timeout,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)


class FrrSwitch(SpaceNode):
    """``folder`` stands for ``/etc/frr``, and holds the sockets. ``programs``: where Debian's packages are unpacked."""

    def __init__(self, space: str, folder: Path, programs: Path) -> None:
        super().__init__(space)
        self.folder, self.programs = folder, programs
        folder.mkdir()
        (folder / "vtysh.conf").write_text("username root nopassword\n")
        (folder / "frr.conf").write_text("")
        libraries = [programs / "usr/lib/x86_64-linux-gnu", programs / "usr/lib/x86_64-linux-gnu/frr"]
        self.environment["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, libraries))

    def start(self) -> None:
        for program, more in (("zebra", ()), ("bgpd", ("-S",))):
            own = [str(self.folder / f"{program}.{ending}") for ending in ("pid", "log")]
            sockets = ["--vty_socket", str(self.folder), "-z", str(self.folder / "zserv.api")]
            options = ["-d", "-u", "root", "-g", "root", "-f", "/dev/null", "-i", own[0], "-P", "0", *more]
            command = [str(self.programs / "usr/lib/frr" / program), *options, *sockets, "--log", f"file:{own[1]}"]
            subprocess.run(in_space(self.space, *self._with_group(), *command), check=True, env=self.environment)
            _wait_for(self.folder / f"{program}.vty")

    def _with_group(self) -> list[str]:
        """FRR wants a group of its own for vtysh: here only its daemons see one."""
        groups = self.folder / "group"
        groups.write_text(Path("/etc/group").read_text() + "frrvty:x:64999:root\n")
        mount = f'mount --bind {groups} /etc/group && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", mount, "sh"]

    def words(self, argv: Sequence[str]) -> list[str]:
        found = [self._here(word) for word in argv]
        if found[0] == "vtysh":
            vtysh = str(self.programs / "usr/bin/vtysh")
            found[:1] = [vtysh, "--vty_socket", str(self.folder), "--config_dir", str(self.folder)]
        return found

    def look(self, question: Question) -> Any:
        return super().look(replace(question, argument=tuple(map(self._here, question.argument))))

    def act(self, step: Step) -> str:
        if isinstance(step.action, (WriteFile, RemoveFile)):
            step = replace(step, action=replace(step.action, path=self._here(step.action.path)))
        return perform(step, self)

    def say(self, *lines: str) -> None:
        """As somebody types it in by hand."""
        (self.folder / "typed").write_text("".join(f"{line}\n" for line in lines))
        done = self.execute(("vtysh", "-f", str(self.folder / "typed")))
        assert done.rc == 0, done

    def _here(self, text: str) -> str:
        return text.replace(_ETC, str(self.folder))


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never comes"
        time.sleep(0.1)
