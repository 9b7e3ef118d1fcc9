"""Tickets and CSRF tokens: accepted while they are genuine and young, refused otherwise."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from pve_standin.core import paths, ticket


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public, www = (tmp_path / name for name in ("key", "pub", "www"))
    subprocess.run(["openssl", "genrsa", "-out", str(private), "2048"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "rsa", "-in", str(private), "-pubout", "-out", str(public)], check=True, capture_output=True
    )
    www.write_text("secret", encoding="ascii")
    for name, path in (("AUTH_KEY", private), ("AUTH_PUB", public), ("WWW_KEY", www)):
        monkeypatch.setattr(paths, name, path)


def test_a_ticket_names_its_user_and_has_the_recorded_length() -> None:
    made = ticket.assemble_ticket("root@pam")
    assert ticket.verify_ticket(made) == "root@pam"
    assert len(made) == 367


def test_a_changed_ticket_is_refused() -> None:
    made = ticket.assemble_ticket("root@pam")
    assert ticket.verify_ticket(made.replace("root@pam", "toor@pam")) is None
    assert ticket.verify_ticket(made[:-8] + "AAAAAA==") is None
    assert ticket.verify_ticket("PVE:nonsense") is None


def test_a_ticket_lives_for_two_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ticket.assemble_ticket("root@pam")
    later = time.time() + ticket.LIFETIME + 1
    monkeypatch.setattr(ticket.time, "time", lambda: later)
    assert ticket.verify_ticket(made) is None


def test_csrf_tokens_belong_to_one_user() -> None:
    token = ticket.assemble_csrf("root@pam")
    assert ticket.verify_csrf("root@pam", token)
    assert not ticket.verify_csrf("other@pam", token)
    assert not ticket.verify_csrf("root@pam", "garbage")
