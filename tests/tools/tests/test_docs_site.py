"""The site of documentation is laid out as the repository is, and links that lead nowhere are found."""

from __future__ import annotations

import zlib
from pathlib import Path

import docs_site
import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_pages_stand_where_they_do_in_the_repository(tmp_path: Path) -> None:
    docs_site.lay_out(ROOT, tmp_path)
    for name in ("README.md", "docs/bad_night.md", "playbooks/README.md", "LICENSE", "inventories/example/hosts.yml"):
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes()
    assert (tmp_path / "conf.py").exists() and (tmp_path / "index.md").exists()
    assert not (tmp_path / "plugins").exists()


def test_every_page_is_in_the_contents(tmp_path: Path) -> None:
    docs_site.lay_out(ROOT, tmp_path)
    contents = (tmp_path / "index.md").read_text().splitlines()
    pages = [path.relative_to(tmp_path).with_suffix("") for path in tmp_path.rglob("*.md")]
    listed = [page for page in pages if str(page) in contents or any(page.match(one) for one in contents if "*" in one)]
    assert {str(page) for page in set(pages) - set(listed)} == {"index"}


def test_names_of_another_site_are_in_the_form_that_sphinx_reads() -> None:
    head, _, packed = docs_site.inventory("# why\nstd:label here there.html It is\n").partition(b"zlib.\n")
    assert head.startswith(b"# Sphinx inventory version 2\n")
    assert zlib.decompress(packed) == b"here std:label -1 there.html It is\n"


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("b.html", True),
        ("b.html#place", True),
        ("#own", True),
        ("sub/c.html#by%20name", True),
        ("picture.svg", True),
        ("https://example.org/gone", True),
        ("mailto:a@example.org", True),
        ("b.html#gone", False),
        ("#gone", False),
        ("gone.html", False),
        ("gone.svg", False),
    ],
)
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, link: str, leads: bool) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.html").write_text(f'<h1 id="own">A</h1><a href="{link}">it</a>')
    (tmp_path / "b.html").write_text('<h2 id="place">B</h2>')
    (tmp_path / "sub" / "c.html").write_text('<a name="by name"></a><a href="../a.html">back</a>')
    (tmp_path / "picture.svg").write_text("<svg/>")
    assert docs_site.broken(tmp_path) == ([] if leads else [f"a.html: {link}"])
