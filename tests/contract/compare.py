"""Compare two answers to one command; every difference is one line of text.

    rc: 2 -> 255                                  the exit code
    stdout - Killing node 3                       a line only the real thing printed
    stdout + Killing node three                   a line only the lab printed
    json [pve1].online: 1 -> 0                    a value
    json [pve1].level: only recorded (string)     a key

Lists of objects are compared object by object, whatever their order; texts are compared line by line.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from normalise import normalised
from recorded import Answer

#: What tells the objects of a list apart.
IDENTITY = ("id", "name", "node", "storage", "service", "iface", "devpath", "pool_name", "upid")
#: Numbers that say in which state something is; all others (sizes, times, counters) only need to be numbers.
STATES = frozenset(
    "quorate online local nodes nodeid active enabled shared leaf in up safe return_code exists "
    "size min_size pg_num num_osds num_up_osds num_in_osds num_mons".split()
)
#: Texts that describe the machine, its load or the moment.
VARYING = frozenset(
    "flags mhz model vendor family release version kversion machine loadavg digest config_digest upid user_hz "
    "ceph_version ceph_version_short stamp modified cpu kernel_version kernel_description mem_total_kb nonce "
    "last_change ok_become_degraded bad_become_inactive".split()
)


def differences(recorded: Answer, lab: Answer) -> list[str]:
    """Everything in which the lab's answer is not the recorded one."""
    found = [] if recorded.rc == lab.rc else [f"rc: {recorded.rc} -> {lab.rc}"]
    found += list(_output(recorded.stdout, lab.stdout))
    return found + list(_lines("stderr", recorded.stderr, lab.stderr))


def _output(recorded: str, lab: str) -> Iterator[str]:
    real, ours = _document(recorded), _document(lab)
    if real is None or ours is None:
        yield from _lines("stdout", recorded, lab)
        return
    yield from (f"json {difference}" for difference in _values("", real.value, ours.value))


class _Document:
    """A parsed output; a class of its own, because the document `null` is also one."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _document(text: str) -> _Document | None:
    """The text as JSON; a mere number is no document."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return None if isinstance(value, (int, float)) else _Document(value)


def _lines(stream: str, recorded: str, lab: str) -> Iterator[str]:
    real, ours = (normalised(text).splitlines() for text in (recorded, lab))
    if _is_unordered(real):
        real, ours = sorted(real), sorted(ours)
    for line in difflib.ndiff(real, ours):
        if line[0] in "-+":
            yield f"{stream} {line[0]} {line[2:]}".rstrip()


def _is_unordered(lines: list[str]) -> bool:
    """`find -ls` prints in the order of the directory."""
    return bool(lines) and all("<size> <date> /" in line for line in lines)


def _values(path: str, real: Any, ours: Any) -> Iterator[str]:
    if _kind(real) != _kind(ours):
        yield f"{path}: {_kind(real)} -> {_kind(ours)}"
    elif isinstance(real, dict):
        yield from _objects(path, real, ours)
    elif isinstance(real, list):
        yield from _lists(path, real, ours)
    elif not _same_scalar(path.rpartition(".")[2], real, ours):
        yield f"{path}: {json.dumps(real, ensure_ascii=False)} -> {json.dumps(ours, ensure_ascii=False)}"


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    names = {dict: "object", list: "list", str: "string", int: "number", float: "number"}
    return names[type(value)]


def _same_scalar(key: str, real: Any, ours: Any) -> bool:
    if isinstance(real, str):
        return key in VARYING or _words(real) == _words(ours)
    return key not in STATES or real == ours


def _words(text: str) -> list[str]:
    """A comma-separated list has no order."""
    return sorted(normalised(text).split(","))


def _objects(path: str, real: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    for key in sorted({*real, *ours}):
        below = f"{path}.{key}" if path else key
        if key not in ours:
            yield f"{below}: only recorded ({_kind(real[key])})"
        elif key not in real:
            yield f"{below}: only in the lab ({_kind(ours[key])})"
        elif key not in VARYING or _kind(real[key]) != _kind(ours[key]):
            yield from _values(below, real[key], ours[key])


def _lists(path: str, real: list[Any], ours: list[Any]) -> Iterator[str]:
    identity = _identity(real, ours)
    if identity is not None:
        yield from _objects_of_list(path, identity, real, ours)
    elif not real or not ours:
        if real != ours:
            yield f"{path}[]: {len(real)} -> {len(ours)} elements"
    elif all(isinstance(item, str) for item in real + ours):
        if sorted(map(normalised, real)) != sorted(map(normalised, ours)):
            yield f"{path}[]: {json.dumps(real)} -> {json.dumps(ours)}"
    else:
        for index, (one, other) in enumerate(zip(real, ours)):
            yield from _values(f"{path}[{index}]", one, other)


def _identity(real: list[Any], ours: list[Any]) -> str | None:
    """The key whose values tell the objects of either list apart, if they have one."""
    if not real + ours or not all(isinstance(item, dict) for item in real + ours):
        return None
    return next((key for key in IDENTITY if _tells_apart(key, real) and _tells_apart(key, ours)), None)


def _tells_apart(key: str, items: list[dict[str, Any]]) -> bool:
    values = {normalised(str(item[key])) for item in items if isinstance(item.get(key), (str, int))}
    return len(values) == len(items)


def _objects_of_list(path: str, identity: str, real: list[Any], ours: list[Any]) -> Iterator[str]:
    theirs, mine = ({normalised(str(item[identity])): item for item in items} for items in (real, ours))
    for name in sorted({*theirs, *mine}):
        below = f"{path}[{name}]"
        if name not in mine:
            yield f"{below}: only recorded"
        elif name not in theirs:
            yield f"{below}: only in the lab"
        else:
            yield from _objects(below, theirs[name], mine[name])
