# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of whoever runs a playbook, on the controller: where they lie, and how they are written."""

from __future__ import annotations

import os
from pathlib import Path

_OURS = "baremetal.virt"


def cache_folder() -> Path:
    """For what can be had again: without it, a run only knows less."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _OURS


def state_folder() -> Path:
    """For what is made once, and is to stay."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / _OURS


def write_text(path: Path, text: str) -> None:
    """Replace the file in one go; nobody but its owner may read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(draft, path)


def keep_text(path: Path, text: str) -> None:
    """The same in a folder of ours, which is made for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_text(path, text)
