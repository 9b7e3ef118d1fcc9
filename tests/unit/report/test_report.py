"""A report on the screen and as a page: what is wrong comes first, and names of others do nothing.

Golden files are written anew, to be read in the diff, by WRITE_GOLDEN=1 make test-fast PYTEST_ARGS="-k golden".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Optional, get_args

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.osd import ObservedOsds
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.mark import Mark
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import GuestOverview
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.certificate import Certificate
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import SiteLook
from ansible_collections.baremetal.virt.plugins.module_utils.report.changes import changes, refuse_earlier
from ansible_collections.baremetal.virt.plugins.module_utils.report.picture import link_map, racks
from ansible_collections.baremetal.virt.plugins.module_utils.report.plan import Note, PlannedStep
from ansible_collections.baremetal.virt.plugins.module_utils.report.plan import document as plan_document
from ansible_collections.baremetal.virt.plugins.module_utils.report.screen import screen
from ansible_collections.baremetal.virt.plugins.module_utils.report.visible import visible
from ansible_collections.baremetal.virt.plugins.module_utils.report.words import LANGUAGES, WORDS, Language, say
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.action import Verdict
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import State, Topic
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Kind
from ansible_collections.baremetal.virt.plugins.module_utils.site.report import finding, findings, ways
from ansible_collections.baremetal.virt.plugins.module_utils.site.report import night as night_findings
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import report
from ansible_collections.baremetal.virt.plugins.plugin_utils.page.page import CONTENTS, page
from hypothesis import given, settings
from hypothesis import strategies as st

from ...doubles import looks
from ...doubles.examples import examples
from ..pages import assert_tells

GOLDEN = Path(__file__).parent / "golden"
NIGHTS = ("healthy", "without_quorum", "frozen", "dead_osd", "without_manager")
#: Names that are no names: of a guest, a disk, a certificate.
EVIL = (
    "<script>document.title='owned'</script>",
    "</script><img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "{{ 7 * 7 }}",
    "' onfocus='document.title=1' autofocus='",
    'EVO"><style>*{display:none}</style>',
    "javascript:alert(1)",
    "& &amp; <b>",
    "数据库-主",
)


def made(look: SiteLook) -> dict[str, Any]:
    found: dict[str, Any] = visible(report(look, looks.MADE))
    return found


def night(name: str) -> dict[str, Any]:
    look: Callable[[], SiteLook] = getattr(looks, name)
    return made(look())


def sample(name: str) -> dict[str, Any]:
    """With two rows of losses and one piece of advice of each kind: their sentences have tests of their own."""
    cell = {"state": "stops", "word": "NO, 1 of 3", "at_once": ["It stops."], "later": [], "for_good": ["It is gone."]}
    fine = {"state": "fine", "word": "-", "at_once": [], "later": [], "for_good": []}
    rows = [
        {"kind": "node", "name": "pve1", "title": "pve1", "cells": {"votes": cell, "data": fine}},
        {"kind": "pair", "name": "pve1 and pve2", "title": "pve1 and pve2", "cells": {"votes": fine, "data": cell}},
    ]
    what = {"id": "", "facts": {}, "what": "look", "verdict": "only if", "condition": "it is off", "on": "pve1"}
    mend = {**what, "id": "mend.web.silent", "facts": {"node": "pve2"}, "condition": "", "commands": ["systemctl a"]}
    advice = {
        "safe": ["what the disks hold"],
        "do": [mend, {**what, "commands": ["one", "two"]}],
        "not": [{**what, "verdict": "never", "commands": []}],
    }
    made = night(name)
    return {
        **made,
        "losses": {"state": "known", "missing": [], "rows": rows, "topics": ["votes", "data"]},
        "advice": advice,
    }


def named(name: str, serial: str = "S1", subject: str = "CN = a") -> SiteLook:
    """A healthy site with a guest, a disk and a certificate of these names."""
    look = looks.healthy()
    guests, osds = look.nodes["pve1"].guests, look.nodes["pve1"].osds
    assert isinstance(guests, GuestOverview) and isinstance(osds, ObservedOsds)
    known = {vmid: replace(guest, name=name) for vmid, guest in guests.known.items()}
    disks = tuple(replace(disk, model=serial, serial=serial) for disk in osds.disks)
    own = (Certificate("/etc/pve/nodes/pve1/pve-ssl.pem", subject, subject, "2028-11-20T06:21:17Z", True),)
    return looks.changed(
        look, "pve1", guests=replace(guests, known=known), osds=replace(osds, disks=disks), certificates=own
    )


class Page(HTMLParser):
    """Elements, their attributes, and the text of the cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Optional[str]]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NIGHTS)
