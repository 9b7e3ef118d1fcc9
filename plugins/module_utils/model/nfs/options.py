# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Export options of exports(5): what each one means, and what holds when it is not given.

Two lists of options are equal when they mean the same, whatever their order and whichever defaults they spell out.
That makes a file written by hand, one written by this collection and exportfs' own table comparable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

#: Options without a value: what it decides, its default, and the other word. "": exportfs has no word for it.
_PAIRS = (
    ("access", "ro", "rw"),
    ("sync", "sync", "async"),
    ("wdelay", "wdelay", "no_wdelay"),
    ("hide", "hide", "nohide"),
    ("crossmnt", "nocrossmnt", "crossmnt"),
    ("ports", "secure", "insecure"),
    ("root", "root_squash", "no_root_squash"),
    ("everyone", "no_all_squash", "all_squash"),
    ("subtree", "no_subtree_check", "subtree_check"),
    ("locks", "secure_locks", "insecure_locks"),
    ("acl", "acl", "no_acl"),
    ("readdirplus", "", "nordirplus"),
    ("pnfs", "no_pnfs", "pnfs"),
    ("label", "", "security_label"),
    ("handles", "", "sign_fh"),
)
_SYNONYMS = {"auth_nlm": "secure_locks", "no_auth_nlm": "insecure_locks", "mp": "mountpoint", "fsid=root": "fsid=0"}
_FLAGS = {word: (decides, word) for decides, *words in _PAIRS for word in words if word}
_DEFAULTS = {
    **{decides: default for decides, default, _other in _PAIRS if default},
    "anonuid": "65534",
    "anongid": "65534",
}
#: What ``sec=`` may be followed by: it then holds for these flavours alone.
_OF_FLAVOURS = ("access", "ports", "root", "everyone")
_FLAVOURS = frozenset("krb5 krb5i krb5p lkey lkeyi lkeyp none null spkm spkmi spkmp sys unix".split())
_ACCOUNTS = ("anonuid", "anongid")
#: Where else the files are; the two exclude each other.
_LOCATION = ("refer", "replicas")
_SQUASHED = ("squash_uids", "squash_gids")
#: The form of a value, where exportfs looks at it. fsid: a number as C writes it, or 32 hexadecimal digits.
_VALUES = {
    **dict.fromkeys(_ACCOUNTS, r"\s*[+-]?\d+"),
    **dict.fromkeys(_SQUASHED, r"(?!-1)\d+(-\d+)?(,\d+(-\d+)?)*"),
    "fsid": r"\s*[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)|([^0-9a-fA-F]*[0-9a-fA-F]){32}[^0-9a-fA-F]*",
    "sec": rf"({'|'.join(sorted(_FLAVOURS))})(:({'|'.join(sorted(_FLAVOURS))}))*",
    "xprtsec": r"(none|tls|mtls)(:(none|tls|mtls))*",
    "reexport": r"none|auto-fsidnum|predefined-fsidnum",
    **dict.fromkeys(("mountpoint", *_LOCATION), r"(?s).*"),
}
#: Decisions that exportfs never adds of its own accord.
_NEVER_ADDED = ("label", "mountpoint", "location", "readdirplus", "handles", "xprtsec", "reexport")

#: Said explicitly in the managed file, because exportfs complains about a line that leaves them open.
_ALWAYS_WRITTEN = ("sync", "subtree")

#: What an export without options of its own gets.
DEFAULT_OPTIONS = ("rw", "sync", "no_subtree_check")


@dataclass(frozen=True)
class Meaning:
    """``whole``: what is decided for all who may mount. ``flavours``: security flavour → what is decided for it."""

    whole: Mapping[str, str]
    flavours: tuple[tuple[str, Mapping[str, str]], ...]

    @property
    def key(self) -> tuple[frozenset[tuple[str, str]], ...]:
        """Equal for two lists of options that mean the same."""
        each = (frozenset({("sec", name), *decided.items()}) for name, decided in self.flavours)
        return (frozenset(self.whole.items()), *each)

    def any_flavour(self, **decided: str) -> bool:
        """Is there a flavour for which all of this is decided?"""
        return any(decided.items() <= found.items() for dummy, found in self.flavours)


def effective(*groups: Iterable[str]) -> Meaning:
    """What these options decide, defaults included. ``groups``: those set for all clients of a line, then its own."""
    whole = dict(_DEFAULTS)
    flavours: dict[str, dict[str, str]] = {}
    for options in groups:
        active: list[dict[str, str]] = []
        for decides, decision in map(_decision, options):
            if decides == "sec":
                active = [_flavour(name, flavours, whole) for name in decision.split(":")]
            else:
                _add(whole, decides, decision)
                for found in active if decides in _OF_FLAVOURS else ():
                    found[decides] = decision
    if not flavours:
        _flavour("sys", flavours, whole)
    return Meaning(
        {decides: decision for decides, decision in whole.items() if decides == "ports" or decides not in _OF_FLAVOURS},
        tuple(flavours.items()),
    )


def _add(decided: dict[str, str], decides: str, decision: str) -> None:
    """The later decision holds; only numbers to squash are gathered."""
    known = decided.get(decides)
    decided[decides] = f"{known},{decision}" if known is not None and decides in _SQUASHED else decision


