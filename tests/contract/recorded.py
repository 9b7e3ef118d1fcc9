"""What a real Proxmox VE answered: one file in tests/transcripts for each command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    rc: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Transcript:
    """A command with its answer. `name` is the file's, and starts with the number in the recorded order."""

    name: str
    cmd: tuple[str, ...]
    node: str
    state: str
    stdin: str | None
    answer: Answer

    @property
    def number(self) -> str:
        return self.name.partition("-")[0]


def read(path: Path) -> Transcript:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Transcript(
        name=path.stem,
        cmd=tuple(content["cmd"]),
        node=content["node"],
        state=content["state"],
        stdin=content["stdin"],
        answer=Answer(content["rc"], content["stdout"], content["stderr"]),
    )


def load(folder: Path = FOLDER) -> dict[str, Transcript]:
    """Every transcript by name, in the recorded order."""
    return {path.stem: read(path) for path in sorted(folder.glob("[0-9]*.json"))}
