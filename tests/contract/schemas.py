"""Does Proxmox VE know this command, this option, this path, this parameter? Asked of schema/, without a lab.

An older release can be asked too. What it has otherwise is noted for the API; of the command lines, which are those of
the newest release, only for the one that the collection runs and that is not the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "schema"
VERBS = {"get": "GET", "ls": "GET", "create": "POST", "set": "PUT", "delete": "DELETE"}
"""What pvesh calls the verbs of HTTP."""
ASKED = frozenset({("pvesm add", "password"), ("pvesm set", "password")})
"""Options that may come without a value: the tool then asks for it on standard input."""
EVERYWHERE = {"output-format": {"type": "string", "optional": True}}
"""Options of every command that prints a result, and of pvesh; no method knows them."""

NEWEST = "9"
OF_OLDER: Mapping[str, Any] = {"optional": True}
"""A parameter that only an older release has; no more than its name is noted."""

Parameters = Mapping[str, Mapping[str, Any]]
RELEASES = (NEWEST, "8", "7")
_FLAG: Mapping[str, Any] = {"type": "boolean", "optional": True}


def _choice(*words: str) -> Mapping[str, Any]:
    return {"type": "string", "optional": True, "enum": words}


OLDER_COMMANDS: Mapping[tuple[str, str], Parameters] = {
    ("8", "pveceph install"): {
        "version": _choice("quincy", "reef", "squid"),
        "repository": _choice("enterprise", "no-subscription", "test"),
        "allow-experimental": _FLAG,
    },
    ("7", "pveceph install"): {
        "version": _choice("octopus", "pacific", "quincy"),
        "test-repository": _FLAG,
        "allow-experimental": _FLAG,
    },
}
"""Upstream's PVE/CLI/pveceph.pm in its branches stable-8 and stable-7."""


@lru_cache
def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / name).read_text(encoding="utf-8")))


@lru_cache
def tools() -> frozenset[str]:
    """The command line tools that the schema describes."""
    return frozenset(key.partition(" ")[0] for key in _read("cli.json"))


@lru_cache
def api(release: str = NEWEST) -> dict[str, dict[str, Parameters]]:
    """Path → verb → parameters, as that release has them."""
    found = {path: dict(verbs) for path, verbs in _read("api.json").items()}
    for method, note in _read("older.json").items():
        verb, path = method.split()
        verbs = found.setdefault(path, {})
        newest = verbs.pop(verb, note.get("parameters", {}))
        if release in note.get("in_pve", [release]):
            verbs[verb] = _as_in(release, newest, note)
    return {path: verbs for path, verbs in found.items() if verbs}


def _as_in(release: str, newest: Parameters, note: Mapping[str, Any]) -> Parameters:
    lacking = note.get("lacks", {}).get(release, [])
    extra = note.get("has_extra", {}).get(release, [])
    kept = {name: item for name, item in newest.items() if name not in lacking}
    return {**kept, **dict.fromkeys(extra, OF_OLDER)}


def wrong_with_command(argv: Sequence[str], release: str = NEWEST) -> list[str]:
    """What Proxmox VE would not understand in a command line of one of its tools; [] for all other programs."""
    if not argv or argv[0] not in tools():
        return []
    name, words = _command(argv)
    if name is None:
        return [f"there is no command {' '.join(argv[:3])}"]
    if name.startswith("pvesh ") and words:
        verb, path = VERBS.get(name.split()[1], "GET"), words[0]
        known = {**_parameters(verb, path, release), **_definition(name)["parameters"]}
        options, _bare, wrong = _split(name, known, words)
        return wrong + _wrong_call(verb, path, set(options) - set(_definition(name)["parameters"]), release)
    return _wrong_words(name, words, release)


def wrong_in_every_release(argv: Sequence[str]) -> list[str]:
    """What no supported release would understand: for commands of which nobody says where they will run."""
    found = [wrong_with_command(argv, release) for release in RELEASES]
    return found[0] if all(found) else []


def begins_a_command(words: Sequence[str]) -> bool:
    """Whether words alone, without what follows them, can be the beginning of a command."""
    start = " ".join(words) + " "
    return any(f"{name} ".startswith(start) for name in _read("cli.json"))


def wrong_with_call(verb: str, path: str, names: Collection[str], release: str = NEWEST) -> list[str]:
    """What the API would not understand in a request, given the names of its parameters."""
    return _wrong_call(verb, path, set(names), release)


