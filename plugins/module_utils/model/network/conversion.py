# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From ifupdown to ifupdown2: the text that the second reads as the first did.

The two disagree about backslashes, source-directory, inherits, hooks of net-tools and members that name their bond.
What is written here both read alike, as nearly as can be; ``differences`` says what is left.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from . import hooks
from .backslash import flattened
from .document import INDENT, Edit, body, own_options
from .ifupdown import HOOKS
from .interface import Hook, Interface
from .meaning import interfaces
from .reading import Files, Reading, read, sourced
from .statements import MAIN, Class, Option, Program, Source, Stanza

_MASTER = ("bond-master", "bond_master")
_OF_BOND = (*_MASTER, "bond-mode", "bond_mode", "bond-miimon", "bond_miimon", "bond-primary", "bond_primary")
_SLAVES = ("bond-slaves", "bond_slaves", "bond-ports", "slaves")


@dataclass(frozen=True)
class Conversion:
    """files: the new texts. changes: what has been done, for people."""

    files: dict[str, str]
    changes: tuple[str, ...]


def converted(files: Files, main: str = MAIN) -> Conversion:
    """What ifupdown reads of these files, written for ifupdown2. Files that it does not read stay as they are."""
    changes: list[str] = []
    flat = dict(files)
    for path in read(files, "ifupdown", main).paths:
        flat[path] = flattened(files[path])
        if flat[path] != files[path]:
            changes.append(f"{path}: continued lines are joined, and comments have no backslash any more.")
    reading = read(flat, "ifupdown", main)
    if reading.broken:
        return Conversion(flat, tuple(changes))
    edit = Edit(flat)
    changes += _sources(edit, reading)
    changes += _classes(edit, reading)
    changes += _stanzas(edit, reading)
    return Conversion(edit.done(), tuple(changes))


def _sources(edit: Edit, reading: Reading) -> Iterator[str]:
    """A line for each file that ifupdown read, where ifupdown2 would find others, or none."""
    seen: set[str] = set()
    for placed in reading.placed:
        source = placed.statement
        if not isinstance(source, Source):
            continue
        found = sourced(edit.files, posixpath.dirname(placed.path), source, "ifupdown")
        first = [path for path in found if path not in seen]
        seen.update(found)
        if source.directory or not source.pattern.startswith("/") or first != found:
            edit.put(placed.path, source.lines, [f"source {path}" for path in first])
            yield f"{placed.path}: '{source.pattern}' is replaced by the files that ifupdown reads: {_listed(first)}."


def _classes(edit: Edit, reading: Reading) -> Iterator[str]:
    """``auto``, above the first stanza of an interface: ifupdown2 brings nothing else up at boot."""
    shown: set[str] = set()
    within: dict[str, int] = {}
    for placed in reading.placed:
        statement = placed.statement
        if isinstance(statement, Stanza):
            shown.add(statement.name)
            within[placed.path] = statement.lines.end
        elif isinstance(statement, Class) and statement.lines.first >= within.get(placed.path, 0):
            word = edit.rows(placed.path, statement.lines)[0].split()[0]
            if word == "auto" or statement.name not in ("auto", "hotplug", "no-auto-down", "no-scripts"):
                continue
            up = [name for name in statement.interfaces if name not in shown and not word.startswith("no-")]
            edit.put(placed.path, statement.lines, [f"auto {' '.join(up)}"] if up else [])
            yield f"{placed.path}: ifupdown2 does not know '{word} {' '.join(statement.interfaces)}'."


