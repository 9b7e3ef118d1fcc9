"""The report in a real browser: on a desk and on a phone, light and dark, with names that are markup.

`make report-browser` runs it. Screenshots and what a printer would get are in .cache/browser.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.changes import changes
from ansible_collections.baremetal.virt.plugins.module_utils.report.visible import visible
from ansible_collections.baremetal.virt.plugins.module_utils.report.words import LANGUAGES
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import report
from ansible_collections.baremetal.virt.plugins.plugin_utils.page.page import CONTENTS, page

from ..doubles import looks

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / ".cache" / "browser"
CHROMIUM = ("chromium-headless-shell", "chromium")
NIGHTS = ("healthy", "without_quorum", "frozen", "dead_osd", "without_manager", "sixteen", "owned")
OWNED = "<script>document.title='owned'</script>"


def pages() -> dict[str, Path]:
    """Each night in each language, as a file."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    found = {}
    earlier = visible(report(looks.healthy(), "2026-11-29T03:12:05Z"))
    for name in NIGHTS:
        document = visible(report(getattr(looks, name)(), looks.MADE))
        document["changes"] = changes(earlier, document)
        for language in LANGUAGES:
            found[f"{name}-{language}"] = OUTPUT / f"{name}-{language}.html"
            found[f"{name}-{language}"].write_text(page(document, language), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def seen() -> dict[str, list[dict[str, Any]]]:
    """Page → what the browser found, for each of the four ways to look at it."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert program, f"there is none of {' and '.join(CHROMIUM)}"
    files = pages()

    script = ROOT / ".cache" / "browser-node" / "report.mjs"
    shutil.copy(Path(__file__).parent / "report.mjs", script)
    command = ["node", str(script), program, *map(str, files.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return {name: found[str(path)] for name, path in files.items()}


ALL = [f"{name}-{language}" for name in NIGHTS for language in LANGUAGES]


@pytest.mark.parametrize("name", ALL)
def test_it_says_nothing_to_the_console_and_fetches_nothing(seen: dict[str, list[dict[str, Any]]], name: str) -> None:
    for one in seen[name]:
        assert one["messages"] == [], one["name"]
        assert len(one["requests"]) == 1 and one["requests"][0].startswith("file://")


@pytest.mark.parametrize("name", ALL)
def test_every_section_is_there(seen: dict[str, list[dict[str, Any]]], name: str) -> None:
    for one in seen[name]:
        assert one["sections"] == list(CONTENTS)
        assert one["first_stop"] == "#main", "the keyboard's first stop leads past the contents"
        assert one["language"] == {"en": "en", "zh": "zh-CN"}[name.rpartition("-")[2]]


@pytest.mark.parametrize("name", ALL)
def test_axe_has_no_objection(seen: dict[str, list[dict[str, Any]]], name: str) -> None:
    for one in seen[name]:
        assert "color-contrast" in one["passes"], "axe has really looked"
        assert one["violations"] == [], one["name"]


@pytest.mark.parametrize("name", ALL)
def test_it_is_no_wider_than_the_screen(seen: dict[str, list[dict[str, Any]]], name: str) -> None:
    assert {one["name"]: one["width"] for one in seen[name] if one["width"] > one["asked_width"]} == {}


@pytest.mark.parametrize("name", ALL)
def test_what_is_folded_on_a_screen_is_open_in_print(seen: dict[str, list[dict[str, Any]]], name: str) -> None:
    for one in seen[name]:
        assert one["folded"] > 0 and one["folded_in_print"] == 0, one["name"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_markup_is_read_and_not_run(seen: dict[str, list[dict[str, Any]]], language: str) -> None:
    for one, plain in zip(seen[f"owned-{language}"], seen[f"healthy-{language}"]):
        assert "owned" not in one["title"] and OWNED in one["text"] and "{{ 7 * 7 }}" in one["text"]
        assert one["elements"] == plain["elements"] == {"script": 0, "img": 0, "iframe": 0, "style": 1, "svg": 2}


def test_the_policy_holds_for_the_style_of_the_page(seen: dict[str, list[dict[str, Any]]]) -> None:
    """With another style the browser complains, so the silence above means something."""
    path = OUTPUT / "other.html"
    text = (OUTPUT / "healthy-en.html").read_text(encoding="utf-8")
    path.write_text(text.replace("<style>", "<style>body { color: red; }"), encoding="utf-8")
    script = ROOT / ".cache" / "browser-node" / "report.mjs"
    program = next(filter(None, map(shutil.which, CHROMIUM)))
    done = subprocess.run(["node", str(script), program, str(path)], capture_output=True, text=True, check=True)
    assert any(
        "Content Security Policy" in word for one in json.loads(done.stdout)[str(path)] for word in one["messages"]
    )
