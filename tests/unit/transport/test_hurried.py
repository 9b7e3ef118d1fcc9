"""Who hangs is not waited for, nor asked twice; and why there is no answer is kept."""

from __future__ import annotations

import errno
import threading
import time
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotRead, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import UNREAD, Question, Reader, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.transport import hurried
from ansible_collections.baremetal.virt.plugins.module_utils.transport.hurried import Hurried, read_in_a_hurry


class Hanging(Reader):
    """A node whose /etc/pve is frozen, and whose systemctl is ended at its deadline."""

    def __init__(self, patience: float = 0) -> None:
        self.asked: list[str] = []
        self.thaw = threading.Event()

    def look(self, question: Question) -> Any:
        self.asked.append(question.argument[0])
        if question.argument[0].startswith("/etc/pve/"):
            self.thaw.wait(60)
        if question.argument[0] == "broken":
            raise Unreadable("It is broken.")
        if question.argument[0] == "gone":
            raise OSError(errno.EIO, "Input/output error")
        return [124, "", ""] if question.argument[0] in ("systemctl", "ask_ceph") else [0, "fine", ""]


def test_a_file_system_that_hangs_is_asked_once() -> None:
    node = Hanging()
    reader = Hurried(node, patience=1)
    began = time.monotonic()
    with pytest.raises(Unreadable, match="/etc/pve did not answer within"):
        reader.read("/etc/pve/corosync.conf")
    with pytest.raises(Unreadable, match="not asked again"):
        reader.read("/etc/pve/storage.cfg")
    assert time.monotonic() - began < 30 and node.asked == ["/etc/pve/corosync.conf"]
    assert reader.run("uptime").stdout == "fine"
    node.thaw.set()


def test_a_command_that_was_ended_has_not_answered() -> None:
    node = Hanging()
    reader = Hurried(node, patience=1)
    for _time in range(2):
        with pytest.raises(Unreadable):
            reader.run("systemctl", "is-active", "corosync")
    assert node.asked == ["systemctl"]


def test_a_program_that_cannot_even_be_started_is_not_waited_for() -> None:
    reader = Hurried(Hanging(), patience=50)
    began = time.monotonic()
    for _time in range(2):
        with pytest.raises(Unreadable, match="gone cannot be asked: .*Input/output error"):
            reader.run("gone")
    assert time.monotonic() - began < 30


def test_a_program_of_ours_that_was_ended_has_said_so() -> None:
    node = Hanging()
    reader = Hurried(node, patience=1)
    first, second = (reader.program("ask_ceph", word) for word in ("cluster", "data"))
    assert (first.rc, second.rc, node.asked) == (124, 124, ["ask_ceph"])


def test_all_questions_together_have_an_end() -> None:
    reader = Hurried(Hanging(), patience=50, whole=0.05)
    began = time.monotonic()
    for path in ("/etc/pve/a", "/etc/pve/b"):
        with pytest.raises(Unreadable):
            reader.read(path)
    assert time.monotonic() - began < 30


def test_who_was_not_asked_any_more_is_not_called_silent() -> None:
    node = Hanging()
    reader = Hurried(node, whole=0)
    with pytest.raises(Unreadable, match="no time left to ask uptime"):
        reader.run("uptime")
    assert node.asked == []


def test_the_recording_tells_why_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hurried, "Node", Hanging)
    monkeypatch.setattr(hurried, "PATIENCE", 0.05)

    def stumbles(reader: Reader) -> None:
        raise ValueError(reader.run("uptime").stdout)

    def fails(reader: Reader) -> None:
        reader.run("broken")

    recording = read_in_a_hurry([stumbles, fails])
    replay = Replay(recording)
    assert replay.run("uptime").stdout == "fine"
    with pytest.raises(Unreadable, match="It is broken"):
        replay.run("broken")
    with pytest.raises(NotRead):
        replay.run("never asked")
    assert len(recording[UNREAD]) == 1
