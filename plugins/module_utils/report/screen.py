# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as text for a terminal or a log: what is wrong first, then what mends it, then the rest in short.

At most 100 columns, but commands, which are never broken; no colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from .amounts import moment, part, size
from .hosts import named
from .text import wrapped
from .words import Language, finding, said, say

_FIRST = 12
Say = Callable[..., str]


def screen(report: Mapping[str, Any], language: Language) -> str:
    """``report``: its document, with all characters visible."""

    def t(name: str, **facts: Any) -> str:
        return say(language, name, facts)

    def tell(one: Any) -> str:
        """A text of losses or advice, or a finding."""
        return said(report, language, one) if isinstance(one, str) else finding(report, language, one)

    return "\n".join(
        [
            *_head(report, t),
            "",
            *_now(report, t, tell),
            *_changes(report, t),
            *_facts(report, t),
            *_losses(report, t, tell),
            *_drift(report, t),
        ]
    )


def _line(first: str, text: str) -> Iterator[str]:
    head = f"{first:<{_FIRST}}"
    head = head if head.endswith(" ") else f"{head}  "
    yield from wrapped(head, text, _FIRST)


def _head(report: Mapping[str, Any], t: Say) -> Iterator[str]:
    rows = report["cluster"]["rows"]
    states: dict[str, list[str]] = {}
    for row in rows:
        word = "answers_not" if not row["answered"] else "no_web" if row["web"] is False else "answers"
        states.setdefault(t(word), []).append(row["node"])
    asked = "; ".join(f"{named(nodes)} {word}" for word, nodes in states.items())
    yield from wrapped("", f"{report['site']}, {moment(report['made'])}. {t('asked')}: {asked}.", 0)
    yield from wrapped("", t(report["verdict"]["id"], number=report["verdict"]["number"]), 0)


def _now(report: Mapping[str, Any], t: Say, tell: Say) -> Iterator[str]:
    for one in report["findings"]:
        yield from _line(t(f"level.{one['level']}"), tell(one))
    for told in report["advice"]["safe"]:
        yield from _line(t("level.safe"), tell(told))
    for number, one in enumerate(report["advice"]["do"], 1):
        yield from _action(f"{t('level.do')} {number}", one, t, tell)
    for one in report["advice"]["not"]:
        yield from _action(t("level.not"), one, t, tell)


def _action(head: str, one: Mapping[str, Any], t: Say, tell: Say) -> Iterator[str]:
    """Commands stand alone on their lines, and whole."""
    what = tell(one) if one["id"] else tell(one["what"])
    word = t(f"verdict_of.{one['verdict']}")
    yield from _line(head, f"{what} - {word}: {tell(one['condition'])}" if one["condition"] else what)
    if one["commands"] and one["on"]:
        yield f"{'':{_FIRST}}{t('on_node', node=one['on'])}:"
    for command in one["commands"]:
        yield f"{'':{_FIRST}}  {command}"


def _changes(report: Mapping[str, Any], t: Say) -> Iterator[str]:
    if "changes" not in report:
        return
    changes = report["changes"]
    yield ""
    since = moment(changes["since"])
    yield t("changes.since", since=since) if changes["rows"] else t("changes.none", since=since)
    for row in changes["rows"]:
        values = f"{row['was']} → {row['is']}" if row["kind"] == "changed" else row["is"] or row["was"]
        kind = t("change." + row["kind"])
        yield from _line("", f"{row['what']}: {kind} {values}".rstrip())


def _facts(report: Mapping[str, Any], t: Say) -> Iterator[str]:
    """Why a node is silent is said once, above."""
    silent = {row["node"] for row in report["cluster"]["rows"] if not row["answered"]}
    yield ""
    for name, lines in (
        ("cluster", _cluster(report["cluster"], t)),
        ("links", _links(report["links"], t)),
        ("health", _health(report["health"], t)),
        ("disks", _osds(report["disks"], t)),
        ("pools", _pools(report["pools"], t)),
        ("storages", _storages(report["storages"], t)),
        ("guests", _guests(report["guests"], t)),
        ("versions", _versions(report["versions"], t)),
        ("certificates", _certificates(report["certificates"], t)),
    ):
        yield t(f"section.{name}")
        section = report[name]
        for one in section["missing"]:
            why = t("answers_not") if one["who"] in silent else one["why"]
            yield from wrapped(f"  ? {one['who']}: ", f"{t('unknown')}: {why}", 4)
        if section["state"] == "none":
            yield f"  {t('nothing_here')}"
        for line in lines:
            yield from wrapped("  ", line, 4)


