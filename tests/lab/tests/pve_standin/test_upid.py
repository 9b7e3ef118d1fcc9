"""Task ids."""

from __future__ import annotations

import os

import pytest
from pve_standin.core import upid
from pve_standin.core.errors import ApiError

RECORDED = "UPID:pve2:000000C0:0007BD78:6B013D85:clusterjoin::root@pam:"


def test_a_recorded_id_survives_parsing() -> None:
    task = upid.parse(RECORDED)
    assert (task.node, task.pid, task.starttime, task.type, task.id) == ("pve2", 0xC0, 0x6B013D85, "clusterjoin", "")
    assert str(task) == RECORDED


@pytest.mark.parametrize("text", ["", "UPID:x", RECORDED[:-1], RECORDED + "x"])
def test_other_text_is_no_id(text: str) -> None:
    assert not upid.is_upid(text)
    with pytest.raises(ApiError):
        upid.parse(text)


def test_a_process_is_known_by_its_start_too() -> None:
    pid = os.getpid()
    task = upid.Upid("n", pid, upid.process_start(pid), 0, "t", "", "root@pam")
    assert upid.running(task)
    assert not upid.running(upid.Upid("n", pid, task.pstart + 1, 0, "t", "", "root@pam"))
