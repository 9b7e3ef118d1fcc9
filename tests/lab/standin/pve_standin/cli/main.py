"""The common part of all command line programs: options from the CLI schema, usage texts, exit codes.

    COMMANDS = {"mon create": Command("POST", "/nodes/{node}/ceph/mon/{monid}", exit_with_task=True), ...}
    def main() -> None:
        cli("pveceph", COMMANDS)

Names and aliases of commands, their positional arguments and their options come from schema/cli/<tool>.json.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, NoReturn

from pve_standin.core import calllog, pace, paths
from pve_standin.core.errors import ApiError

Params = dict[str, Any]


@dataclass(frozen=True)
class Command:
    """One subcommand: an API method, or a local function (`run`) that may return an exit code.

    `render` prints the API result; without it nothing is printed but what the handler itself writes.
    `exit_with_task`: a failed task makes the exit code 255 (pveceph mon create); without it the code is 0 whatever
    happened in the task (pvecm create, pveceph pool create).
    `fixed` are parameters filled in by the tool; '{node}' becomes the local node name by itself.
    `options` adds options that are not API parameters; they reach `run` and `render` only.
    `absent` are options of the schema that this node's release does not have.
    `asked` are options that may come without a value, `values` turn what was given into what the API takes.
    """

    verb: str = ""
    path: str = ""
    run: Callable[[Params], int | None] | None = None
    render: Callable[[Any, Params], None] | None = None
    exit_with_task: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    absent: Sequence[str] = ()
    asked: Sequence[str] = ()
    values: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


class UsageError(Exception):
    """The command line itself is wrong; carries the complete text to print and the exit code."""

    def __init__(self, text: str, exit_code: int = 255) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def cli(
    tool: str,
    commands: Mapping[str, Command],
    argv: Sequence[str] | None = None,
    *,
    prepare: Callable[[], None] | None = None,
) -> NoReturn:
    """Run one command line and exit like the real tool does; `prepare` is called before any command."""
    words = list(sys.argv[1:] if argv is None else argv)
    schema = _load(tool)
    calllog.command(tool, words)
    pace.start(tool)
    try:
        require_pmxcfs()
        if prepare is not None:
            prepare()
        commands = _of_this_release(commands)
        name, rest = _select(tool, commands, schema, words)
        command = commands[name]
        spec = _spec(schema, name, command)
        params = parse_options(spec, rest, usage(tool, name, spec))
        sys.exit(_execute(tool, name, command, spec, params))
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except ApiError as error:
        print(error.text(), file=sys.stderr)
        sys.exit(error.exit_code())
    except BrokenPipeError:
        os._exit(errno.EPIPE)


def _of_this_release(commands: Mapping[str, Command]) -> dict[str, Command]:
    from pve_standin.api import schema as api_schema

    return {
        name: command
        for name, command in commands.items()
        if not command.verb or api_schema.served(command.verb, command.path)
    }


def _load(tool: str) -> dict[str, Any]:
    path = paths.SCHEMA_DIR / "cli" / f"{tool}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def require_pmxcfs() -> None:
    """Every tool loads the access control list from pmxcfs first; without the daemon it says so and ends with 111."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(paths.PMXCFS_SOCKET))
            return
        except OSError as error:
            # a missing socket and one nobody listens on look the same to the user of the real library
            reason = os.strerror(errno.ECONNREFUSED)
            for attempt in (1, 2, 3):
                print(f"ipcc_send_rec[{attempt}] failed: {reason}", file=sys.stderr)
            raise ApiError(500, f"Unable to load access control list: {reason}", errno=errno.ECONNREFUSED) from error


def _select(
    tool: str, commands: Mapping[str, Command], schema: Mapping[str, Any], words: list[str]
) -> tuple[str, list[str]]:
    """The longest known command name at the start of the words, aliases resolved."""
    for length in (3, 2, 1):
        name = " ".join(words[:length])
        if len(words) < length:
            continue
        target = str(schema.get(name, {}).get("alias", name))
        if target in commands:
            return target, words[length:]
    if words and words[0] == "help":
        print(overview(tool, commands, schema))
        sys.exit(0)
    depth = 2 if words and any(name.startswith(f"{words[0]} ") for name in commands) else 1
    message = f"ERROR: unknown command '{tool} {' '.join(words[:depth])}'" if words else "ERROR: no command specified"
    raise UsageError(message + "\n" + overview(tool, commands, schema))


def overview(tool: str, commands: Mapping[str, Command], schema: Mapping[str, Any]) -> str:
    """All commands: groups of subcommands first, then single ones by what serves them (API, then the tool itself)."""
    blocks: dict[tuple[int, str], list[str]] = {}
    for name in sorted(commands):
        group, blank, _ = name.partition(" ")
        served_by = str(schema.get(name, {}).get("method", "")).rpartition("::")[0]
        key = (0, group) if blank else (1, served_by)
        blocks.setdefault(key, []).append(usage(tool, name, _spec(schema, name, commands[name])))
    lines = [f"USAGE: {tool} <COMMAND> [ARGS] [OPTIONS]", ""]
    for key in sorted(blocks):
        lines += [f"       {line}" for line in blocks[key]] + [""]
    return "\n".join([*lines, f"       {tool} help [<extra-args>] [OPTIONS]"])


