# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the CNI specification asks of a plugin, as a table of trials, and whether what was seen keeps it.

Upstream: containernetworking/cni SPEC.md, sections 2 and 4 and the table of error codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Callable, Literal, Optional

from .conflist import FIRST_STATUS, Conflist, at_least
from .node import Program
from .plugins import CHAINED, check_bug

Verdict = Literal["passed", "failed", "known", "skipped"]
Seen = Mapping[str, Any]
#: What kernels say of devices that they do not have.
_NOT_HERE = ("operation not supported", "unknown device type")
#: Plugins of which one container after the other has the one device.
_ONE_DEVICE = ("host-device", "loopback")
_UNSUPPORTED = "this kernel does not allow it"


@dataclass(frozen=True)
class Outcome:
    """``told``: what was seen, where that is not simply as it should be."""

    trial: str
    asks: str
    verdict: Verdict
    told: str = ""


@dataclass(frozen=True)
class _Context:
    conflist: Conflist
    programs: Mapping[str, Program]

    @property
    def first(self) -> str:
        return self.conflist.plugins[0].type

    def bug(self, message: str) -> str:
        """What is known of this failure of CHECK, in one of the plugins of the list."""
        for plugin in self.conflist.types:
            program = self.programs.get(plugin)
            found = check_bug(plugin, program.release if program else "", message)
            if found:
                return f"{plugin}: {found.about}"
        return ""


#: Empty: as it should be.
Judge = Callable[[Seen, _Context], str]
#: Why a trial means nothing for this list; empty where it does.
Excuse = Callable[[_Context], str]


def _succeeds(seen: Seen, context: _Context) -> str:
    return "" if seen["rc"] == 0 else _words(seen)


def _fails(seen: Seen, context: _Context) -> str:
    return "" if seen["rc"] != 0 else "it succeeded"


def _with_code(code: int) -> Judge:
    def judge(seen: Seen, context: _Context) -> str:
        return "" if seen["code"] == code else f"{_words(seen)}, where code {code} is asked for"

    return judge


def _words(seen: Seen) -> str:
    if seen["rc"] == 0:
        return "it succeeded"
    return f"code {seen['code']}: {seen['msg']}" if seen["code"] else f"exit code {seen['rc']}: {seen['msg']}"


def _knows(seen: Seen, context: _Context) -> str:
    known = seen.get("versions", [])
    return "" if context.conflist.version in known else f"it knows {', '.join(known) or 'none'}"


def _adds(seen: Seen, context: _Context) -> str:
    if seen["rc"] != 0:
        return _words(seen)
    version = context.conflist.version
    return "" if seen["version"] == version else f"the result is of version {seen['version'] or 'none'}, not {version}"


def _leaves_nothing(seen: Seen, context: _Context) -> str:
    return _words(seen) if seen["rc"] != 0 else f"{', '.join(seen['left'])} is left" if seen["left"] else ""


def _all_different(seen: Seen, context: _Context) -> str:
    twice = [address for address, count in Counter(map(str, seen["addresses"])).items() if count > 1]
    if seen["failed"]:
        return f"{seen['failed']} failed: {_words(seen)}"
    return f"{', '.join(twice)} was given more than once" if twice else ""


def _always(context: _Context) -> str:
    return ""


def _checked(context: _Context) -> str:
    return "" if context.conflist.checks else "its version knows no CHECK, or it says disableCheck"


def _makes_interfaces(context: _Context) -> str:
    return f"{context.first} makes no interface" if context.first in (*CHAINED, "loopback") else ""


def _tampered(context: _Context) -> str:
    return _checked(context) or _makes_interfaces(context)


def _many(context: _Context) -> str:
    return f"{context.first} serves one container at a time" if context.first in _ONE_DEVICE else ""


def _youngest(context: _Context) -> str:
    return "" if at_least(context.conflist.version, FIRST_STATUS) else f"begins with version {FIRST_STATUS}"


