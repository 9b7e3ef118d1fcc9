"""From a request to its handler: permission, node, validation, worker; or the same request sent to another node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pve_standin.api import registry, schema
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError


def dispatch(verb: str, path: str, params: Mapping[str, Any], *, user: str) -> Any:
    """Serve a request in this process, or on the node its path names."""
    method, variables = registry.find(verb, path)
    definition = schema.definition_of(verb, method.path)
    check_access(definition, user, {**params, **variables})
    node = target_node(method, variables)
    if node is not None:
        from pve_standin.api import remote

        return remote.call(node, verb, path, params, user)
    if variables.get("node") == "localhost":
        variables["node"] = cfs.nodename()
    typed = schema.validate(schema.accepted(verb, definition), {**params, **variables})
    return run(method, registry.Call(cfs.nodename(), user, typed))


def target_node(method: registry.Method, variables: Mapping[str, str]) -> str | None:
    """The other node that has to serve the request, None when it is this one."""
    if not method.proxy or not method.path.startswith("/nodes/{node}/"):
        return None
    node = variables["node"]
    return None if node in (cfs.nodename(), "localhost") else node


def check_access(definition: Mapping[str, Any], user: str, params: Mapping[str, Any]) -> None:
    from pve_standin.core import access

    access.check(definition, user, params)


def run(method: registry.Method, call: registry.Call) -> Any:
    """Call the handler, in a worker when the method is a task. Unexpected failures become API errors."""
    try:
        if method.task is None:
            return method.handler(call)
        task_id = str(call.params.get(method.task_id or "", ""))
        return call.fork_worker(method.task, task_id, lambda: method.handler(call))
    except OSError as error:
        raise ApiError(500, str(error), errno=error.errno or 0) from error


def result_type(verb: str, path: str) -> str:
    """Declared type of a method's answer ('null' prints nothing)."""
    method, _ = registry.find(verb, path)
    returned: dict[str, Any] = dict(schema.definition_of(verb, method.path).get("returns", {}))
    return str(returned.get("type", ""))
