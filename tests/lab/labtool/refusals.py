"""What the package server refuses, although it has it. The server reads this at every request."""

from __future__ import annotations

from pathlib import Path

from .settings import Lab


def refusal_file(lab: Lab) -> Path:
    return lab.state / "refused"


def refuse(lab: Lab, prefix: str) -> None:
    """From now on every path that starts so is answered with 401."""
    refusal_file(lab).write_text(f"{prefix}\n")


def allow(lab: Lab) -> None:
    refusal_file(lab).unlink(missing_ok=True)


def is_refused(file: Path, url_path: str) -> bool:
    return file.exists() and any(url_path.startswith(prefix) for prefix in file.read_text().split())
