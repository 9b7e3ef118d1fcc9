"""Take out of an output what differs from machine to machine and from run to run.

Names and addresses stay: the lab has those of the recorded cluster.
"""

from __future__ import annotations

import re

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_MODE = r"([-dlcbps][-rwxsStT]{9})"
_NUMBER = r"(?<![\w.:/-])-?\d+(?:\.\d+)?(?:e[-+]\d+)?"

#: (what, what stands for it), in this order.
_RULES: tuple[tuple[str, str], ...] = (
    (r"UPID:(\w+):[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:", r"UPID:\1:<pid>:<start>:<time>:"),
    (r"\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\b", "<fingerprint>"),
    (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<uuid>"),
    (r"\b(?:[0-9A-F]{2}:){5}[0-9A-F]{2}\b", "<mac>"),
    (r"\b[0-9a-f]{40}\b", "<sha1>"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d{4})?", "<date>"),
    (rf"\b{_DAY} {_MONTH} +\d+ \d\d:\d\d:\d\d \d{{4}}", "<date>"),
    (rf"\b{_MONTH} +\d+ +(?:\d\d:\d\d(?::\d\d)?|\d{{4}})", "<date>"),
    (r"config-\d+\.sql\.gz", "config-<time>.sql.gz"),
    (r"(Ring ID: +)\d+\.[0-9a-f]+", r"\1<ring>"),
    (r"running kernel: [^)]+", "running kernel: <kernel>"),
    (r"\b0x[0-9a-f]{9,}\b|\b7f[0-9a-f]{10}\b", "<pointer>"),
    (r"(mtu: |MTU changed to: )\d+", r"\1<n>"),
    (r"\b(age|since) [\d.e-]+[smhd]\b", r"\1 <time>"),
    (r"/tmp/[^/\s]+/monmap|<tmpdir>/monmap", "<folder>/monmap"),
    (r"(?<=\d):\d+/\d+\b", ":<port>/<nonce>"),
    (r"\bctime=\d+", "ctime=<time>"),
    (r"\d+(?:\.\d+)? s, \d+(?:\.\d+)? [kMG]B/s", "<time>, <rate>"),
    (rf"^{_MODE} +\d+ (\S+) +(\S+) +\d+ <date>", r"\1 \2 \3 <size> <date>"),
    (rf"^ *\d+ +\d+ {_MODE} +\d+ (\S+) +(\S+) +\d+ <date>", r"\1 \2 \3 <size> <date>"),
    (r"^total \d+$", "total <n>"),
    (r"[─═]+", "─"),
    (rf"{_NUMBER} (?:[kKMGT]i?B|B)\b", "<size>"),
    (rf"{_NUMBER}%", "<share>"),
    (r"(?<![\w.:/=-])\d+\.\d{5,}(?:e[-+]\d+)?|(?<![\w.:/=-])\d{5,}(?![\w.:/-])", "<n>"),
)
_COMPILED = tuple((re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in _RULES)


def normalised(text: str) -> str:
    """The text with placeholders; a line in which one was put, and a row of a table, also loses its alignment."""
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    return "\n".join(re.sub(" +", " ", line).strip() if re.search("[<│]", line) else line for line in text.splitlines())


def with_placeholders(text: str, names: dict[str, str]) -> str:
    """The text with every value of `names` replaced by its key; the longest first, for one may begin another."""
    for placeholder, value in sorted(names.items(), key=lambda pair: len(pair[1]), reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", placeholder, text)
    return text


def filled(word: str, names: dict[str, str]) -> str:
    """The word with every placeholder replaced by its value."""
    for placeholder, value in names.items():
        word = word.replace(placeholder, value)
    return word
