"""storage.cfg and its kin."""

from __future__ import annotations

from pathlib import Path

from pve_standin.core import sectionconfig

SAMPLE = (Path(__file__).parent / "data" / "storage.cfg.sample").read_text(encoding="utf-8")


def test_sections_of_an_upstream_file() -> None:
    sections = sectionconfig.parse(SAMPLE)
    assert all(section.type and section.id for section in sections.values())
    assert sections == sectionconfig.parse(sectionconfig.dump(sections))


def test_comment_and_disable_come_first_and_the_rest_by_name() -> None:
    section = sectionconfig.Section("nfs", "n", {"server": "s", "content": "iso", "disable": "1", "path": "/p"})
    assert sectionconfig.dump({"n": section}, required=("path", "server")) == (
        "nfs: n\n\tdisable\n\tpath /p\n\tserver s\n\tcontent iso\n"
    )


def test_a_bare_key_is_true() -> None:
    assert sectionconfig.parse("dir: d\n\tshared\n")["d"].options == {"shared": "1"}
