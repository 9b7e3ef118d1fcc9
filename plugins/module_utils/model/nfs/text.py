# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of an NFS server: exports(5) files, written and read, and the table that exportfs keeps of them.

They are read as exportfs reads them, word by word: at the first thing that it does not understand it stops, and
exports nothing of what follows in that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from .options import Meaning, effective, unknown
from .server import Client, Declared, Export, ServedClient, Withdrawn, canonical_host

HEADER = "# Managed by baremetal.virt.nfs_server: changes made here are replaced."
_WITHDRAWN = "# withdrawn: "
#: Characters that end a word or have a meaning of their own; exports(5) takes their octal codes instead.
_SPECIAL = re.compile(r'[\x00-\x20"#\\\x7f]')
_OCTAL = re.compile(rb"\\([0-7]{3})")
_SPACE = b" \t\n\v\f\r"
_END, _NEWLINE, _QUOTE, _HASH = -1, *b'\n"#'
#: How long a path and a client with its options may be, in bytes.
_PATH_LENGTH, _CLIENT_LENGTH = 1025, 512


def render_exports(exports: tuple[Export, ...], withdrawn: tuple[Withdrawn, ...] = ()) -> str:
    """The managed file: one line per export, in the order given, and what is to be withdrawn from the running table."""
    lines = [HEADER]
    for export in exports:
        clients = " ".join(f"{client.host}({','.join(client.spelled)})" for client in export.clients)
        lines.append(f"{quote_path(export.path)} {clients}")
    lines += [f"{_WITHDRAWN}{quote_path(one.path)} {one.host}" for one in withdrawn]
    return "\n".join(lines) + "\n"


def parse_withdrawn(text: str) -> tuple[Withdrawn, ...]:
    """What a managed file says of exports that it held before."""
    lines = (line[len(_WITHDRAWN) :].split(" ") for line in text.split("\n") if line.startswith(_WITHDRAWN))
    return tuple(Withdrawn(unquote_path(words[0]), words[1]) for words in lines if len(words) == 2)


def parse_exports(text: str) -> tuple[Export, ...]:
    """The exports that exportfs finds in a file; owner, group and mode are not part of it."""
    return parse_declared(text).exports


def parse_declared(text: str) -> Declared:
    """The same, and where exportfs would stop reading, and why."""
    words = _Words(text)
    exports: list[Export] = []
    try:
        while (path := words.next(b" \t\n", _PATH_LENGTH)) is not None:
            exports.append(Export(_text(path), ()))
            for client in _clients(words):
                exports[-1] = Export(_text(path), (*exports[-1].clients, client))
    except _Stop as stop:
        return Declared(tuple(one for one in exports if one.clients), f"line {words.line}: {stop}")
    return Declared(tuple(exports))


def _clients(words: _Words) -> Iterator[Client]:
    """``host(options)`` each; ``-options`` sets what this client and those after it have besides their own."""
    common: tuple[tuple[str, ...], ...] = ()
    word = words.next(b" \t", _CLIENT_LENGTH)
    while True:
        if word is not None and word.startswith(b"-"):
            common = (*common, _options(_text(word[1:])))
            word = words.next(b" \t", _CLIENT_LENGTH)
        yield _client(_text(word or b""), common)
        word = words.next(b" \t", _CLIENT_LENGTH)
        if word is None:
            return


def _client(word: str, common: tuple[tuple[str, ...], ...]) -> Client:
    host, opening, rest = word.partition("(")
    options, closing, more = rest.partition(")")
    if opening and (not closing or more):
        raise _Stop(f"the options of {word!r} do not end with ')'")
    return Client(host or "*", _options(options), common)


def _options(text: str) -> tuple[str, ...]:
    options = tuple(word.lstrip(" \t") for word in text.split(","))
    if options[-1] == "":  # nothing, or a comma at the end
        options = options[:-1]
    wrong = unknown(options)
    if wrong:
        raise _Stop(f"exportfs does not know the option {wrong[0]!r}")
    return options


def parse_served(text: str) -> dict[str, dict[str, ServedClient]]:
    """/var/lib/nfs/etab: path → client → how it is served. Of two entries for one client the first counts."""
    served: dict[str, dict[str, ServedClient]] = {}
    for line in text.split("\n"):
        path, dummy, client = line.partition("\t")
        host, opening, options = client.partition("(")
        if opening:
            clients = served.setdefault(unquote_path(path), {})
            means = served_options(options.rstrip(")"))
            clients.setdefault(canonical_host(host or "*"), ServedClient(host, means))
    return served


def served_options(text: str) -> Meaning:
    """The options in /var/lib/nfs/etab; after ``sec=`` some are repeated for each security flavour.

    There, and only there, a list stands behind ``squash_uids=``, or by mistake nothing but the next option.
    """
    words: list[str] = []
    for word in re.sub(r"\bsquash_[ug]ids=(?=[a-z])", "", text).split(","):
        if words and words[-1].startswith("squash_") and word[:1].isdigit():
            words[-1] += f",{word}"
        else:
            words.append(word)
    return effective(words)


def quote_path(path: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{ord(match.group()):03o}", path)


def unquote_path(text: str) -> str:
    return _text(_OCTAL.sub(lambda match: bytes((int(match.group(1), 8) & 0xFF,)), _bytes(text)))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class _Stop(Exception):
    """exportfs reads no further."""


class _Words:
    """The words of a file. A backslash at the end of a line makes one line of two, except in a comment."""

    def __init__(self, text: str) -> None:
        self._raw = _bytes(text)
        self._at = 0

    @property
    def line(self) -> int:
        return self._raw.count(b"\n", 0, self._at) + 1

    def next(self, skipped: bytes, length: int) -> Optional[bytes]:
        """The next word; None at the end of the line, if that is not skipped, and at the end of the file."""
        self._skip(skipped)
        word, quoted, letter = bytearray(), False, -1
        while len(word) < length:
            letter = self._letter()
            if letter == _END or (letter in _SPACE and not quoted):
                break
            if letter == _QUOTE:
                quoted = not quoted
                continue
            word.append(letter)
            octal = _OCTAL.fullmatch(word[-4:])
            if octal and int(octal.group(1), 8) < 256:
                word[-4:] = [int(octal.group(1), 8)]
        if letter == _NEWLINE:
            self._at -= 1
        if len(word) >= length:
            raise _Stop("a word is too long")
        return bytes(word) or None

    def _skip(self, skipped: bytes) -> None:
        """A comment begins only where a word could."""
        while (letter := self._letter()) != _END:
            if letter == _HASH:
                end = self._raw.find(b"\n", self._at)
                self._at = len(self._raw) if end < 0 else end
            elif letter not in skipped:
                self._at -= 1
                return

    def _letter(self) -> int:
        if self._at >= len(self._raw):
            return _END
        self._at += 1
        if self._raw[self._at - 1 : self._at + 1] != b"\\\n":
            return self._raw[self._at - 1]
        self._at += 1
        while self._raw[self._at : self._at + 1] in (b" ", b"\t"):
            self._at += 1
        return _SPACE[0]
