# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a saved plan may be applied now: to the same machines, from the same wishes, and only what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SCHEMA = 1
LIFETIME = 24 * 3600

#: A step of a plan: host, subject and the id of the step (its sentence, where it has none).
Key = tuple[str, str, str]

_WHOLE = {
    "version": "It was made by version {was} of this collection; this is {now}.",
    "source": "The files of this collection have changed since it was made.",
    "hosts": "It was made for the hosts {was}; this run has {now}.",
    "tags": "It was made with the tags {was}; this run has {now}.",
    "wishes": "The variables of the roles have changed since it was made.",
}
_MACHINE = {
    "machine_id": "its machine-id is another one",
    "host_key": "its SSH host key is another one",
    "product_uuid": "its product UUID is another one",
    "authority": "its cluster has another certificate authority",
    "fsid": "its Ceph has another fsid",
}


def key(step: Mapping[str, Any]) -> Key:
    return str(step["host"]), str(step["subject"]), str(step["id"] or step["why"])


def refuse_saved(saved: Mapping[str, Any], now: float) -> Iterator[str]:
    """Why this plan cannot be applied at all, from itself alone. ``now``: seconds since 1970."""
    if saved.get("schema") != SCHEMA or "binding" not in saved:
        yield "It is not a plan that this version of the collection can apply."
        return
    if saved["state"] not in ("steps", "nothing"):
        reasons = {"incomplete": "The run that was to write it ended before its plan was whole."}
        yield reasons.get(saved["state"], "What it plans was refused.")
    age = now - float(saved["binding"]["made"])
    if not 0 <= age <= LIFETIME:
        yield f"It was made {age / 3600:.0f} hours ago; after {LIFETIME // 3600} hours a plan is not applied any more."


def refuse_other_site(saved: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """Why this plan belongs to other machines or other wishes. Both: see ``plugin_utils/saved_plan.binding``."""
    for name, sentence in _WHOLE.items():
        if saved[name] != here[name]:
            yield sentence.format(was=_words(saved[name]), now=_words(here[name]))
    for host in saved["identities"]:
        if host in here["identities"]:
            yield from _refuse_other_machine(host, saved["identities"][host], here["identities"][host])


def _refuse_other_machine(host: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What was not there then may have come since, as a cluster does that this very plan makes."""
    for name, words in _MACHINE.items():
        if was.get(name) is not None and was[name] != now.get(name):
            yield f"{host} is not the machine that it was made for: {words}."
    if was.get("machine_id") is None and was.get("host_key") is None:
        yield f"{host} had neither a machine-id nor an SSH host key by which it could be known again."


def refuse_steps(
    saved: Iterable[Mapping[str, Any]], steps: Iterable[Mapping[str, Any]], done: frozenset[Key] = frozenset()
) -> Iterator[str]:
    """Why these steps are not what the plan holds. ``done``: what was carried out for this very plan before."""
    held = {key(step) for step in saved}
    for step in steps:
        if key(step) not in held:
            yield f"{step['host']} would also {step['why']}, which it does not hold."
        elif key(step) in done and not step["possible"]:
            yield f"{step['host']} would {step['why']} again, though that was done for this plan before."


def _words(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, (list, tuple)) else str(value)
