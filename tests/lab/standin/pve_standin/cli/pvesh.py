"""pvesh: API calls from the command line, as root, on the same handlers as the HTTPS API."""

from __future__ import annotations

import errno
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from pve_standin.cli.formatter import print_result
from pve_standin.cli.main import require_pmxcfs
from pve_standin.cluster import ssh
from pve_standin.core import calllog
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed, run

VERBS = {"get": "GET", "create": "POST", "set": "PUT", "delete": "DELETE"}
OWN_OPTIONS = {
    "output-format": True,
    "human-readable": False,
    "noborder": False,
    "noheader": False,
    "noproxy": False,
    "quiet": False,
}
USAGE = """USAGE: pvesh <COMMAND> [ARGS] [OPTIONS]

       pvesh create <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh delete <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh get <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh ls <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh set <api_path> [OPTIONS] [FORMAT_OPTIONS]
       pvesh usage <api_path> [OPTIONS]

       pvesh help [<extra-args>] [OPTIONS]"""


def main() -> NoReturn:
    words = sys.argv[1:]
    calllog.command("pvesh", words)
    try:
        require_pmxcfs()
        if not words or words[0] not in (*VERBS, "ls", "usage"):
            message = f"ERROR: unknown command 'pvesh {words[0]}'" if words else "ERROR: no command specified"
            print(f"{message}\n{USAGE}", file=sys.stderr)
            sys.exit(255)
        if len(words) < 2:
            print(f"400 not enough arguments\npvesh {words[0]} <api_path> [OPTIONS] [FORMAT_OPTIONS]", file=sys.stderr)
            sys.exit(255)
        _run(words[0], words[1], words[2:])
    except CommandFailed as error:
        print(f"{error.result.stderr}proxy handler failed: {error}", file=sys.stderr)
        sys.exit(255)
    except ApiError as error:
        print(error.text(), file=sys.stderr)
        # Perl ends with what its last system call left behind: practically always "no such file"
        sys.exit(error.errno or errno.ENOENT)
    sys.exit(0)


def _run(command: str, path: str, words: Sequence[str]) -> None:
    options, params = split_options(words)
    if command == "ls":
        _list(path)
    elif command == "usage":
        _usage(path)
    else:
        _call(command, path, params, options)


def split_options(words: Sequence[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """pvesh's own options, and the API call's parameters (repeated ones become lists)."""
    options: dict[str, str] = {}
    params: dict[str, Any] = {}
    queue: list[str] = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-"):
            raise ApiError(400, "too many arguments", errno=255)
        name, equals, value = word.lstrip("-").partition("=")
        if not equals:
            takes_value = OWN_OPTIONS.get(name, True)
            has_value = bool(queue) and not queue[0].startswith("--")
            if takes_value and has_value or (not takes_value and has_value and queue[0] in ("0", "1")):
                value = queue.pop(0)
            else:
                value = "1"
        if name in OWN_OPTIONS:
            options[name] = value
        elif name in params:
            held = params[name]
            params[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            params[name] = value
    return options, params


def _call(command: str, path: str, params: Mapping[str, Any], options: Mapping[str, str]) -> None:
    from pve_standin.api import dispatch, registry

    verb = VERBS[command]
    try:
        node = dispatch.target_node(*registry.find(verb, path))
    except ApiError as error:
        raise ApiError(500, f"No '{command}' handler defined for '{path}'", errno=1) from error
    if node is None or "noproxy" in options:
        result = registry.call(verb, path, dict(params))
    else:
        result = _call_on(node, command, path, params)
    if options.get("quiet") != "1":
        kind = dispatch.result_type(verb, path)
        print_result(result, options.get("output-format", "text"), kind, border=options.get("noborder") != "1")


def _call_on(node: str, command: str, path: str, params: Mapping[str, Any]) -> Any:
    """pvesh of the node that the path names; of a task it prints the output before its UPID, which is then all text."""
    words = ["pvesh", command, path, "--noproxy", "--output-format", "json"]
    for name, value in params.items():
        words += [word for one in (value if isinstance(value, list) else [value]) for word in (f"--{name}", str(one))]
    done = run([*ssh.login(node), "--", shlex.join(words)])
    print(done.stderr, end="", file=sys.stderr)
    answer = done.stdout.replace("\n", "")
    try:
        return json.loads(answer)
    except ValueError:
        return answer


def _list(path: str) -> None:
    from pve_standin.api import registry

    names = registry.children(path)
    if not names:
        raise ApiError(500, f"No '{path}' directory")
    for name in sorted(names):
        print(f"Dr---        {name}")


def _usage(path: str) -> None:
    from pve_standin.api import registry, schema

    for command, verb in VERBS.items():
        try:
            method, _ = registry.find(verb, path)
        except ApiError:
            continue
        names = schema.definition_of(verb, method.path).get("parameters", {})
        shown = " ".join(f"[--{name} <{one.get('type', 'string')}>]" for name, one in sorted(names.items()))
        print(f"USAGE: pvesh {command} {path} {shown}")