def _stanzas(edit: Edit, reading: Reading) -> Iterator[str]:
    wanted = interfaces(reading)
    first: set[str] = set()
    above: set[str] = set()
    members = {name: bond.name for bond in wanted.values() if bond.bond for name in bond.bond.members}
    for placed in reading.placed:
        stanza = placed.statement
        if isinstance(stanza, Class) and stanza.name in ("auto", "hotplug"):
            above.update(set(stanza.interfaces) - first)
        if not isinstance(stanza, Stanza):
            continue
        head: list[str] = []
        if stanza.name not in first and stanza.name not in above and wanted[stanza.name].auto:
            head = [f"auto {stanza.name}"]
            yield f"{placed.path}: 'auto {stanza.name}' is written above its stanza, where ifupdown2 looks for it."
        rows = _body(edit, placed.path, stanza, stanza.name in members)
        bond = wanted[stanza.name].bond
        if bond and stanza.name not in first and stanza.values(*_SLAVES) != (" ".join(bond.members),) and bond.members:
            rows = [row for row in rows if not row.split() or row.split()[0] not in _SLAVES]
            rows.insert(0, f"{INDENT}bond-slaves {' '.join(bond.members)}")
            yield f"{placed.path}: {stanza.name} names its members itself, as ifupdown2 wants it."
        first.add(stanza.name)
        header = f"iface {stanza.name} {stanza.family} {stanza.method}"
        old = edit.rows(placed.path, stanza.lines)
        new = [*head, header if stanza.inherits else old[0], *rows]
        if new != old:
            edit.put(placed.path, stanza.lines, new)


def _body(edit: Edit, path: str, stanza: Stanza, member: bool) -> list[str]:
    """The options of a stanza in their order, each as ifupdown2 understands it."""
    own = own_options(stanza)
    kept = {option.lines.first: _option(option, stanza, member) for option in own}
    rows = [f"{INDENT}{option.name} {option.value}" for option in stanza.options if option not in own]
    for number, row in enumerate(body(edit, path, stanza), stanza.lines.first + 1):
        new = kept.get(number, row)
        rows += [] if new is None else [row if new == "" else f"{INDENT}{new}" if number in kept else row]
    return [row for row in rows if row.strip() not in ("auto", "allow-hotplug", "allow-auto", "no-auto-down")]


def _option(option: Option, stanza: Stanza, member: bool) -> Optional[str]:
    """The new line, "" for the old one, None for no line."""
    if member and option.name in _OF_BOND:
        return None
    if option.name in hooks.HOOKS:
        hook = Hook(option.name, option.value)
        route = hooks.as_route(hook, stanza.name)
        if route is not None and hooks.uses_net_tools(hook):
            return f"up {route.command(stanza.name)}"
        if hooks.undoes_route(hook):
            return None
        other = hooks.without_ifconfig(hook, stanza.name)
        return f"{option.name} {other}" if other else ""
    return ""


def differences(files: Files, new: Files, before: Program, after: Program, main: str = MAIN) -> list[str]:
    """What one program reads in the old files and the other one reads otherwise in the new ones, by interface."""
    old, now = interfaces(read(files, before, main)), interfaces(read(new, after, main))
    found = [f"{name}: appears" for name in now if name not in old]
    for name, interface in old.items():
        if name not in now:
            found.append(f"{name}: is lost")
            continue
        other = dict(_aspects(now[name]))
        for word, value in _aspects(interface):
            if value != other[word]:
                found.append(f"{name}: {word} {'changes' if other[word] or word in hooks.HOOKS else 'is lost'}")
    return found


def _aspects(one: Interface) -> Iterator[tuple[str, object]]:
    yield from (("kind", one.kind), ("auto", one.auto), ("address", one.addresses), ("gateway", one.gateways))
    yield from (
        ("peer", one.peers),
        ("DHCP", one.dhcp),
        ("mtu", one.mtu),
        ("hwaddress", one.mac),
        ("bond", one.bond),
        ("ovs", one.ovs),
    )
    yield from (("VLAN", one.vlan), ("bridge", one.bridge), ("routes", one.routes))
    needed = [hook for hook in one.hooks if not hooks.undoes_route(hook)]
    needed = [Hook(hook.when, hooks.without_ifconfig(hook, one.name) or hook.command) for hook in needed]
    commands = [(HOOKS.get(hook.when, hook.when), hook.command.replace("$IFACE", one.name)) for hook in needed]
    for when in ("pre-up", "up", "down", "post-down"):
        yield when, [command for moment, command in commands if moment == when]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