def _spec(schema: Mapping[str, Any], name: str, command: Command) -> dict[str, Any]:
    """Positional names and parameter schema of a command on this node's release."""
    from pve_standin.api import schema as api_schema

    found = dict(schema.get(name, {}))
    absent = {*command.absent, *(api_schema.lacking(command.verb, command.path) if command.verb else ())}
    parameters = {**found.get("parameters", {}), **command.options}
    found["parameters"] = {name: definition for name, definition in parameters.items() if name not in absent}
    found["asked"] = command.asked
    return found


def usage(tool: str, name: str, spec: Mapping[str, Any]) -> str:
    """The one-line usage text."""
    positional = list(spec.get("positional", []))
    parameters = spec.get("parameters", {})
    shown = " ".join(f"[<{word}>]" if parameters.get(word, {}).get("optional") else f"<{word}>" for word in positional)
    options = [word for word in parameters if word not in positional]
    shaping = [word for word in options if parameters[word].get("format_option")]
    text = f"{tool} {name} {shown}" + (" [OPTIONS]" if len(options) > len(shaping) else "")
    return text + (" [FORMAT_OPTIONS]" if shaping else "")


def parse_options(spec: Mapping[str, Any], words: Sequence[str], usage_text: str) -> Params:
    """Split words into parameters: bare words fill the positional names, the rest is --name value."""
    from pve_standin.api import schema as api_schema

    parameters = spec.get("parameters", {})
    positional = list(spec.get("positional", []))
    params: Params = {}
    bare: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            bare += queue
            break
        if not word.startswith("-") or word == "-":
            bare.append(word)
            continue
        option, equals, value = word.lstrip("-").partition("=")
        option = full_option(parameters, option)
        definition = api_schema.lookup(parameters, option)
        if definition is None:
            raise UsageError(f"Unknown option: {option}\n400 unable to parse option\n{usage_text}")
        if not equals and option in spec.get("asked", ()) and (not queue or queue[0].startswith("-")):
            value = ""
        elif not equals:
            value = _option_value(option, definition, queue, usage_text)
        _store(params, option, definition, value)
    _fill_positional(params, positional, parameters, bare, usage_text)
    return params


def full_option(parameters: Mapping[str, Any], option: str) -> str:
    """Options may be shortened as long as only one begins like that (`updatecerts -f`)."""
    matching = [name for name in parameters if name.startswith(option)]
    return matching[0] if option not in parameters and len(matching) == 1 and "[n]" not in matching[0] else option


def _option_value(option: str, definition: Mapping[str, Any], queue: list[str], usage_text: str) -> str:
    if definition.get("type") == "boolean":
        if queue and re.fullmatch(r"[01]|yes|no|on|off|true|false", queue[0], re.IGNORECASE):
            return queue.pop(0)
        return "1"
    if not queue:
        raise UsageError(f"Option {option} requires an argument\n400 unable to parse option\n{usage_text}")
    return queue.pop(0)


def _store(params: Params, option: str, definition: Mapping[str, Any], value: str) -> None:
    if definition.get("type") == "array":
        params.setdefault(option, []).append(value)
    else:
        params[option] = value


def _fill_positional(
    params: Params, positional: Sequence[str], parameters: Mapping[str, Any], bare: list[str], usage_text: str
) -> None:
    for word in positional:
        definition = parameters.get(word, {})
        if definition.get("type") == "array":
            if bare:
                params[word] = bare[:]
                bare.clear()
        elif bare:
            params[word] = bare.pop(0)
        elif not definition.get("optional") and word not in params:
            raise UsageError(f"400 not enough arguments\n{usage_text}", errno.ENOENT)
    if bare:
        raise UsageError(f"400 too many arguments\n{usage_text}")


def _execute(tool: str, name: str, command: Command, spec: Mapping[str, Any], params: Params) -> int:
    from pve_standin.api import schema as api_schema

    params = {key: command.values[key](value) if key in command.values else value for key, value in params.items()}
    try:
        checked = api_schema.validate(spec.get("parameters", {}), params)
    except ApiError as error:
        raise with_usage(error, usage(tool, name, spec), errno.ENOENT) from error
    if command.run is not None:
        return command.run({**checked, **command.fixed}) or 0
    return _call_api(tool, name, command, spec, checked)


def _call_api(tool: str, name: str, command: Command, spec: Mapping[str, Any], params: Params) -> int:
    from pve_standin.api import registry
    from pve_standin.core import cfs, tasks

    body = {**params, **command.fixed}
    for option in command.options:
        body.pop(option, None)
    path = re.sub(r"\{([^}]+)\}", lambda hit: str(_path_value(hit.group(1), body, cfs.nodename())), command.path)
    try:
        result = registry.call(command.verb, path, body)
    except ApiError as error:
        raise (with_usage(error, usage(tool, name, spec), 0) if error.errors else error) from error
    if command.render is not None:
        command.render(result, params)
    if command.exit_with_task and tasks.is_upid(result) and not tasks.succeeded(str(result)):
        return 255
    return 0


def _path_value(name: str, body: Params, node: str) -> Any:
    value = body.pop(name, None)
    return value if value is not None else node


def with_usage(error: ApiError, usage_text: str, exit_hint: int) -> ApiError:
    """A parameter error as command lines print it: the reasons, then the usage line."""
    return ApiError(error.code, error.text().partition(" ")[2] + "\n" + usage_text, errno=error.errno or exit_hint)
