# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Export options of exports(5): what each one means, and what holds when it is not given.

Two lists of options are equal when they mean the same, whatever their order and whichever defaults they spell out.
That makes a file written by hand, one written by this collection and exportfs' own table comparable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Options without a value: word → (what it decides, the decision). The first word of each pair is the default.
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
    ("pnfs", "no_pnfs", "pnfs"),
    ("label", "", "security_label"),
)
_SYNONYMS = {"auth_nlm": "secure_locks", "no_auth_nlm": "insecure_locks", "mp": "mountpoint", "fsid=root": "fsid=0"}
_FLAGS = {word: (decides, word) for decides, *words in _PAIRS for word in words if word}
_DEFAULTS = {
    **{decides: default for decides, default, _other in _PAIRS if default},
    "anonuid": "65534",
    "anongid": "65534",
    "sec": "sys",
}
_VALUES = ("anonuid", "anongid", "fsid", "sec", "mountpoint", "refer", "replicas", "reexport", "xprtsec")
_KNOWN = {*_VALUES, *(decides for decides, *_words in _PAIRS)}
#: Decisions that exportfs never adds of its own accord.
_NEVER_ADDED = ("label", "mountpoint", "refer", "replicas")
_ACCOUNTS = ("anonuid", "anongid")

#: Said explicitly in the managed file, because exportfs complains about a line that leaves them open.
_ALWAYS_WRITTEN = ("sync", "subtree")

#: What an export without options of its own gets.
DEFAULT_OPTIONS = ("rw", "sync", "no_subtree_check")


def effective(options: Iterable[str]) -> dict[str, str]:
    """What these options decide, defaults included: ``{"access": "rw", "root": "root_squash", ...}``."""
    return {**_DEFAULTS, **decisions(options)}


def decisions(options: Iterable[str]) -> dict[str, str]:
    """What these options decide by themselves; of two that contradict each other the later one holds."""
    found = {}
    for option in options:
        decides, decision = _decision(option)
        found[decides] = decision
    return found


def contradictions(options: Iterable[str]) -> list[str]:
    """The options that an earlier one has already decided otherwise."""
    seen: dict[str, str] = {}
    wrong = []
    for option in options:
        decides, decision = _decision(option)
        if seen.setdefault(decides, decision) != decision:
            wrong.append(option)
    return wrong


def unknown(options: Iterable[str]) -> list[str]:
    """The words that exports(5) does not know."""
    return [option for option in options if _decision(option)[0] not in _KNOWN]


def written(options: Iterable[str]) -> tuple[str, ...]:
    """The options as they stand in the file: in one order, and complete enough for exportfs to keep silent."""
    found = decisions(options)
    for decides in _ALWAYS_WRITTEN:
        found.setdefault(decides, _DEFAULTS[decides])
    flags = [found.pop(decides) for decides, *_words in _PAIRS if decides in found]
    return (*flags, *(_spelled(decides, found[decides]) for decides in sorted(found)))


def same_meaning(wanted: Mapping[str, str], served: Mapping[str, str]) -> bool:
    """Does the table of exportfs hold what is wanted? It may add decisions of newer releases, and file system ids."""
    return all(served.get(decides) == wanted.get(decides) for decides in (*wanted, *_NEVER_ADDED))


def served_options(text: str) -> dict[str, str]:
    """The options in /var/lib/nfs/etab; after ``sec=`` the first ones are repeated for each security flavour."""
    words = text.split(",")
    end = next((number for number, word in enumerate(words) if word.startswith("sec=")), len(words) - 1)
    return effective(words[: end + 1])


def _decision(option: str) -> tuple[str, str]:
    option = _SYNONYMS.get(option, option)
    if option in _FLAGS:
        return _FLAGS[option]
    name, dummy, value = option.partition("=")
    name = _SYNONYMS.get(name, name)
    if name in _ACCOUNTS and value.lstrip("-").isdecimal():
        value = str(int(value) % 2**32)  # -2 and 4294967294 are the same account
    return name, value


def _spelled(decides: str, decision: str) -> str:
    return f"{decides}={decision}" if decision else decides
