# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets the datacenter's notices in the end: through matchers, endpoints and the addresses of users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...model.datacenter.datacenter import Key, Thing, Value


def recipients(
    things: Mapping[Key, Thing], mail: Mapping[str, str], foreign: Mapping[str, bool]
) -> dict[str, list[str]]:
    """Matcher that is not disabled → whom its notices reach. A user without an address gets nothing."""
    return {
        name: sorted({one for target in _words(matcher, "target") for one in _reached(target, things, mail, foreign)})
        for (kind, name), matcher in sorted(things.items())
        if kind == "matcher" and not _is_off(matcher)
    }


def _reached(
    target: str, things: Mapping[Key, Thing], mail: Mapping[str, str], foreign: Mapping[str, bool]
) -> Iterator[str]:
    if foreign.get(target):
        yield target  # whom it reaches from there, only its own server knows
    endpoint = things.get(("endpoint", target))
    if endpoint is None or _is_off(endpoint):
        return
    if endpoint.type == "gotify":
        yield f"{target} at {endpoint.options.get('server', '')}"
    yield from _words(endpoint, "mailto")
    yield from (mail[user] for user in _words(endpoint, "mailto-user") if user in mail)


def warn_of_notices(things: Mapping[Key, Thing], mail: Mapping[str, str], foreign: Mapping[str, bool]) -> Iterator[str]:
    found = recipients(things, mail, foreign)
    for name, reached in found.items():
        if not reached:
            yield f"The notices of the matcher {name} reach nobody."
    if not found:
        yield "No matcher is on, so nobody gets a notice."
    for (kind, name), endpoint in sorted(things.items()):
        mute = [user for user in sorted(_words(endpoint, "mailto-user")) if user not in mail]
        if kind == "endpoint" and mute and not _is_off(endpoint):
            yield f"The endpoint {name} names {', '.join(mute)}, who has no address: nothing is sent there."


def _is_off(thing: Thing) -> bool:
    return thing.options.get("disable", "0") in ("1", "true")


def _words(thing: Thing, name: str) -> frozenset[str]:
    value: Value = thing.options.get(name, frozenset())
    return value if isinstance(value, frozenset) else frozenset(value.split(","))
