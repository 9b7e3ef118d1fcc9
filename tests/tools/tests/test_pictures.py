"""The pictures show what a run really showed, and the product still says it in these words."""

from __future__ import annotations

import html
import json
import re
import socket
from pathlib import Path

import pictures
import pytest
from ansible_collections.baremetal.virt.plugins.plugin_utils.page.page import page
from jinja2 import UndefinedError

AGAIN = "it is told in other words by now: make pictures, or, without a lab, make redraw"
PLAN = json.loads((pictures.KEPT / "plan.json").read_text())
REPORT = json.loads((pictures.KEPT / "report.json").read_text())


def test_the_picture_of_the_plan_tells_it_in_the_words_of_today() -> None:
    drawn = (pictures.PICTURES / "plan.svg").read_text()
    rows = re.findall(r'(?s)<text class="screen-r\d+" x="[^"]*" y="([^"]*)"[^>]*>(.*?)</text>', drawn)
    lines: dict[float, str] = {}
    for place, words in rows:
        lines[float(place)] = lines.get(float(place), "") + html.unescape(words).replace("\xa0", " ")
    found = [lines[place].strip() for place in sorted(lines)]
    told = [line.strip() for line in pictures.plan_words(PLAN).splitlines()]
    assert [line for line in found if line] == [line for line in told if line], AGAIN
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg|<text.*?</text>", "", drawn), "it fetches nothing"


def test_the_picture_of_the_report_is_of_the_page_of_today() -> None:
    png = (pictures.PICTURES / "report.png").read_bytes()
    try:
        today = page(REPORT, "en")
    except (KeyError, UndefinedError) as error:
        pytest.fail(f"the page needs what the kept report has not ({error}): make pictures")
    assert pictures.signature(png) == pictures.words(today), AGAIN


@pytest.mark.parametrize("path", [*pictures.KEPT.iterdir(), *pictures.PICTURES.iterdir()], ids=lambda path: path.name)
def test_they_are_small_and_tell_nothing_of_the_machine(path: Path) -> None:
    content = path.read_bytes()
    assert len(content) < 250_000
    if path.suffix != ".png":
        told = rf"/root/|/tmp/|/home/|{re.escape(str(pictures.ROOT))}|\b{re.escape(socket.gethostname())}\b"
        assert re.findall(told, content.decode()) == []


def test_a_screen_is_what_stays_of_what_was_written() -> None:
    raw = "Script started on [COMMAND=x]\nworks: 1 s\r\x1b[Kworks: 2 s\r\x1b[Kdone\n\nlast\n\nScript done on\n"
    assert pictures.screen(raw) == ["done", "", "last"]


def test_another_page_has_another_signature() -> None:
    png = (pictures.PICTURES / "report.png").read_bytes()
    assert pictures.words("<p>a</p>") == pictures.words("<style>x</style><b>a</b>") != pictures.words("<p>b</p>")
    end = png.rindex(b"IEND") - 4
    assert pictures.signature(png[:end].replace(b"tEXtSource", b"tEXtNobody") + png[end:]) == ""
