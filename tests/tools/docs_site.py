#!/usr/bin/env python3
"""Make the site of documentation: the pages of the repository as they are, and the reference of all plugins.

usage: docs_site.py FOLDER      FOLDER/html is the site; nothing is fetched for it

Sphinx's warnings are errors. Then every link within the site is followed, headings included.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Optional
from urllib.parse import unquote, urlsplit

from known_files import known_files

OWN = Path(__file__).with_name("docs_site")
#: What the pages show and lead to beside other pages.
FILES = ("*.md", "LICENSE", "inventories/example/*", "docs/pictures/*")


def lay_out(root: Path, source: Path) -> None:
    """The pages where they stand in the repository, so that links between them hold; and what Sphinx needs."""
    for name in known_files(root, *FILES):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, source / name)
    shutil.copy(OWN / "conf.py", source)
    shutil.copy(OWN / "index.txt", source / "index.md")  # where it lies, its links would lead nowhere
    (source / "ansible.inv").write_bytes(inventory((OWN / "ansible.txt").read_text()))


def inventory(text: str) -> bytes:
    """Names of another site, in the form in which Sphinx fetches them."""
    rows = [line.split(" ", 3) for line in text.splitlines() if line and not line.startswith("#")]
    names = "".join(f"{name} {kind} -1 {page} {title}\n" for kind, name, page, title in rows)
    head = ("Sphinx inventory version 2", "Project: Ansible", "Version:", "The rest is compressed using zlib.")
    return "".join(f"# {line}\n" for line in head).encode() + zlib.compress(names.encode())


class Page(HTMLParser):
    """The links of a page, and the places in it that a link may lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.places.update(told[name] for name in ("id", "name") if name in told)
        self.links.extend(told[name] for name in ("href", "src") if name in told)


def broken(site: Path) -> list[str]:
    """Links within the site that lead nowhere."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or parts.path.startswith("/"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target in pages and (not parts.fragment or unquote(parts.fragment) in pages[target].places)
            if not (there or (target.exists() and target not in pages)):
                found.append(f"{path.relative_to(site.resolve())}: {link}")
    return found


def main(root: Path, folder: Path) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    source, site = folder / "source", folder / "html"
    (source / "reference").mkdir(parents=True)
    lay_out(root, source)
    programs = Path(sys.executable).parent
    reference = ["collection", "--use-current", "--squash-hierarchy", "--dest-dir", str(source / "reference")]
    subprocess.run([str(programs / "antsibull-docs"), *reference, "baremetal.virt"], cwd=root, check=True)
    sphinx = ["-q", "-W", "--keep-going", "-b", "html", str(source), str(site)]
    if subprocess.run([str(programs / "sphinx-build"), *sphinx]).returncode:
        return 1
    lost = broken(site)
    print("\n".join([*lost, f"{site}/index.html: {len(list(site.rglob('*.html')))} pages, {len(lost)} broken links"]))
    return 1 if lost else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path.cwd(), Path(sys.argv[1])))
