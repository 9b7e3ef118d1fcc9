# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as the body of a comment on a change request: Markdown, of a size that forges accept."""

from __future__ import annotations

import re
from dataclasses import replace

from .plan import Document
from .text import counted, plan_text, summed_up

#: Bytes. Forges refuse or cut longer comments.
LIMIT = 60_000


def plan_markdown(document: Document, limit: int = LIMIT) -> str:
    """The sum as a heading and the plan as one code block, as a table would lose columns to a ``|`` in a sentence.

    What is too long loses steps in its middle, but never a refusal, a warning or a step that destroys something.
    """
    left = sum(1 for line in document.lines if not line.step.destructive)
    while True:
        text = _block(document, left)
        if len(text.encode()) <= limit or not left:
            return text
        left = left * 3 // 4


def _block(document: Document, left: int) -> str:
    shortened, missing = _shortened(document, left)
    text = plan_text(shortened)
    fence = "`" * max([3, *(len(found) + 1 for found in re.findall("`+", text))])
    left_out = f"{counted(missing, 'line')} in the middle left out here; none of them destroys anything."
    note = f"\n{left_out}\n" if missing else ""
    return f"### {summed_up(document)}\n{note}\n{fence}text\n{text}\n{fence}\n"


def _shortened(document: Document, left: int) -> tuple[Document, int]:
    """With ``left`` of the lines that destroy nothing: the first and the last of them; and how many are missing."""
    harmless = [number for number, line in enumerate(document.lines) if not line.step.destructive]
    dropped = set(harmless[left - left // 2 : len(harmless) - left // 2])
    kept = tuple(line for number, line in enumerate(document.lines) if number not in dropped)
    return replace(document, lines=kept), len(dropped)