def _cluster(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    for row in section["rows"]:
        if not row["answered"]:
            yield f"{row['node']}: {t('state.silent')}"
        elif row["quorum"] is not None:
            word = "quorate" if row["quorum"]["quorate"] else "not_quorate"
            yield f"{row['node']}: {t(word, **row['quorum'])}; {t('sees')} {named(row['quorum']['sees'])}"
        else:
            yield f"{row['node']}: {t('unknown') if row['member'] else t('state.alone')}"


def _links(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    counts: dict[tuple[str, str], list[str]] = {}
    for row in section["rows"]:
        counts.setdefault((row["link"], row["state"]), []).append(f"{row['from']}→{row['to']}")
    for (link, state), ways in sorted(counts.items()):
        which = "" if state == "up" else f": {', '.join(ways)}"
        yield f"{link} {t(f'state.{state}')} ({len(ways)}){which}"


def _health(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    if section["status"]:
        numbers = section["numbers"]
        yield f"{section['status']}" + (f", {numbers['clean']} / {numbers['pgs']} active+clean" if numbers else "")
    for row in section["rows"]:
        yield f"{row['code']}: {row['message']}" + (f". {row['meaning']}" if row["meaning"] else "")


def _osds(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    known = {osd["id"]: osd for osd in section["osds"]}
    for row in section["rows"]:
        use = ", ".join(_osd(one, known, t) for one in row["osds"]) or row["used_as"] or t("empty_disk")
        serial = f" {row['serial']}" if row["serial"] else ""
        yield f"{row['node']} {row['path']}{serial} {size(row['bytes'])}: {use} {part(row['fill'])}".rstrip()


def _osd(number: int, known: Mapping[int, Mapping[str, Any]], t: Say) -> str:
    if number not in known:
        return f"osd.{number} {t('unknown')}"
    return f"osd.{number}" if known[number]["up"] else f"osd.{number} {t('state.down')}"


def _pools(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    for row in section["rows"]:
        rule = row["pg_rule"]
        why = f"; {t('rule_alone', **rule)}" if rule["calculated"] is not None else ""
        chosen = t("autoscaler." + rule["autoscaler"])
        yield f"{row['name']}: {row['code'] or row['copies']}, pg_num {row['pg_num']} ({chosen}{why})"


def _storages(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    for row in section["rows"]:
        served = row["served_by"]
        words = {"local": t("local"), "ceph": t("own_ceph"), "node": served["name"]}
        by = words.get(served["kind"]) or t("outside", name=served["name"])
        off = f"; {t('inactive_on')} {', '.join(row['inactive'])}" if row["inactive"] else ""
        yield f"{row['name']} ({row['type']}): {by}; {t('active_on')} {named(row['active']) or t('none')}{off}"


def _guests(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    own: dict[str, list[Mapping[str, Any]]] = {}
    for row in section["rows"]:
        own.setdefault(row["node"], []).append(row)
    for node, rows in own.items():
        runs = [_guest(row) for row in rows if row["running"]]
        unsure = [_guest(row) for row in rows if row["running"] is None]
        tail = f"; {t('unknown')}: {', '.join(unsure)}" if unsure else ""
        yield f"{node}: {len(rows)}; {t('runs')}: {', '.join(runs) or t('none')}{tail}"
    for fleet in sorted({row["fleet"] for row in section["rows"] if row["fleet"]}):
        yield _fleet(fleet, [row for row in section["rows"] if row["fleet"] == fleet], t)


def _fleet(name: str, rows: Sequence[Mapping[str, Any]], t: Say) -> str:
    """Last days with how many end then; and who gives his machines back."""
    days = Counter(row["ends"] or t("unknown") for row in rows)
    ends = ", ".join(f"{day} ({number})" for day, number in sorted(days.items()))
    back = ", ".join(_guest(row) for row in rows if row["released"])
    told = t("owners_of", owners=len({row["owner"] for row in rows}), guests=len(rows))
    return f"{name}: {told}; {t('ends')}: {ends}" + (f"; {t('given_back')}: {back}" if back else "")


def _guest(row: Mapping[str, Any]) -> str:
    return f"{row['vmid']} {row['name'] or ''}".rstrip()


def _versions(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    for row in section["rows"]:
        pending = t("unknown") if row["pending"] is None else t("pending_of", **row)
        installed = f"Proxmox VE {row['proxmox_ve'] or '-'}, Ceph {row['ceph'] or '-'}"
        yield f"{row['node']}: {installed}; {t('pending')}: {pending}"


def _certificates(section: Mapping[str, Any], t: Say) -> Iterator[str]:
    for row in section["rows"]:
        yield f"{row['path']}: {t('expires')} {row['expires'][:10]} ({t('days', days=row['days'])})"


def _losses(report: Mapping[str, Any], t: Say, tell: Say) -> Iterator[str]:
    section = report["losses"]
    yield from ("", t("section.losses"))
    for one in section["missing"]:
        yield from wrapped("  ? ", f"{t('unknown')}: {one['why']}", 4)
    for row in section["rows"]:
        told = [(topic, row["cells"][topic]) for topic in section["topics"] if topic in row["cells"]]
        states = [f"{t('topic.' + topic)}: {_cell(cell, t, tell)}" for topic, cell in told if cell["state"] != "fine"]
        yield from wrapped(f"  {tell(row['title'])}  ", "; ".join(states) or t("loss.fine"), 4)


def _cell(cell: Mapping[str, Any], t: Say, tell: Say) -> str:
    word = t(f"loss.{cell['state']}")
    return f"{word} ({tell(cell['word'])})" if cell["word"] and cell["state"] != "unknown" else word


def _drift(report: Mapping[str, Any], t: Say) -> Iterator[str]:
    drift = report["drift"]
    yield from ("", t("section.drift"))
    if drift["state"] == "unknown":
        yield from wrapped("  ? ", t("drift.unknown", why=t(drift["id"], **drift["facts"])), 4)
    elif drift["state"] == "nothing":
        yield f"  {t('drift.nothing')}"
    for one in drift.get("refusals", ()):
        yield from wrapped("  ", f"{t('drift.refused')} {named(one['hosts'])}: {one['text']}", 4)
    for one in drift.get("steps", ()):
        mark = f" - {t('destroys')}" if one["destructive"] else f" ({t('if_needed')})" if one["possible"] else ""
        cause = f", as {one['because']}" if one["because"] else ""
        yield from wrapped(f"  {one['host']} {one['subject']}: ", f"{one['why']}{cause}{mark}", 4)
    for one in drift.get("warnings", ()):
        yield from wrapped("  ", f"{t('level.warning')} {named(one['hosts'])}: {one['text']}", 4)
