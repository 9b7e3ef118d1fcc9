"""Plays the tasks of a role on nodes in memory: a test double of ansible-playbook, as far as roles here need one.

What it takes from Ansible's behaviour: hosts do a task one after the other; an included file is done at once by all
hosts that include it with the same variables, and by one group after the other; `run_once` is for the first host and
registers for all; variables are templates until they are looked at; any failure ends the play.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, ask, converge
from ansible_collections.baremetal.virt.plugins.module_utils.site.cluster.view import view
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.wave import upgrade_wave
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.window import upgrade_may_begin
from ansible_collections.baremetal.virt.plugins.plugin_utils.subjects import named
from jinja2 import ChainableUndefined, Environment, pass_environment
from jinja2.runtime import Context

from .support import FakeNode

ROLES = Path(__file__).resolve().parents[2] / "roles"
_WHOLE = re.compile(r"\{\{(.*)\}\}", re.DOTALL)
_WORDS = (
    *("name", "when", "register", "vars", "loop", "loop_control", "delegate_to", "run_once", "check_mode", "no_log"),
    *("block", "rescue", "always", "module_defaults", "any_errors_fatal"),
)
Task = Mapping[str, Any]


class _Told(dict[str, Any]):
    """What a task has returned: no template in it is looked at again."""


def _told(value: Any) -> Any:
    return _Told(value) if isinstance(value, dict) else value


class RoleFailed(Exception):
    """A task failed, and the play ended."""


class Unreachable(Exception):
    """The host is off."""


class _Lazy(Context):
    """Variables are looked up, and templated, when an expression comes to them."""

    def resolve_or_missing(self, key: str) -> Any:
        scope = self.parent["scope"]
        return scope[key] if key in scope else super().resolve_or_missing(key)


class _Environment(Environment):
    context_class = _Lazy


@pass_environment
def _extract(environment: Environment, item: Any, container: Any, key: Any = None) -> Any:
    found = environment.getitem(container, item)
    for one in key if isinstance(key, list) else [] if key is None else [key]:
        found = environment.getitem(found, one)
    return found


def _flatten(lists: Iterable[Iterable[Any]]) -> list[Any]:
    return [one for each in lists for one in each]


_JINJA = _Environment(undefined=ChainableUndefined)
_JINJA.filters.update(
    {
        "extract": _extract,
        "flatten": _flatten,
        "zip": zip,
        "bool": lambda value: str(value).lower() in ("true", "yes", "1"),
        "b64decode": lambda text: base64.b64decode(text).decode(),
        "split": lambda text, at=None: text.split(at),
        "float": float,
        "baremetal.virt.cluster_view": view,
        "baremetal.virt.upgrade_wave": upgrade_wave,
        "baremetal.virt.upgrade_may_begin": upgrade_may_begin,
    }
)
_JINJA.globals.update({"now": lambda utc=False: datetime(2026, 11, 30, 23), "lookup": lambda *given: given[-1]})


@cache
def _compiled(expression: str) -> Callable[..., Any]:
    return _JINJA.compile_expression(expression, undefined_to_none=False)


class _Scope(Mapping[str, Any]):
    """The variables of one host at one task; later layers hide earlier ones."""

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        self._layers = layers[::-1]

    def __getitem__(self, key: str) -> Any:
        for layer in self._layers:
            if key in layer:
                return self.template(layer[key])
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter({key for layer in self._layers for key in layer})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def template(self, value: Any) -> Any:
        if isinstance(value, str) and "{{" in value:
            whole = _WHOLE.fullmatch(value.strip())
            if whole and "{{" not in whole.group(1):
                return self.evaluate(whole.group(1).strip())
            return re.sub(r"\{\{(.*?)\}\}", lambda found: str(self.evaluate(found.group(1).strip())), value)
        if type(value) is dict:
            return {key: self.template(item) for key, item in value.items()}
        if type(value) is list:
            return [self.template(item) for item in value]
        return value

    def evaluate(self, expression: str) -> Any:
        found = _compiled(expression)(scope=self)
        if isinstance(found, ChainableUndefined):
            raise RoleFailed(f"undefined: {expression}")
        return found

    def holds(self, conditions: Any) -> bool:
        every = conditions if isinstance(conditions, list) else [conditions]
        return all(self.evaluate(str(one)) for one in every)


@cache
def _tasks(role: str, name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((ROLES / role / "tasks" / name).read_text()) or []


@cache
def _variables(role: str, folder: str) -> dict[str, Any]:
    path = ROLES / role / folder / "main.yml"
    return (yaml.safe_load(path.read_text()) if path.exists() else None) or {}


class RolePlay:
    """``nodes``: all hosts of the inventory; ``play``: those of the play; ``act`` carries out a step on one of them.

    ``pause`` is called before every task of every host. ``arrival`` is the order in which hosts answer: what includes a
    file under variables that differ among them is done in that order.
    """

    def __init__(
        self,
        nodes: Mapping[str, FakeNode],
        play: Sequence[str],
        variables: Mapping[str, Any],
        act: Callable[[str, Step], None],
        pause: Callable[[str], None],
    ) -> None:
        self.nodes, self.hosts, self.act, self.pause = nodes, list(play), act, pause
        self.arrival: Callable[[Sequence[str]], Iterable[str]] = list
        self.variables = dict(variables)
        self.facts: dict[str, dict[str, Any]] = {host: {} for host in nodes}
        self.done: list[str] = []

    def role(self, name: str, tasks: str = "main.yml") -> None:
        self.name, self.play = name, list(self.hosts)
        self._file(tasks, self.hosts, {}, {})

    def _file(self, name: str, hosts: Sequence[str], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        for task in _tasks(self.name, name):
            self._task(task, [host for host in hosts if host in self.hosts], given, defaults)

    def _scope(self, host: str, *more: Mapping[str, Any]) -> _Scope:
        magic: dict[str, Any] = {
            "inventory_hostname": host,
            "ansible_play_hosts": self.hosts,
            "ansible_play_hosts_all": self.play,
            "groups": {"proxmox": [one for one in self.nodes if one.startswith("pve")]},
            "hostvars": _HostVars(self),
            "none": None,
        }
        role = (_variables(self.name, "defaults"), self.variables, _variables(self.name, "vars"))
        return _Scope(*role, magic, self.facts[host], *more)

    def _task(self, task: Task, hosts: list[str], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        if "block" in task:
            self._block(task, hosts, given, defaults)
            return
        (action,) = (key for key in task if key not in _WORDS)
        if action.endswith("include_tasks"):
            self._include(task, hosts, given, defaults)
            return
        for host in hosts[:1] if task.get("run_once") else hosts:
            scope = self._scope(host, given, task.get("vars", {}))
            result = self._result(action, task, scope, host, defaults)
            facts = {**result.pop("facts", {}), **({task["register"]: result} if "register" in task else {})}
            for one in self.hosts if task.get("run_once") else [host]:
                self.facts[one].update({name: _told(value) for name, value in facts.items()})

    def _block(self, task: Task, hosts: list[str], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        hosts = [host for host in hosts if self._scope(host, given).holds(task.get("when", True))]
        inherited = {**defaults, **task.get("module_defaults", {})}
        try:
            for inner in task["block"]:
                self._task(inner, hosts, given, inherited)
        except RoleFailed as error:  # whoever is killed does nothing more
            for host in hosts:
                self.facts[host]["ansible_failed_result"] = {"msg": str(error)}
            for inner in task.get("rescue", []):
                self._task(inner, hosts, given, inherited)
            for inner in task.get("always", []):
                self._task(inner, hosts, given, inherited)
            raise
        for inner in task.get("always", []):
            self._task(inner, hosts, given, inherited)

    def _include(self, task: Task, hosts: list[str], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        groups: dict[str, tuple[list[str], dict[str, Any]]] = {}
        (file,) = (value for key, value in task.items() if key.endswith("include_tasks"))
        for host in self.arrival(hosts[:1] if task.get("run_once") else hosts):
            scope = self._scope(host, given, task.get("vars", {}))
            if scope.holds(task.get("when", True)):
                name = task.get("loop_control", {}).get("loop_var", "item")
                for item in scope.template(task.get("loop", [None])):
                    group = groups.setdefault(repr(item), ([], {name: item} if "loop" in task else {}))
                    group[0].append(host)
        for members, item in groups.values():
            self._file(
                file, [host for host in hosts if host in members], {**given, **task.get("vars", {}), **item}, defaults
            )

    def _result(self, action: str, task: Task, scope: _Scope, host: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
        if "loop" not in task:
            return self._once(action, task, scope, host, defaults)
        name = task.get("loop_control", {}).get("loop_var", "item")
        results = []
        for item in scope.template(task["loop"]):
            inner = _Scope(*scope._layers[::-1], {name: item})
            results.append({name: item, **self._once(action, task, inner, host, defaults)})
        return {"results": results, "changed": any(one["changed"] for one in results)}

    def _once(self, action: str, task: Task, scope: _Scope, host: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
        if not scope.holds(task.get("when", True)):
            return {"skipped": True, "changed": False}
        if action == "ansible.builtin.assert":
            if not scope.holds(task[action]["that"]):
                raise RoleFailed(f"{host}: {task['name']}: {scope.template(task[action]['fail_msg'])}")
            return {"changed": False}
        if action == "ansible.builtin.fail":
            raise RoleFailed(str(scope.template(task[action]["msg"])))
        if action == "ansible.builtin.debug":
            return {"changed": False}
        if action == "ansible.builtin.meta":
            assert task[action] == "end_host"
            self.hosts.remove(host)
            return {"changed": False}
        arguments = scope.template({**defaults.get(action, {}), **(task[action] or {})})
        target = scope.template(task["delegate_to"]) if "delegate_to" in task else host
        self.pause(f"{target}: {task['name']}")
        check = bool(task.get("check_mode", False))
        try:
            return {"changed": False, **self._call(action, arguments, target, check)}
        except CollectionError as error:
            raise RoleFailed(f"{target}: {task['name']}: {error.message} {error.hint}") from error

    def _call(self, action: str, arguments: Any, host: str, check: bool) -> dict[str, Any]:
        if action == "ansible.builtin.set_fact":
            return {"facts": arguments}
        node = self.nodes[host]
        if action == "ansible.builtin.reboot":
            vars(type(node))["reboot"](node)
            return {"changed": True}
        if action == "ansible.builtin.slurp":
            return {"content": base64.b64encode(node.files[arguments["path"]].encode()).decode()}
        return self._module(action, arguments, host, node, check)

    def _module(self, action: str, arguments: Any, host: str, node: FakeNode, check: bool) -> dict[str, Any]:
        found = named(action)
        constraints = dict(found.constraints) if isinstance(found, Subject) else {}
        validation = ArgumentSpecValidator(dict(found.argument_spec), **constraints).validate(arguments)
        if validation.error_messages:
            raise RoleFailed("; ".join(validation.error_messages))
        params = validation.validated_parameters
        if not isinstance(found, Subject):
            try:
                return {"host": host, "dry_run": check, **ask(found, params, node)}
            except Unreachable:
                return {"host": host, "dry_run": check, "answered": False}
        result = converge(found, params, node, check, lambda step, at: self._carry_out(host, step))
        self.done += [] if check else [f"{host} {step['id']}" for step in result["steps"]]
        return result

    def _carry_out(self, host: str, step: Step) -> str:
        self.act(host, step)
        return ""


class _HostVars(Mapping[str, Any]):
    def __init__(self, play: RolePlay) -> None:
        self._play = play

    def __getitem__(self, host: str) -> _Scope:
        return self._play._scope(host)

    def __iter__(self) -> Iterator[str]:
        return iter(self._play.nodes)

    def __len__(self) -> int:
        return len(self._play.nodes)