def _wrong_call(verb: str, path: str, names: set[str], release: str) -> list[str]:
    if (verb, path) == ("GET", "/"):
        return []  # the index of indexes, which the schema leaves out
    template = _template(path, release)
    if template is None or verb not in api(release)[template]:
        return [f"there is no {verb} {path}"]
    known = api(release)[template][verb]
    variables = set(re.findall(r"{([^}]+)}", template))
    wrong = [f"{verb} {template} has no parameter {name}" for name in sorted(names) if _lookup(known, name) is None]
    missing = [name for name, item in known.items() if not item.get("optional") and name not in names | variables]
    return wrong + [f"{verb} {template} needs {name}" for name in missing if "[n]" not in name]


def _parameters(verb: str, path: str, release: str) -> Parameters:
    template = _template(path, release)
    return api(release)[template].get(verb, {}) if template else {}


@lru_cache
def _template(path: str, release: str) -> str | None:
    """The path of the schema that a request's path is an instance of; one without variables comes first."""
    parts = path.rstrip("/").split("/")
    found = []
    for template in api(release):
        theirs = template.split("/")
        fits = len(theirs) == len(parts) and all(one.startswith("{") or one == two for one, two in zip(theirs, parts))
        if fits:
            found.append(template)
    return min(found, key=lambda template: template.count("{"), default=None)


def _command(argv: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The longest command name at the start of the words, an alias replaced by what it stands for; and the rest."""
    for length in (4, 3, 2, 1):
        name = " ".join(argv[:length])
        if len(argv) >= length and name in _read("cli.json"):
            alias = _read("cli.json")[name].get("alias")
            return f"{argv[0]} {alias}" if alias else name, argv[length:]
    return None, argv


def _definition(name: str) -> dict[str, Any]:
    return dict(_read("cli.json")[name])


def _wrong_words(name: str, words: Sequence[str], release: str) -> list[str]:
    definition = _definition(name)
    parameters: Parameters = OLDER_COMMANDS.get((release, name), definition["parameters"])
    options, bare, wrong = _split(name, parameters, words)
    positional = definition["positional"]
    takes_rest = bool(positional) and parameters.get(positional[-1], {}).get("type") == "array"
    if len(bare) > len(positional) and not takes_rest:
        wrong.append(f"{name} takes no {bare[len(positional)]!r}")
    given = {*options, *positional[: len(bare)]}
    required = [option for option, item in parameters.items() if not item.get("optional") and "[n]" not in option]
    return wrong + [f"{name} needs {option}" for option in required if option not in given]


def _split(name: str, parameters: Parameters, words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Options, bare words, and what is wrong with the options."""
    options, bare, wrong = [], [], []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-") or word == "-":
            bare.append(word)
            continue
        option, equals, value = word.lstrip("-").partition("=")
        options.append(option)
        definition = _lookup({**EVERYWHERE, **parameters}, option)
        if definition is None:
            wrong.append(f"{name} has no option --{option}")
        given = value if equals else _value(definition or {}, queue)
        wrong += _wrong_value(name, option, definition or {}, given)
    return options, bare, wrong


def _value(definition: Mapping[str, Any], queue: list[str]) -> str | None:
    """The word after an option, if it is its value."""
    if definition.get("type") == "boolean":
        return queue.pop(0) if queue and queue[0] in ("0", "1", "yes", "no", "on", "off", "true", "false") else "1"
    return queue.pop(0) if queue and not queue[0].startswith("--") else None


def _wrong_value(name: str, option: str, definition: Mapping[str, Any], value: str | None) -> list[str]:
    if value is None:
        return [] if (name, option) in ASKED or not definition else [f"{name} --{option} needs a value"]
    allowed = definition.get("enum")
    return [f"{name} --{option} cannot be {value!r}"] if allowed and value not in map(str, allowed) else []


def _lookup(parameters: Parameters, name: str) -> Mapping[str, Any] | None:
    """The definition of a parameter; `link[n]` stands for link0, link1, ..."""
    if name in parameters:
        return parameters[name]
    hit = re.fullmatch(r"(.*?)(\d+)", name)
    if hit is None:
        return None
    family = parameters.get(f"{hit.group(1)}[n]")
    return family if family is not None and int(hit.group(2)) <= family.get("max_index", 0) else None
