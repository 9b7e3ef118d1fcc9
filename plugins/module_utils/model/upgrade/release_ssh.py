# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands in sshd's configuration that the sshd of another release refuses, so that it would not start again.

Upstream: sshd_config(5). A list that begins with "-" takes away, and may name what nobody knows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

SSHD_CONFIG = "/etc/ssh/sshd_config"
_FOLDER = "/etc/ssh"
#: Options, in lower case, whose values are lists of algorithms and are checked when sshd starts.
_LISTS = frozenset(
    (
        *("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", "hostkeyalgorithms", "casignaturealgorithms"),
        *("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms", "kexalgorithms", "macs"),
    )
)
_OPTION = re.compile(r"\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)")


@dataclass(frozen=True)
class SshdLine:
    """An option as it stands in a file. ``words``: the values, without quotes and comments."""

    path: str
    number: int
    option: str
    words: tuple[str, ...]

    @property
    def included(self) -> tuple[str, ...]:
        """Patterns of the files that it includes."""
        if self.option != "include":
            return ()
        return tuple(posixpath.join(_FOLDER, word) for word in self.words)

    def refused(self, unknown: Collection[str]) -> tuple[str, ...]:
        """What it names of these algorithms."""
        if self.option not in _LISTS or not self.words or self.words[0].startswith("-"):
            return ()
        return tuple(word for word in self.words[0].lstrip("+^").split(",") if word in unknown)


def parse_sshd(path: str, text: str) -> Iterator[SshdLine]:
    """Lines below a Match count, too: sshd checks them when it starts."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _OPTION.match(line)
        if found:
            words = re.findall(r'"([^"]*)"|([^\s"#]+)', found[2].partition(" #")[0])
            yield SshdLine(path, number, found[1].lower(), tuple(quoted or plain for quoted, plain in words))


def matching(pattern: str, names: Collection[str]) -> list[str]:
    """The files in a pattern's folder that it means; ``*`` and ``?`` do not stand for the dot of a hidden file."""
    last = posixpath.basename(pattern)
    glob = re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in last))
    found = (name for name in sorted(names) if glob.fullmatch(name) and name.startswith(".") == last.startswith("."))
    return [posixpath.join(posixpath.dirname(pattern), name) for name in found]


def refused_lines(lines: Collection[SshdLine], unknown: Collection[str]) -> Mapping[SshdLine, tuple[str, ...]]:
    """Lines for which sshd of a release that does not know these algorithms would not start."""
    found = {line: line.refused(unknown) for line in lines}
    return {line: words for line, words in found.items() if words}
