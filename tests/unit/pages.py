"""Pages of which a part is generated: between two marks, or all of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

HINT = "it tells something else than the code does; write it again: make pages"


def marked(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by `make pages` -->", f"<!-- end of {name} -->"


def assert_tells(path: Path, text: str, name: str = "") -> None:
    """The page, or what stands between the marks of this name in it, is this text; with WRITE_GOLDEN it becomes so."""
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    wanted = _between(found, text, name) if name else text
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(wanted, encoding="utf-8")
        return
    assert found == wanted, f"{path.name}: {HINT}"


def _between(found: str, text: str, name: str) -> str:
    begin, end = marked(name)
    pattern = re.compile(rf"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    assert len(pattern.findall(found)) == 1, f"there is no place for {name}: {begin} {end}"
    return pattern.sub(lambda _match: f"{begin}\n\n{text}\n\n{end}", found)