def _flavour(name: str, flavours: dict[str, dict[str, str]], whole: Mapping[str, str]) -> dict[str, str]:
    """A flavour begins with what has been decided before it; ``sys`` and ``unix`` are one."""
    return flavours.setdefault("sys" if name == "unix" else name, {decides: whole[decides] for decides in _OF_FLAVOURS})


def same_meaning(wanted: Meaning, served: Meaning) -> bool:
    """Does the table of exportfs hold what is wanted? It may add decisions of newer releases, and file system ids.

    Nobody hands ``squash_uids`` to the kernel, and an older kernel takes the last word about ports for all flavours.
    """
    decided = [decides for decides in (*wanted.whole, *_NEVER_ADDED) if decides not in (*_SQUASHED, "ports")]
    return (
        all(served.whole.get(decides) == wanted.whole.get(decides) for decides in decided)
        and [name for name, dummy in served.flavours] == [name for name, dummy in wanted.flavours]
        and all(
            found["ports"] in (one["ports"], wanted.whole["ports"])
            and all(found[decides] == one[decides] for decides in ("access", "root", "everyone"))
            for (dummy, one), (dummy2, found) in zip(wanted.flavours, served.flavours)
        )
    )


def contradictions(options: Sequence[str]) -> list[str]:
    """The options that an earlier one has decided otherwise; behind another ``sec=`` that is no contradiction."""
    seen: dict[tuple[str, str], str] = {}
    place, wrong = "", []
    for option in options:
        decides, decision = _decision(option)
        if decides == "sec":
            place = decision
        if decides not in _SQUASHED:
            decides = "fsid" if decides == "uuid" else decides
            key = (place, decides) if decides in (*_OF_FLAVOURS, "sec") else ("", decides)
            if seen.setdefault(key, decision) != decision:
                wrong.append(option)
    return wrong


def unknown(options: Iterable[str]) -> list[str]:
    """The words that exports(5) does not know, and values that exportfs cannot read."""
    return [option for option in options if not _is_known(option)]


def _is_known(option: str) -> bool:
    name, equals, value = option.partition("=")
    name = _SYNONYMS.get(name, name)
    if "," in value and name not in _SQUASHED:
        return False
    if name == "mountpoint" or option in _FLAGS or option in _SYNONYMS:
        return True
    return bool(equals) and name in _VALUES and re.fullmatch(_VALUES[name], value) is not None


def written(options: Sequence[str]) -> tuple[str, ...]:
    """The options as they stand in the file: in one order, and complete enough for exportfs to keep silent."""
    head, *groups = _by_flavour(options)
    found: dict[str, str] = {}
    for decides, decision in map(_decision, head):
        _add(found, decides, decision)
    for group in groups:  # what does not differ by flavour is said once, before the first
        for decides, decision in map(_decision, group[1:]):
            if decides not in _OF_FLAVOURS:
                _add(found, decides, decision)
    for decides in _ALWAYS_WRITTEN:
        found.setdefault(decides, _DEFAULTS[decides])
    return (*_in_order(found), *(word for group in groups for word in _group(group)))


def _by_flavour(options: Iterable[str]) -> list[list[str]]:
    """The options before the first ``sec=``, then each ``sec=`` with those behind it."""
    groups: list[list[str]] = [[]]
    for option in options:
        if option.startswith("sec="):
            groups.append([])
        groups[-1].append(option)
    return groups


def _group(group: Sequence[str]) -> Iterator[str]:
    decided = {decides: one for decides, one in map(_decision, group[1:]) if decides in _OF_FLAVOURS}
    return iter((group[0], *_in_order(decided)))


def _in_order(decided: Mapping[str, str]) -> Iterator[str]:
    left = dict(decided)
    yield from [left.pop(decides) for decides, *_words in _PAIRS if decides in left]
    for decides in sorted(left):
        values = left[decides].split(",") if decides in _SQUASHED else [left[decides]]
        yield from (_spelled(decides, value) for value in values)


def _spelled(decides: str, decision: str) -> str:
    if decides == "location":
        return decision
    if decides == "uuid":
        return f"fsid={decision}"
    return f"{decides}={decision}" if decision else decides


def _decision(option: str) -> tuple[str, str]:
    option = _SYNONYMS.get(option, option)
    if option in _FLAGS:
        return _FLAGS[option]
    name, dummy, value = option.partition("=")
    name = _SYNONYMS.get(name, name)
    if name in _LOCATION:
        return "location", option
    if name == "fsid":
        number = _as_c(value)
        return ("uuid", value.lower()) if number is None else ("fsid", str(number % 2**32))
    if name in _ACCOUNTS and re.fullmatch(_VALUES[name], value):
        return name, str(int(value) % 2**32)  # -2 and 4294967294 are the same account
    return name, value


def _as_c(text: str) -> Optional[int]:
    """A number as strtoul(3) reads it with any base."""
    match = re.fullmatch(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)", text)
    if match is None:
        return None
    digits = match.group(2)
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
    return int(f"{match.group(1)}{digits}", base)
