"""Commands that run when the one who asked for them has got an answer."""

from __future__ import annotations

from pve_standin.core.exec import run


def systemctl(command: str, seconds: int) -> None:
    """A timer of systemd's, which outlives the service that sets it."""
    run(
        ["systemd-run", "--quiet", f"--on-active={seconds}", "--timer-property=AccuracySec=100ms", "systemctl", command]
    )