def test_golden_screen(name: str, language: Language) -> None:
    assert_tells(GOLDEN / f"{name}.{language}.txt", screen(sample(name), language) + "\n")


@pytest.mark.parametrize("name", ["healthy", "without_quorum"])
def test_golden_page(name: str) -> None:
    assert_tells(GOLDEN / f"{name}.html", page(sample(name), "en"))


def of_a_class() -> SiteLook:
    """Two machines are those of owners, and one of these is given back."""
    look = looks.healthy()
    told = look.nodes["pve1"].guests
    assert isinstance(told, GuestOverview)
    known = dict(told.known)
    for number, vmid in enumerate(sorted(known)[:2]):
        fields = {"fleet": "os-2027", "owner": f"stu0{number}@pve", "expires": "2027-02-28"}
        fields["quota"] = "cores:4/disk:60G"
        mark = Mark(vmid, known[vmid].name, fields)
        known[vmid] = replace(known[vmid], mark=mark, tags=frozenset(("released",) if number else ()))
    return looks.changed(look, "pve1", guests=replace(told, known=known, started={min(known): 1_796_040_000}))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "os-2027: 2 owners, 2 guests; Last day: 2027-02-28 (2); given back: "),
        ("zh", "os-2027: 2 位所有者，2 台虚拟机或容器; 最后一天: 2027-02-28 (2); 已归还: "),
    ],
)
def test_whose_machines_are_is_told_in_both_forms(language: Language, told: str) -> None:
    document = made(of_a_class())
    rows = [row for row in document["guests"]["rows"] if row["owner"]]
    assert [(row["fleet"], row["ends"], row["released"]) for row in rows] == [
        ("os-2027", "2027-02-28", False),
        ("os-2027", "2027-02-28", True),
    ]
    assert [(row["quota"], row["last_start"]) for row in rows] == [
        ("cores:4/disk:60G", "2026-11-30 12:00 UTC"),
        ("cores:4/disk:60G", None),
    ]
    assert told in " ".join(screen(document, language).split())
    shown = page(document, language)
    assert "cores:4 disk:60G" in shown and "2026-11-30 12:00 UTC" in shown
    assert "stu00@pve" in shown and WORDS["given_back"][LANGUAGES.index(language)] in shown
    assert WORDS["owner"][LANGUAGES.index(language)] not in page(made(looks.healthy()), language)


@pytest.mark.parametrize("name", NIGHTS)
def test_no_line_is_too_long(name: str) -> None:
    """But a command: it is never broken."""
    long = [
        line
        for line in screen(night(name), "en").splitlines()
        if len(line) > 100 and not line.lstrip().startswith("ansible-playbook ")
    ]
    assert not long


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_there_and_can_be_reached(language: Language) -> None:
    found = Page(page({**night("without_quorum"), "changes": {"since": looks.MADE, "rows": []}}, language))
    reached = {attributes.get("href") for tag, attributes in found.elements if tag == "a"}
    identities = [attributes["id"] for dummy, attributes in found.elements if "id" in attributes]
    assert {f"#{name}" for name in CONTENTS} <= reached and set(CONTENTS) <= set(identities)
    assert len(identities) == len(set(identities)), "each id once"
    assert found.elements[0] == ("html", {"lang": {"en": "en", "zh": "zh-CN"}[language]})


@cache
def harmless() -> Page:
    return Page(page(made(named("name", "serial", "subject")), "en"))


@pytest.mark.parametrize("evil", EVIL)
def test_a_name_is_text_and_nothing_else(evil: str) -> None:
    found = Page(page(made(named(evil, evil, evil)), "en"))
    assert found.shape == harmless().shape, "no element and no attribute comes from a name"
    assert evil in "".join(found.words) and evil in screen(made(named(evil)), "en")


@settings(max_examples=examples(30))  # a page takes a quarter of a second
@given(st.text(min_size=1, max_size=40))
def test_any_name_is_text_and_nothing_else(name: str) -> None:
    document = made(named(name, name, name))
    found = Page(page(document, "en"))
    assert found.shape == harmless().shape
    assert visible(name).strip() in "".join(found.words)
    shown = screen(document, "en")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown), "nothing moves the cursor"


