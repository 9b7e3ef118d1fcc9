"""run_known: a run that finds all as an earlier one left it need not plan, unless it is told to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.baremetal.virt.plugins.action import run_known
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.plugin_utils import run_situation
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_situation import ConvergedSituations
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_store import RunStore

HOSTS = Question("read", ("/etc/hosts",))


def names(reader: Reader) -> Any:
    return reader.read("/etc/hosts")


@pytest.fixture(autouse=True)
def one_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
    monkeypatch.setattr(names, "__module__", "x.observe.node.names")
    monkeypatch.setattr(run_situation, "observers", lambda: (names,))
    monkeypatch.setattr(run_known, "tell", lambda text: None)


class Task(run_known.ActionModule):
    def __init__(self, **args: Any) -> None:
        self._task = SimpleNamespace(args=args)


def ran(password: str = "spring", **args: Any) -> dict[str, Any]:
    """A run in which pve1 was read, with one secret in its inventory."""
    RunStore().keep("pve1", {"node": {HOSTS.key: "a b"}, "cluster": {}})
    variables = {"cluster_password": password}
    return Task(**args).run(
        None,
        {"ansible_play_hosts_all": ["pve1"], "groups": {"all": ["pve1"]}, "hostvars": {"pve1": variables}},
    )


def test_the_same_situation_is_known_once_it_has_needed_nothing() -> None:
    first = ran()
    assert not first["known"] and len(first["situation"]) == 64
    ConvergedSituations().add(first["situation"])
    assert ran()["known"]
    assert not ran("summer")["known"]


def test_what_nobody_understands_is_left_to_the_task_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_understood(reader: Reader) -> Any:
        raise Unreadable("`ip -json -details address` failed.")

    monkeypatch.setattr(not_understood, "__module__", "x.observe.node.names")
    monkeypatch.setattr(run_situation, "observers", lambda: (not_understood,))
    assert (ran()["known"], ran()["situation"]) == (False, "")


@pytest.mark.parametrize("word", [False, "false", "no"])
def test_it_is_not_asked_for_when_the_user_does_not_want_it(word: object) -> None:
    """Words of the command line, as in -e site_remember=false, are texts."""
    ConvergedSituations().add(ran()["situation"])
    again = ran(enabled=word)
    assert not again["known"] and again["situation"] == ""


def test_a_host_that_was_not_read_makes_any_situation_unknown() -> None:
    ConvergedSituations().add(ran()["situation"])
    RunStore().forget("pve1")
    variables: dict[str, Any] = {"groups": {"all": ["pve1"]}, "hostvars": {"pve1": {}}}
    assert not Task().run(None, {"ansible_play_hosts_all": ["pve1"], **variables})["known"]
