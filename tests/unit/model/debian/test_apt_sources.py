"""apt_sources: both formats are read and edited without losing a byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import (
    Source,
    SourcesFile,
    make_source,
    parse,
    switched,
    with_uris,
)
from hypothesis import given
from hypothesis import strategies as st

LIST = "/etc/apt/sources.list"
SOURCES = "/etc/apt/sources.list.d/x.sources"
KEY = "/usr/share/keyrings/k.gpg"

STANZA = """\
# what this is
Types: deb deb-src
URIs: http://a.example/debian
  http://b.example/debian
# a remark in the middle
Suites: trixie trixie-updates
components: main contrib
Signed-By: /usr/share/keyrings/k.gpg
"""


def only(file: SourcesFile) -> Source:
    assert len(file.sources) == 1
    return file.sources[0]


def test_a_stanza_is_read_with_continuation_lines_and_remarks() -> None:
    source = only(parse(SOURCES, f"# file of somebody\n\n{STANZA}"))
    assert source.types == ("deb", "deb-src")
    assert source.uris == ("http://a.example/debian", "http://b.example/debian")
    assert source.suites == ("trixie", "trixie-updates")
    assert source.components == ("main", "contrib")
    assert (source.signed_by, source.enabled, source.line) == (KEY, True, 3)
    assert (
        source.quote == "deb/deb-src http://a.example/debian http://b.example/debian trixie trixie-updates main contrib"
    )


@pytest.mark.parametrize(
    ("line", "differs"),
    [
        ("deb http://a/debian trixie main", {}),
        ("  deb\thttp://a/debian  trixie main contrib # x", {"components": ("main", "contrib")}),
        ("deb-src http://a/debian trixie main", {"types": ("deb-src",)}),
        ("# deb http://a/debian trixie main", {"enabled": False}),
        ("#deb http://a/debian trixie main", {"enabled": False}),
        (f"deb [signed-by={KEY}] http://a/debian trixie main", {"signed_by": KEY}),
        (f"deb [ arch=amd64 signed-by={KEY} ] http://a/debian trixie main", {"signed_by": KEY}),
        ("deb http://a/debian ./", {"suites": ("./",), "components": ()}),
        ("deb cdrom:[Debian 13 - amd64]/ trixie main", {"uris": ("cdrom:[Debian 13 - amd64]/",)}),
    ],
)
def test_a_line_is_read(line: str, differs: dict[str, Any]) -> None:
    usual = Source(f"{line}\n", 1, ("deb",), ("http://a/debian",), ("trixie",), ("main",))
    assert only(parse(LIST, f"{line}\n")) == replace(usual, **differs)


@pytest.mark.parametrize("line", ["", "# deb", "## See sources.list(5)", "rpm http://a trixie main", "deb http://a"])
def test_what_is_no_entry(line: str) -> None:
    assert parse(LIST, line + "\n").sources == ()


@pytest.mark.parametrize("stanza", ["# only a remark\n", "Types: deb\nURIs: http://a\n", "no field at all\n"])
def test_what_is_no_stanza(stanza: str) -> None:
    assert parse(SOURCES, stanza).sources == ()


ARMOUR = " -----BEGIN PGP PUBLIC KEY BLOCK-----\n{}\n mDMEAAAAABYJ\n =AAAA\n -----END PGP PUBLIC KEY BLOCK-----\n"
ENTERPRISE = "Types: deb\nURIs: https://e.example/pve\nSuites: trixie\nComponents: pve-enterprise\nSigned-By:\n"


@pytest.mark.parametrize("empty", [" ", " .", "\t", "  \t"])
def test_a_line_of_blanks_ends_no_stanza(empty: str) -> None:
    """As in a key that somebody has indented with sed: apt reads on, and what is written goes behind the key."""
    text = ENTERPRISE + ARMOUR.format(empty)
    source = only(parse(SOURCES, text))
    assert source.signed_by.endswith("-----END PGP PUBLIC KEY BLOCK-----")
    assert switched(source, True, enabled=False).text == f"{text}Enabled: no\n"


def test_a_line_of_blanks_between_two_fields_hides_nothing() -> None:
    source = only(parse(SOURCES, "Types: deb\nURIs: http://a\n \nSuites: trixie\nComponents: main\n"))
    assert (source.uris, source.suites) == (("http://a",), ("trixie",))


def test_what_is_off_and_could_not_be_switched_on_is_no_entry() -> None:
    """apt does not look at it; with the mark taken away it would read no file any more."""
    file = parse(SOURCES, "Types: deb\nURIs: http://a\nSuites: trixie\nEnabled: no\n")
    assert (file.sources, file.malformed) == ((), None)
    assert parse(SOURCES, "Types: rpm\nEnabled: no\n").malformed == "line 1: the type rpm is not known"


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_only_a_line_feed_ends_a_line(space: str) -> None:
    text = f"# a remark{space}deb http://a trixie main\n"
    assert parse(LIST, text).sources == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (LIST, "deb [arch=amd64]http://a trixie main\n"),
        (LIST, "deb [signed-by=k.gpg] http://a trixie main\n"),
        (LIST, "deb http://a ./ main\n"),
        (LIST, 'deb "http://a trixie main\n'),
        (SOURCES, "Types: rpm\nURIs: http://a\nSuites: trixie\nComponents: main\n"),
        (SOURCES, "URIs: http://a\nSuites: trixie\nComponents: main\n"),
        (SOURCES, "Types: deb\nURIs: http://a\nSuites: trixie\n"),
    ],
)
def test_what_apt_refuses_is_malformed(path: str, text: str) -> None:
    assert parse(path, text).malformed


@pytest.mark.parametrize("word", ["no", "No", "false", "without", "off", "disable", "0"])
def test_a_stanza_is_off_by_any_word_of_apt(word: str) -> None:
    assert not only(parse(SOURCES, f"{STANZA}Enabled: {word}\n")).enabled


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (LIST, "deb http://a trixie main\n", "# deb http://a trixie main\n"),
        (SOURCES, STANZA, f"{STANZA}Enabled: no\n"),
        (SOURCES, STANZA.rstrip("\n"), f"{STANZA}Enabled: no\n"),
        (SOURCES, f"Enabled: yes\n{STANZA}", f"Enabled: no\n{STANZA}"),
    ],
)
def test_switching_off_changes_one_line(path: str, before: str, after: str) -> None:
    off = switched(only(parse(path, before)), path == SOURCES, enabled=False)
    assert (off.text, off.enabled) == (after, False)
    assert not only(parse(path, after)).enabled


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (LIST, "# deb http://a trixie main\n", "deb http://a trixie main\n"),
        (LIST, "#deb http://a trixie main\n", "deb http://a trixie main\n"),
        (SOURCES, f"Enabled: false\n{STANZA}", STANZA),
    ],
)
def test_switching_on_takes_the_mark_away(path: str, before: str, after: str) -> None:
    assert switched(only(parse(path, before)), path == SOURCES, enabled=True).text == after


def test_other_uris_replace_all_lines_of_the_field() -> None:
    changed = with_uris(only(parse(SOURCES, STANZA)), True, ("http://m/debian",))
    expected = STANZA.replace("URIs: http://a.example/debian\n  http://b.example/debian\n", "URIs: http://m/debian\n")
    assert changed.text == expected
    line = with_uris(only(parse(LIST, f"deb [signed-by={KEY}] http://a trixie main # x\n")), False, ("http://m",))
    assert line.text == f"deb [signed-by={KEY}] http://m trixie main # x\n"


@pytest.mark.parametrize(
    ("path", "before", "gap"),
    [(LIST, "", ""), (LIST, "# x", "\n"), (LIST, "# x\n", ""), (SOURCES, "", ""), (SOURCES, STANZA, "\n")],
)
def test_an_entry_is_added_apart_from_what_is_there(path: str, before: str, gap: str) -> None:
    added = make_source(path, "http://n", "trixie", "main", KEY)
    assert parse(path, before).appended(added).text == before + gap + added.text


WORDS = st.text("abcdefghij0123456789.-+/", min_size=1, max_size=12).filter(
    lambda word: word[0].isalpha() and word[-1] != "/"
)
ENTRY = st.builds(
    lambda suite, component, signed_by: (f"http://h.example/{suite}", suite, component, signed_by),
    WORDS, WORDS, st.sampled_from(["", KEY]),
)  # fmt: skip
PATHS = st.sampled_from([LIST, SOURCES])
NOISE = st.lists(
    st.sampled_from(
        ["\n", "# a remark\n", "Types: deb\n", "deb http://a trixie main\n", STANZA, " folded\n", "#\n", "x"]
    )
).map("".join)
#: What apt can read, for each format.
READABLE = st.sampled_from(
    [
        (LIST, ["\n", "# a remark\n", "deb http://a trixie main\n"]),
        (SOURCES, ["\n", "# a remark\n", f"{STANZA}\n", " \n"]),
    ]
).flatmap(lambda kind: st.tuples(st.just(kind[0]), st.lists(st.sampled_from(kind[1])).map("".join)))


@given(PATHS, st.one_of(st.text(max_size=80), NOISE))
def test_the_parts_of_any_file_are_the_file(path: str, text: str) -> None:
    assert parse(path, text).text == text


@given(READABLE, ENTRY, st.booleans())
def test_what_is_written_is_read_again(found: tuple[str, str], entry: tuple[str, str, str, str], off: bool) -> None:
    path, before = found
    source = switched(make_source(path, *entry), path == SOURCES, enabled=not off)
    file = parse(path, before).appended(source)
    again = parse(path, file.text).sources[-1]
    uri, suite, component, signed_by = entry
    assert (again.types, again.uris, again.suites) == (("deb",), (uri,), (suite,))
    assert (again.components, again.signed_by, again.enabled) == ((component,), signed_by, not off)
    assert file.text.startswith(before)


@given(PATHS, NOISE, st.booleans())
def test_switching_all_entries_touches_nothing_else(path: str, text: str, enabled: bool) -> None:
    def switch(source: Source) -> Optional[Source]:
        return switched(source, path == SOURCES, enabled)

    changed = parse(path, text).map(switch)
    again = parse(path, changed.text)
    assert all(source.enabled == enabled for source in again.sources)
    others = [part for part in parse(path, text).parts if isinstance(part, str)]
    assert [part for part in changed.parts if isinstance(part, str)] == others
    assert again.map(switch).text == changed.text