def test_nothing_runs_and_nothing_is_fetched() -> None:
    text = page(made(named("name")), "en")
    found = Page(text)
    assert not {tag for tag, dummy in found.elements} & {"script", "img", "iframe", "link", "object", "base", "form"}
    assert not [
        name for dummy, attributes in found.elements for name in attributes if name.startswith("on") or name == "style"
    ]
    policy = [attributes["content"] for tag, attributes in found.elements if "http-equiv" in attributes]
    assert policy and policy[0] is not None and policy[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "http://" not in text and "https://" not in text


def test_every_text_is_there_in_each_language_with_the_same_facts() -> None:
    for name, texts in WORDS.items():
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in texts]
        assert len(texts) == len(LANGUAGES) and all(texts), name
        assert fields[0] == fields[1], f"{name}: the facts differ"


def test_facts_are_not_read_as_texts() -> None:
    assert say("en", "ceph.silent", {"why": "{node} {0}"}) == "Ceph does not answer: {node} {0}"


def test_every_finding_and_what_mends_it_has_its_sentence() -> None:
    files = (Path(findings.__file__), Path(ways.__file__), Path(night_findings.__file__))
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    used = re.findall(r'Finding\(\s*"([a-z_.]+)"', source)
    assert len(used) == len(re.findall(r"\bFinding\(", source)) > 25, "each is named where it is made"
    assert {*used, *(f"mend.{name}" for name in night_findings._MENDS)} <= set(WORDS)


def test_every_word_of_a_loss_and_of_advice_has_its_text() -> None:
    words = {"kind": Kind, "topic": Topic, "loss": State, "verdict_of": Verdict, "level": finding.Level}
    assert {f"{name}.{word}" for name, closed in words.items() for word in get_args(closed)} <= set(WORDS)


@pytest.mark.parametrize("steps", [(), (PlannedStep("osd.out:4", "ceph", "Take osd.4 out.", destructive=True),)])
def test_a_plan_is_shown_with_its_warnings(steps: tuple[PlannedStep, ...]) -> None:
    """Also where it has nothing to do."""
    told = Note("pve1", "ceph", steps, ("The pool is nearly full.",), ("osd.4 holds the last copy.",) if steps else ())
    report = {**night("healthy"), "drift": visible(plan_document("campus", ["pve1"], [told]).data)}
    for shown in (screen(report, "en"), "".join(Page(page(report, "en")).words)):
        assert "The pool is nearly full." in shown
        assert ("osd.4 holds the last copy." in shown and "DESTROYS DATA" in shown) is bool(steps)


def test_what_has_changed() -> None:
    found = changes(night("healthy"), night("dead_osd"))
    assert found["since"] == looks.MADE
    assert [(row["section"], row["what"], row["kind"]) for row in found["rows"]] == [("health", "OSD_DOWN", "added")]


def test_what_nobody_tells_has_not_gone() -> None:
    rows = changes(night("healthy"), night("without_quorum"))["rows"]
    assert not [row for row in rows if row["kind"] == "removed"]
    assert not [row for row in rows if row["what"].endswith(": running")], "whether they run, nobody tells now"


def test_an_older_report_may_lack_a_section() -> None:
    before = {key: value for key, value in night("healthy").items() if key != "certificates"}
    assert changes(before, night("healthy"))["rows"] == []


@pytest.mark.parametrize("before", [[], {}, {"kind": "report", "made": looks.MADE, "site": "other"}, {"kind": "plan"}])
def test_another_file_is_nothing_to_compare_with(before: Any) -> None:
    assert refuse_earlier(before, night("healthy"))


def test_a_map_shows_each_way_from_both_ends() -> None:
    document = night("without_quorum")
    found = link_map(document["cluster"], document["links"])
    assert [(spot.name, spot.state) for spot in found.spots] == [
        ("pve1", "down"),
        ("pve2", "silent"),
        ("pve3", "silent"),
    ]
    assert sorted({way.state for way in found.ways}) == ["down", "unknown"] and len(found.ways) == 12
    inside = [value for way in found.ways for value in (way.x1, way.y1, way.x2, way.y2)]
    assert all(0 <= value <= found.width for value in inside)


def test_racks_stand_beside_each_other() -> None:
    found = racks(night("dead_osd")["disks"])
    assert [rack.name for rack in found.racks] == ["pve1", "pve2", "pve3"]
    assert {slot.state for slot in found.racks[1].slots} == {"used", "down", "fine", "empty"}
    for rack in found.racks:
        assert rack.x + rack.width <= found.width and rack.y + rack.height <= found.height
        assert all(slot.filled is None or slot.filled <= slot.width for slot in rack.slots)
