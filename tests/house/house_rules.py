#!/usr/bin/env python3
"""The rules of the house that no other tool knows (see ARCHITECTURE.md).

Prints every breach; exit code 1 when there is one.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

MAX_LINES = 400
MAX_MODULE_CODE = 80
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
#: Texts of others and recorded data: not ours to shorten or rephrase.
AS_RECEIVED = (
    "LICENSE",
    "tests/transcripts/*",
    "tests/transcripts/api/*",
    "tests/contract/schema/*",
    "tests/lab/standin/pve_standin/schema/*",
    "CHANGELOG.rst",
)

EXAMPLE = Path("inventories/example/hosts.yml")
SCENARIOS = Path(".config/molecule/config.yml")
#: Steps of a scenario that carry out another one's playbook.
BORROWED = {"check": "converge", "idempotence": "converge"}

UTILS = "plugins/module_utils"
PURE = frozenset(
    "__future__ abc base64 bisect collections copy dataclasses enum fractions functools hashlib ipaddress itertools "
    "json math operator posixpath re shlex statistics string textwrap typing urllib.parse".split()
)


#: The room that stays on the controller, so that nothing that goes to a node may import it, and its libraries.
API = f"{UTILS}/transport/api"
HTTPS = frozenset(("proxmoxer", "requests", "urllib3"))


@dataclass(frozen=True)
class Room:
    """Which imports a folder may contain: names of the standard library (None: all), libraries, and our own rooms."""

    folder: str
    stdlib: frozenset[str] | None
    own: tuple[str, ...]
    ansible: bool = False
    libraries: frozenset[str] = frozenset()


ROOMS = (
    Room(f"{UTILS}/engine", PURE | {"datetime", "time", "types"}, ("engine",)),
    Room(f"{UTILS}/model", PURE, ("engine", "model")),
    Room(f"{UTILS}/decide", PURE, ("engine", "model", "decide")),
    Room(f"{UTILS}/observe", PURE, ("engine", "model", "observe")),
    Room(f"{UTILS}/site", PURE, ("engine", "model", "decide", "site")),
    Room(f"{UTILS}/report", PURE, ("report",)),
    Room(f"{UTILS}/transport", None, ("engine", "model", "observe", "transport"), ansible=True),
    Room(API, None, ("engine", "transport", "transport/api"), libraries=HTTPS),
    Room("plugins/modules", None, ("engine", "model", "observe", "decide", "site", "transport"), ansible=True),
)
#: Programs that a node's system Python runs may use the libraries that the node has for what they ask.
PROGRAMS = Path(f"{UTILS}/transport/programs")
FOR_PROGRAMS = frozenset(("rados",))
#: The folders of a room, named as in the manuals; a file of `model`, `observe` or `decide` stands in one of them.
DOMAINS = frozenset(
    "debian node cluster leaving ceph storage nfs network access guest gpu upgrade datacenter sdn kube".split()
)
DIVIDED = tuple(f"{UTILS}/{room}" for room in ("model", "observe", "decide"))
#: What `engine/` is not to know.
PRODUCT = re.compile(r"(?i)proxmox|\bpve\w*|corosync|\bceph\w*|pmxcfs|\bosds?\b|\bqm\b|\bnfs\b")
#: The one file that says where the collection keeps files of its own on a node.
STATE = Path(f"{UTILS}/model/node/state.py")
#: Built-in functions that reach outside.
IMPURE_CALLS = frozenset(("open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"))

SHELLS = frozenset(("command", "shell", "raw", "script", "expect"))
TASK_LISTS = ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers")
VERDICTS = ("changed_when", "failed_when", "ignore_errors", "ignore_unreachable")

FORBIDDEN = {
    r"\b(TODO|FIXME|XXX)\b": "unfinished work belongs into an issue",
    r"(?<![\w.])/work/|/\.pyenv/versions/\d|/tmp/bash": "a path of one machine",
    r"\b(deb|ftp|cdn|security|snapshot)\.debian\.(org|net)|\bpypi\.org|pythonhosted|npmjs\.": "a registry's host name",
    r"(?i)\bissue #?\d+\b|\bAI-generated\b": "a reference that readers of the code cannot follow",
}


@dataclass(frozen=True)
class Breach:
    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def main() -> int:
    paths = tracked()
    hosts = registry_hosts()
    breaches = sorted({str(breach) for path in paths for breach in breaches_of(path, hosts)})
    print("\n".join(breaches) if breaches else f"{len(paths)} files keep the rules of the house.")
    return 1 if breaches else 0


def tracked() -> list[Path]:
    """All files that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and not any(path.match(pattern) for pattern in AS_RECEIVED)]


