"""The API's table of methods and the object that a handler receives.

A handler is a function with the `method` decorator:

    @method("POST", "/nodes/{node}/ceph/mon/{monid}", task="cephcreatemon", task_id="monid")
    def create_mon(call: Call) -> None: ...

`task` runs the whole handler in a worker and answers its UPID. A handler that must refuse something before the
worker starts leaves `task` out and returns `call.fork_worker(type, id, function)` itself.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from dataclasses import dataclass, field
from typing import Any, Callable

from pve_standin.core.errors import ApiError, parameter_error

__all__ = [
    "ApiError",
    "Call",
    "Handler",
    "Method",
    "call",
    "find",
    "load_handlers",
    "method",
    "parameter_error",
    "registered",
]

Handler = Callable[["Call"], Any]


@dataclass
class Call:
    """One validated request: path variables and body together, names with '-' kept."""

    node: str
    user: str
    params: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def log(self, line: str) -> None:
        """A line of the command's output; inside a worker, of the task log."""
        print(line, flush=True)

    def warn(self, line: str) -> None:
        """A line of the command's error output; inside a worker it goes to the task log too."""
        print(line, file=sys.stderr, flush=True)

    def fork_worker(self, task_type: str, task_id: str, work: Callable[[], None]) -> str:
        """Run `work` as a task and return its UPID."""
        from pve_standin.core import tasks

        return tasks.fork_worker(task_type, task_id, self.user, work)


@dataclass(frozen=True)
class Method:
    """A registered API method."""

    verb: str
    path: str
    handler: Handler
    proxy: bool
    protected: bool
    task: str | None
    task_id: str | None


_methods: dict[tuple[str, str], Method] = {}
_loaded = False


def method(
    verb: str,
    path: str,
    *,
    proxy: bool = True,
    protected: bool = False,
    task: str | None = None,
    task_id: str | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler. `proxy`: a '/nodes/{node}/' path runs on that node; `task_id`: parameter naming the task."""

    def register(handler: Handler) -> Handler:
        _methods[(verb, path)] = Method(verb, path, handler, proxy, protected, task, task_id)
        return handler

    return register


def load_handlers() -> None:
    """Import every module of api/handlers once."""
    global _loaded
    if _loaded:
        return
    from pve_standin.api import handlers

    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"{handlers.__name__}.{module.name}")
    _loaded = True


def _pattern(template: str) -> re.Pattern[str]:
    """The entry of a set of addresses is all that is left, as a slash is part of it."""
    parts = {"{cidr}": "(.+)"}
    words = (parts.get(part, "([^/]+)") if part.startswith("{") else re.escape(part) for part in _split(template))
    return re.compile("".join(words))


def _split(template: str) -> list[str]:
    return re.split(r"(\{[^}]+\})", template)


def find(verb: str, path: str) -> tuple[Method, dict[str, str]]:
    """The method that serves a path, with the path's variables; literal segments win over variables."""
    from pve_standin.api import schema

    load_handlers()
    wanted = "/" + path.strip("/")
    candidates = sorted((m for m in _methods.values() if m.verb == verb), key=lambda m: m.path.count("{"))
    for candidate in candidates:
        matched = _pattern(candidate.path).fullmatch(wanted)
        if matched and schema.served(verb, candidate.path):
            names = re.findall(r"\{([^}]+)\}", candidate.path)
            return candidate, dict(zip(names, matched.groups()))
    raise ApiError(501, f"Method '{verb} {wanted}' not implemented")


def registered() -> list[tuple[str, str]]:
    """Verb and path of every method."""
    return list(_methods)


def children(path: str) -> list[str]:
    """Names of the registered path segments directly below a path (for directory listings)."""
    load_handlers()
    prefix = "/" + path.strip("/") if path.strip("/") else ""
    found: dict[str, None] = {}
    for _, template in _methods:
        head = "/".join(template.split("/")[: prefix.count("/") + 1])
        if template != head and _pattern(head).fullmatch(prefix):
            found[template.split("/")[prefix.count("/") + 1]] = None
    return list(found)


def call(verb: str, path: str, params: dict[str, Any], *, user: str = "root@pam") -> Any:
    """Dispatch in this process: permission, validation, then the handler here or on the node that the path names."""
    from pve_standin.api import dispatch

    return dispatch.dispatch(verb, path, params, user=user)
