# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as one page of HTML that needs nothing beside itself, and runs nothing.

All that was observed is text: everything is escaped, nothing of it becomes a class, an id, an address or a style. A
policy in the page forbids the browser whatever the page does not need.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...module_utils.report import amounts
from ...module_utils.report.picture import link_map, racks
from ...module_utils.report.words import Language, finding, said, say
from ...module_utils.site.report.findings import SOON

#: The sections in their order.
CONTENTS = (
    *("now", "changes", "cluster", "links", "health", "disks", "pools", "storages", "guests", "versions"),
    *("certificates", "losses", "drift"),
)
_FOLDER = Path(__file__).parent


def page(report: Mapping[str, Any], language: Language) -> str:
    """``report``: its document, with all characters visible."""
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    found = _environment(language).get_template("page.html.j2")
    return found.render(
        report=report,
        silent=[row["node"] for row in report["cluster"]["rows"] if not row["answered"]],
        contents=[name for name in CONTENTS if name == "now" or report.get(name)],
        language={"en": "en", "zh": "zh-CN"}[language],
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        map=link_map(report["cluster"], report["links"]),
        racks=racks(report["disks"]),
        soon=SOON,
        finding=partial(finding, report, language),
        said=partial(said, report, language),
    )


@cache
def _environment(language: Language) -> Environment:
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals["t"] = lambda name, **facts: say(language, name, facts)
    found.globals["say"] = lambda name, facts: say(language, name, facts)
    found.filters.update({name: getattr(amounts, name) for name in ("size", "part", "milliseconds", "moment")})
    return found