def registry_hosts() -> frozenset[str]:
    """The hosts that this machine's apt and pip fetch from; they differ everywhere and belong into no file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    texts = [listed.stdout]
    for pattern in ("sources.list", "sources.list.d/*", "apt.conf", "apt.conf.d/*"):
        texts += [path.read_text(errors="replace") for path in Path("/etc/apt").glob(pattern) if path.is_file()]
    settings = [line for line in "\n".join(texts).splitlines() if not line.lstrip().startswith(("#", "//"))]
    urls = re.findall(r"https?://[^\s'\"\\]+", "\n".join(settings))
    hosts = {urlsplit(url).hostname for url in urls}
    return frozenset(host for host in hosts if host and "." in host and not host.endswith("proxmox.com"))


def breaches_of(path: Path, hosts: frozenset[str]) -> Iterator[Breach]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # a picture
    yield from _length(path, text)
    yield from _words(path, text, hosts)
    if path.name.startswith("README") and path.parent == Path("."):
        yield from _example(path, text)
    if path.suffix == ".py":
        yield from _python(path, text)
        yield from _place(path, text)
    if path.suffix in (".yml", ".yaml") and path.parts[0] in ("roles", "playbooks"):
        yield from _tasks(path, text)
    if path.match("molecule/*/molecule.yml"):
        yield from _scenario(path, text)


def _length(path: Path, text: str) -> Iterator[Breach]:
    count = text.count("\n")
    if count > MAX_LINES:
        yield Breach(path, count, f"{count} lines; at most {MAX_LINES}: divide it by subject")


def _example(path: Path, text: str) -> Iterator[Breach]:
    """The inventory that a README shows is the one that is tested; comments may be in its language."""

    def bare(lines: str) -> list[str]:
        return [line for line in (re.sub(r"\s+#.*|^#.*", "", line) for line in lines.splitlines()) if line.strip("-")]

    shown = re.search(r"(?s)```yaml\n(proxmox:.*?)```", text)
    if shown is None or bare(shown.group(1)) != bare(EXAMPLE.read_text()):
        yield Breach(path, 1, f"does not show {EXAMPLE} as it is")


def _scenario(path: Path, text: str) -> Iterator[Breach]:
    """molecule passes over a playbook that is not there, and calls the scenario successful."""
    shared, own = yaml.safe_load(SCENARIOS.read_text()), yaml.safe_load(text) or {}
    playbooks = {**shared["ansible"]["playbooks"], **own.get("ansible", {}).get("playbooks", {})}
    for step in own.get("scenario", shared["scenario"])["test_sequence"]:
        name, *given = step.split()
        for playbook in (playbooks[BORROWED.get(name, name)], *given):
            if not (path.parent / playbook).is_file():
                yield Breach(path, 1, f"{step}: {playbook} is missing, and molecule would skip the step in silence")


def _place(path: Path, text: str) -> Iterator[Breach]:
    """Layer first, domain second; and the engine serves any domain, so it names none."""
    for room in DIVIDED:
        if path.is_relative_to(room) and path.relative_to(room).parts[0] not in DOMAINS:
            yield Breach(path, 1, f"stands in no domain; they are {', '.join(sorted(DOMAINS))}")
    if path.is_relative_to(UTILS) and path != STATE and "/var/lib/baremetal" in text:
        yield Breach(path, 1, f"spells the directory of the collection's own files: {STATE} does")
    if path.is_relative_to(f"{UTILS}/engine"):
        for number, line in enumerate(text.splitlines(), 1):
            if found := PRODUCT.search(line):
                yield Breach(path, number, f"{found.group(0)!r}: the engine knows no domain")


def _words(path: Path, text: str, hosts: frozenset[str]) -> Iterator[Breach]:
    if path == Path(__file__).relative_to(Path.cwd()):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, reason in FORBIDDEN.items():
            if found := re.search(pattern, line):
                yield Breach(path, number, f"{found.group(0)!r}: {reason}")
        for host in hosts:
            if host in line:
                yield Breach(path, number, f"{host!r}: a registry's host name")


def _python(path: Path, text: str) -> Iterator[Breach]:
    tree = ast.parse(text)
    if path.parent == Path("plugins/modules"):
        count = module_code_lines(tree, text)
        if count > MAX_MODULE_CODE:
            yield Breach(path, 1, f"{count} lines of code besides documentation; at most {MAX_MODULE_CODE}")
    room = _room_of(path)
    if room is not None:
        yield from _imports(path, tree, room)
        if room.stdlib is not None:
            yield from _impure_calls(path, tree)
    product = path.parts[0] == "plugins"
    if product or path.is_relative_to("tests/unit"):
        yield from _throwaway_names(path, tree)
    for line, name in _imported(tree):
        if product and name.split(".")[0] in ("labtool", "pve_standin", "tests"):
            yield Breach(path, line, f"imports {name}: the product never imports the lab")
        if product and room is None and name.split(".")[0] in HTTPS:
            yield Breach(path, line, f"imports {name}: {API} is the way to the API")
        if path.is_relative_to("tests/lab") and name.startswith("ansible_collections.baremetal"):
            yield Breach(path, line, f"imports {name}: the lab never imports the product")


def _room_of(path: Path) -> Room | None:
    """The innermost one."""
    around = [room for room in ROOMS if path.is_relative_to(room.folder)]
    return max(around, key=lambda room: len(room.folder), default=None)


def module_code_lines(tree: ast.Module, text: str) -> int:
    """Lines that hold code, without those of the three documentation strings."""
    skipped: set[int] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION:
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    empty = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    used: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in empty:
            used.update(range(token.start[0], token.end[0] + 1))
    return len(used - skipped)


def _imports(path: Path, tree: ast.Module, room: Room) -> Iterator[Breach]:
    for line, name in _imported(tree):
        top = name.split(".")[0]
        if name.startswith("."):
            allowed = _own_room(path, name) in room.own
        elif top == "ansible":
            allowed = room.ansible and name.startswith("ansible.module_utils")
        elif room.stdlib is None:
            allowed = top in sys.stdlib_module_names or top in room.libraries
        else:
            allowed = name in room.stdlib or top in room.stdlib
        allowed = allowed or (path.parent == PROGRAMS and top in FOR_PROGRAMS)
        if not allowed:
            yield Breach(path, line, f"imports {name}, which {room.folder} may not")


def _own_room(path: Path, name: str) -> str:
    """The room that a relative import leads to: ``..model.plan`` → ``model``."""
    level = len(name) - len(name.lstrip("."))
    target = (*path.parent.parts[: len(path.parent.parts) - level + 1], *name.lstrip(".").split("."))
    inside = target[2:] if target[1:2] == ("module_utils",) else target[1:]
    if Path(*target).is_relative_to(API):
        return str(Path(API).relative_to(UTILS))
    return inside[0] if inside else ""


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            bare = node.level > 0 and not node.module
            yield from ((node.lineno, prefix + alias.name if bare else prefix) for alias in node.names)


def _impure_calls(path: Path, tree: ast.Module) -> Iterator[Breach]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield Breach(path, node.lineno, f"calls {node.func.id}(): this room does no I/O")


def _throwaway_names(path: Path, tree: ast.Module) -> Iterator[Breach]:
    """ansible-test's pylint refuses ``_``; said here as well, where it takes a second and not a minute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store):
            yield Breach(path, node.lineno, "the name '_': ansible-test reserves it; use a name such as 'dummy'")


def _tasks(path: Path, text: str) -> Iterator[Breach]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.count("{{") != line.count("}}") or line.count("{%") != line.count("%}"):
            yield Breach(path, number, "a Jinja expression longer than a line: make it a filter or a variable")
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        if isinstance(document, yaml.SequenceNode):
            for task in document.value:
                yield from _task(path, task)


def _task(path: Path, task: Any) -> Iterator[Breach]:
    """A task, a block or a play; variables and options of modules are nobody's business here."""
    if not isinstance(task, yaml.MappingNode):
        return
    for key, value in task.value:
        line = key.start_mark.line + 1
        if str(key.value).rpartition(".")[2] in SHELLS:
            yield Breach(path, line, f"{key.value}: a role describes, modules act")
        if key.value in VERDICTS:
            yield Breach(path, line, f"{key.value}: a module says itself whether it changed or failed")
        if key.value in TASK_LISTS and isinstance(value, yaml.SequenceNode):
            for inner in value.value:
                yield from _task(path, inner)


if __name__ == "__main__":
    sys.exit(main())
