"""Who may import what, and what stands where (see ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from breach import Breach

MAX_MODULE_CODE = 80
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
UTILS = "plugins/module_utils"
PURE = frozenset(
    "__future__ abc base64 bisect collections copy csv dataclasses enum fractions functools hashlib html ipaddress "
    "itertools json math operator posixpath re shlex statistics string textwrap typing urllib.parse".split()
)


#: The room that stays on the controller, so that nothing that goes to a node may import it, and its libraries.
API = f"{UTILS}/transport/api"
HTTPS = frozenset(("proxmoxer", "requests", "urllib3"))
#: The same for Kubernetes.
KUBE = f"{UTILS}/transport/kube"
KUBERNETES = frozenset(("kubernetes", "urllib3"))
#: What only a watch needs: it goes on while others are told.
WATCH = frozenset(("aiohttp",))
#: What reads a kubeconfig says with errors of yaml's that it is none.
KUBECONFIG = frozenset(("yaml",))


@dataclass(frozen=True)
class Room:
    """Which imports a folder may contain: names of the standard library (None: all), libraries, and our own rooms."""

    folder: str
    stdlib: frozenset[str] | None
    own: tuple[str, ...]
    ansible: bool = False
    libraries: frozenset[str] = frozenset()


ROOMS = (
    Room(f"{UTILS}/engine", PURE | {"datetime", "time", "types", "zoneinfo"}, ("engine",)),
    Room(f"{UTILS}/model", PURE, ("engine", "model")),
    Room(f"{UTILS}/decide", PURE, ("engine", "model", "decide")),
    Room(f"{UTILS}/observe", PURE, ("engine", "model", "observe")),
    Room(f"{UTILS}/site", PURE, ("engine", "model", "decide", "site")),
    Room(f"{UTILS}/report", PURE, ("report",)),
    Room(f"{UTILS}/informer", PURE | {"asyncio", "logging", "random", "time"}, ("informer",)),
    Room(f"{UTILS}/drift", PURE | {"asyncio", "logging"}, ("engine", "informer", "drift")),
    Room(f"{UTILS}/transport", None, ("engine", "model", "observe", "transport"), ansible=True),
    Room(API, None, ("engine", "transport", "transport/api"), libraries=HTTPS),
    Room(KUBE, None, ("engine", "informer", "transport", "transport/kube"), libraries=KUBERNETES | KUBECONFIG | WATCH),
    Room("plugins/modules", None, ("engine", "model", "observe", "decide", "site", "transport"), ansible=True),
)
#: Programs that a node's system Python runs may use the libraries that the node has for what they ask.
PROGRAMS = Path(f"{UTILS}/transport/programs")
FOR_PROGRAMS = frozenset(("rados",))
#: The folders of a room, named as in the manuals.
DOMAINS = frozenset(
    "debian node cluster leaving ceph storage nfs network access guest gpu upgrade datacenter firewall sdn kube"
    " cni".split()
)
#: Where files stand in a domain, in the code and in its tests. An inventory, and what a loss costs, is of several.
DIVIDED = {
    **{f"{UTILS}/{room}": DOMAINS for room in ("model", "observe", "decide")},
    **{f"tests/unit/{room}": DOMAINS | {"__init__.py"} for room in ("model", "observe", "decide")},
    f"{UTILS}/site": DOMAINS | {"inventory", "losses", "report"},
}
#: What `engine/` is not to know: products, their programs and things, and the domains. Only the scopes of a question,
#: node and cluster, are its own, and it hands on unread what a step is about.
PRODUCTS = r"proxmox|pve\w*|pmxcfs|corosync|q(device|netd)|ceph\w*|rbd|apt|dpkg|lvm|zfs|qm|pct|vms?|osds?|quorum"
PRODUCT = re.compile(rf"(?i)\b({PRODUCTS}|({'|'.join(sorted(DOMAINS - {'node', 'cluster'}))})s?)\b")
HANDED_ON = re.compile(r"(?ms)^Topic = Literal\[$.*?^\]$")
#: The one file that says where the collection keeps files of its own on a node.
STATE = Path(f"{UTILS}/model/node/state.py")
#: Built-in functions that reach outside.
IMPURE_CALLS = frozenset(("open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"))


def breaches(path: Path, text: str) -> Iterator[Breach]:
    yield from _python(path, text)
    yield from _place(path, text)


def _place(path: Path, text: str) -> Iterator[Breach]:
    """Layer first, domain second; and the engine serves any domain, so it names none."""
    for room, domains in DIVIDED.items():
        if path.is_relative_to(room) and path.relative_to(room).parts[0] not in domains:
            yield Breach(path, 1, f"stands in no domain; they are {', '.join(sorted(DOMAINS))}")
    if path.is_relative_to(UTILS) and path != STATE and "/var/lib/baremetal" in text:
        yield Breach(path, 1, f"spells the directory of the collection's own files: {STATE} does")
    if path.is_relative_to(f"{UTILS}/engine"):
        own = HANDED_ON.sub(lambda topics: "\n" * topics.group(0).count("\n"), text)
        for number, line in enumerate(own.splitlines(), 1):
            if found := PRODUCT.search(line):
                yield Breach(path, number, f"{found.group(0)!r}: the engine knows no domain")


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
    product = path.parts[0] in ("plugins", "extensions")
    if product or path.is_relative_to("tests/unit"):
        yield from _throwaway_names(path, tree)
    for line, name in _imported(tree):
        if product and name.split(".")[0] in ("labtool", "pve_standin", "tests"):
            yield Breach(path, line, f"imports {name}: the product never imports the lab")
        if product and room is None and name.split(".")[0] in HTTPS | KUBERNETES:
            way = KUBE if name.startswith("kubernetes") else API
            yield Breach(path, line, f"imports {name}: {way} is the way to the API")
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
    for own in (API, KUBE):
        if Path(*target).is_relative_to(own):
            return str(Path(own).relative_to(UTILS))
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