#: Trial → what the specification asks, whether it is kept, and where it does not apply.
TRIALS: Mapping[str, tuple[str, Judge, Excuse]] = {
    "version": ("VERSION lists the version of the list", _knows, _always),
    "without_CNI_CONTAINERID": ("without CNI_CONTAINERID ADD fails with code 4", _with_code(4), _always),
    "without_CNI_NETNS": ("without CNI_NETNS ADD fails with code 4", _with_code(4), _always),
    "without_CNI_IFNAME": ("without CNI_IFNAME ADD fails with code 4", _with_code(4), _always),
    "container_invalid": ("an id of a container that is none fails with code 4", _with_code(4), _always),
    "ifname_invalid": ("a name of an interface that is none fails with code 4", _with_code(4), _always),
    "version_unknown": ("a version that it does not know fails with code 1", _with_code(1), _always),
    "add": ("ADD succeeds, and its result has the version of the list", _adds, _always),
    "add_without_namespace": ("ADD into a namespace that is not there fails", _fails, _always),
    "check": ("CHECK after ADD succeeds", _succeeds, _checked),
    "add_twice": ("a second ADD of the same interface fails", _fails, _makes_interfaces),
    "check_after_add_twice": ("the second ADD has done no harm to the first", _succeeds, _tampered),
    "check_tampered": ("CHECK fails when somebody has taken the addresses away", _fails, _tampered),
    "del": ("DEL succeeds and leaves no interface", _leaves_nothing, _always),
    "del_twice": ("a second DEL succeeds", _succeeds, _always),
    "del_without_namespace": ("DEL succeeds when the namespace is gone", _succeeds, _always),
    "parallel": ("twenty ADDs at once give twenty addresses", _all_different, _many),
    "status": ("STATUS succeeds", _succeeds, _youngest),
    "gc": ("GC succeeds", _succeeds, _youngest),
}


def judged(conflist: Conflist, programs: Mapping[str, Program], seen: Mapping[str, Seen]) -> list[Outcome]:
    """Every trial of the table, also those that were not made."""
    context = _Context(conflist, programs)
    added = seen.get("add", {"rc": 1, "msg": ""})
    here = added["rc"] == 0 or not any(words in str(added["msg"]).lower() for words in _NOT_HERE)
    return [
        _outcome(name, asks, judge, excuse(context) or _unmade(name, seen, here), context, seen.get(name))
        for name, (asks, judge, excuse) in TRIALS.items()
    ]


def _unmade(name: str, seen: Mapping[str, Seen], here: bool) -> str:
    if name == "add" and not here:
        return f"{_UNSUPPORTED} ({seen['add']['msg']})"
    if name in seen:
        return ""
    return "nothing could be added" if here else _UNSUPPORTED


def _outcome(name: str, asks: str, judge: Judge, excuse: str, context: _Context, seen: Optional[Seen]) -> Outcome:
    if excuse or seen is None:
        return Outcome(name, asks, "skipped", excuse)
    told = judge(seen, context)
    bug = context.bug(str(seen["msg"])) if name.startswith("check") else ""
    if bug:  # what CHECK would have said of anything else is not known
        return Outcome(name, asks, "known", bug)
    return Outcome(name, asks, "failed" if told else "passed", told)


def table(outcomes: list[Outcome]) -> str:
    """For people, as Markdown."""
    rows = (f"| {one.verdict} | {one.asks} | {one.told.replace('|', '/')} |" for one in outcomes)
    return "\n".join(("| verdict | what is asked | what was seen |", "|---|---|---|", *rows)) + "\n"


def junit(name: str, outcomes: list[Outcome]) -> str:
    """For programs that collect results of tests. A known failure counts as skipped, with its reason."""
    count = Counter(one.verdict for one in outcomes)
    head = f'tests="{len(outcomes)}" failures="{count["failed"]}" skipped="{count["known"] + count["skipped"]}"'
    cases = "".join(f"  {line}\n" for one in outcomes for line in _case(name, one))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuite name="{escape(name)}" {head}>\n{cases}</testsuite>\n'


def _case(name: str, one: Outcome) -> Iterator[str]:
    told = escape("".join(letter for letter in one.told if letter.isprintable()))
    head = f'<testcase classname="{escape(name)}" name="{escape(one.trial)}: {escape(one.asks)}"'
    if one.verdict == "passed":
        yield f"{head}/>"
    elif one.verdict == "failed":
        yield f'{head}><failure message="{told}"/></testcase>'
    else:
        yield f'{head}><skipped message="{told}"/></testcase>'
