# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said about losses: English, and with what it was made of, so that it can be said in other languages.

Those are in ``report/sentences.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any


class Phrase(str):
    """A text that was made from ``template`` and ``facts``: names, numbers, and other phrases."""

    template: str
    facts: Mapping[str, object]


def phrase(template: str, **facts: object) -> Phrase:
    """``{name}`` in the template stands for the fact of that name."""
    known = {name: fact if isinstance(fact, (int, float, str)) else str(fact) for name, fact in facts.items()}
    made = Phrase(template.format(**known))
    made.template, made.facts = template, known
    return made


def phrases_in(document: object) -> Iterator[Phrase]:
    """All of them, in any depth; of one that is part of another, both."""
    if isinstance(document, Phrase):
        yield document
        yield from phrases_in(document.facts)
    elif isinstance(document, Mapping):
        for one in document.values():
            yield from phrases_in(one)
    elif isinstance(document, (list, tuple)):
        for one in document:
            yield from phrases_in(one)


def explained(document: object) -> dict[str, dict[str, Any]]:
    """Text → its template and facts, for all phrases of a document. A fact that is a phrase is there under its text."""
    return {
        str(one): {
            "template": one.template,
            "facts": {name: str(fact) if isinstance(fact, str) else fact for name, fact in one.facts.items()},
        }
        for one in phrases_in(document)
    }


def listed(names: Iterable[object], last: str = "and") -> str:
    """``pve1, pve2 and pve3``; numbers by size, words by name."""
    found = sorted(names, key=_key)
    if len(found) < 2:
        return _plain(found[0]) if found else ""
    template = {"and": "{names} and {name}", "or": "{names} or {name}"}[last]
    return phrase(template, names=joined(found[:-1], "{one}, {more}"), name=_plain(found[-1]))


def joined(parts: Sequence[object], template: str = "{one}; {more}") -> str:
    """``one; two; three``."""
    texts = [_plain(part) for part in parts]
    return (
        reduce(lambda more, one: phrase(template, one=one, more=more), reversed(texts[:-1]), texts[-1]) if texts else ""
    )


def _plain(part: object) -> str:
    return part if isinstance(part, str) else str(part)


def _key(one: object) -> tuple[int, str]:
    return (one, "") if isinstance(one, int) else (0, str(one))


def sentence(text: str) -> Phrase:
    """``who is there is not known`` as a sentence of its own."""
    return phrase("{shown}.", clause=text, shown=f"{text[0].upper()}{text[1:]}")


def verb(names: Collection[object], one: str, more: str) -> str:
    """The form of a verb that follows ``listed(names)``."""
    return one if len(names) == 1 else more


def span(seconds: float) -> Phrase:
    """``40 s``, ``12 min``, ``3 h``: as people say it."""
    if seconds < 120:
        return phrase("{time:.0f} s", time=seconds)
    return (
        phrase("{time:.0f} min", time=seconds / 60) if seconds < 7200 else phrase("{time:.0f} h", time=seconds / 3600)
    )
