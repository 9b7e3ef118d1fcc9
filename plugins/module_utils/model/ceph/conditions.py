# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is waited for in Ceph, each as a question and what its answer has to be."""

from __future__ import annotations

from typing import Literal

from ...engine.condition import EVERY, Condition
from ...engine.reader import Question, command
from .placement_group import SETTLING

CEPH = ("ceph", "--connect-timeout", "10")

Kind = Literal["mon", "mgr", "mds"]


def asked(*words: str) -> Question:
    """The question what Ceph's own command answers."""
    return command(*CEPH, "-f", "json", *words)


#: Every placement group has all its copies, where they belong; it may be scrubbed meanwhile.
WHOLE = (
    Condition(asked("pg", "stat"), ("pg_ready",), "is", True),
    Condition(asked("pg", "stat"), ("pg_summary", "num_pg_by_state", EVERY, "name"), "each begins", "active+clean"),
)
#: No placement group is about to find its OSDs.
SETTLED = (
    Condition(asked("pg", "ls", *SETTLING), ("pg_ready",), "is", True),
    Condition(asked("pg", "ls", *SETTLING), (), "lacks", "pg_stats"),
)


def osd_is_up(number: int) -> Condition:
    return Condition(asked("osd", "info", str(number)), ("up",), "is", 1)


def osd_is_down(number: int) -> Condition:
    return Condition(asked("osd", "info", str(number)), ("up",), "is", 0)


def osd_is_gone(number: int) -> Condition:
    return Condition(asked("osd", "ls"), (), "lacks", number)


def osd_is_empty(number: int) -> Condition:
    """Ceph calls it safe to destroy. Of one that it does not know it says so, too: it has to name it."""
    return Condition(asked("osd", "safe-to-destroy", str(number)), ("safe_to_destroy",), "is", [number])


def osd_may_stop(number: int) -> Condition:
    """Placement groups that find each other anew are no lasting reason for Ceph to say no, or not to know."""
    return Condition(asked("osd", "ok-to-stop", str(number)), (), "succeeds")


#: A metadata server waits to be given a file system.
MDS_STANDS_BY = Condition(asked("fs", "dump"), ("standbys",), "some")


def filesystem_is_served(name: str) -> Condition:
    return Condition(asked("fs", "get", name), ("mdsmap", "info", EVERY, "state"), "has", "up:active")


def mon_votes(name: str) -> Condition:
    return Condition(asked("quorum_status"), ("quorum_names",), "has", name)


def mon_may_go(name: str) -> Condition:
    """A monitor that has just come makes Ceph say no for a moment."""
    return Condition(asked("mon", "ok-to-rm", name), (), "succeeds")


def mon_is_gone(name: str) -> Condition:
    return Condition(asked("mon", "dump"), ("mons", EVERY, "name"), "lacks", name)


def daemon_is_known(kind: Kind, name: str) -> Condition:
    """The monitors count on this manager or metadata server, be it as one that stands by."""
    return Condition(asked(kind, "metadata"), (EVERY, "name"), "has", name)


def daemon_is_gone(kind: Kind, name: str) -> Condition:
    return Condition(asked(kind, "metadata"), (EVERY, "name"), "lacks", name)


def has_failed(unit: str) -> Condition:
    """systemd has given this unit up, and does not start it again."""
    return Condition(command("systemctl", "is-failed", unit), (), "succeeds", says=f"systemd has given {unit} up")
