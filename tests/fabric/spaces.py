"""Network namespaces by their names here."""

from __future__ import annotations

import re
import subprocess

PREFIX = "vfab-"


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def in_space(space: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", f"{PREFIX}{space}", *command]


def link(*words: str, space: str) -> str:
    return run("ip", "-n", f"{PREFIX}{space}", *words)


def remove_all() -> None:
    for name in re.findall(rf"^{PREFIX}\S+", run("ip", "netns", "list"), re.MULTILINE):
        run("ip", "netns", "del", name)
