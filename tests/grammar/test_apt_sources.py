"""sources.list(5): apt reads a file as we do, and what we edit as it is meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import (
    Source,
    SourcesFile,
    parse,
    switched,
    with_uris,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import Rows, some

CONFIG = """
Dir::Etc::sourcelist "{path}";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures "amd64";
Acquire::Languages "none";
"""
FORM = "--format=$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
KINDS = {"Packages": "deb", "Sources": "deb-src"}
Target = tuple[str, str, str, str]

#: What is usual, then what is odd but legitimate, then what is wrong: a file is drawn from the first n of these rows.
HOSTS = (
    ["http://a.example/debian", "https://s.example/debian/", "file:/srv/example/debian", "http://b.example:8080/x"],
    [
        "http://[fd00::10]/example/debian",
        "cdrom:[Debian_example/1]/",
        "http://b.example/x%20y",
        "http://c.example/$(ARCH)",
        "ftp://b.example",
    ],
    [
        "a.example/debian",
        "http://[fd00::10/example/debian",
        "http:/example",
        "h://u:p@h.example/",
        "http://\u00e4.example/\u2488com",
    ],
)
SUITES = (["trixie", "trixie-security", "trixie/updates"], ["./", "stable", "x/", "s$(ARCH)", "s$(ARCH)/"], ["/", "#"])
COMPONENTS = (["main", "contrib", "non-free-firmware", "pve-no-subscription"], ['m"ai"n', "m%61in"], ['"x', "m]", "[m"])
SPACES = ([" "], [" ", "  ", "\t", " \t "], ["\v", "\f", "\r", "\u00a0", "\u2028", "\x85", "\x1c"])
ENDS = (["\n"], ["\n", "\r\n", " \n", "\n\n"], ["", "\u2028", "\x0c\n", "\x85"])
REMARKS = ([""], ["", " # a remark", "#", " # deb http://r.example trixie main"], [" # [", "\t#x]"])
OPTIONS = (
    ["arch=amd64", "signed-by=/k.gpg", "lang=en"],
    ["trusted=no", "by-hash=no", "signed-by=/k#1.gpg", 'signed-by="/k k.gpg"'],
    ["=x", "x=", "a=b]", "arch", "[arch=amd64"],
)
BRACKETS = (["[{}]"], ["[{}]", "[ {} ]", "[\t{}]"], ["[{} ", "{}]", "[{}]]"])
KINDS_OF_LINE = (["deb", "deb-src"], ["# deb", "#deb", "##deb"], ["rpm", "DEB", "", "deb#"])
INDENTS = ([""], ["", " ", "\t"], ["\r", "\v", "\u00a0"])


@st.composite
def one_line_files(draw: st.DrawFn) -> str:
    """Some entries, each for a repository of its own: apt refuses two that contradict each other."""
    wild = draw(st.sampled_from([0, 1, 1, 1, 2]))
    text = ""
    for number in range(draw(st.integers(0, 4))):
        if draw(st.integers(0, 5)) == 0:
            text += draw(st.text(max_size=6)) if wild == 2 else "# a remark\n"
            continue
        gap = draw(some(SPACES, wild))
        words = [draw(some(KINDS_OF_LINE, wild))]
        options = draw(st.lists(some(OPTIONS, wild), max_size=2))
        if options:
            words.append(draw(some(BRACKETS, wild)).format(gap.join(options)))
        suite = draw(some(SUITES, wild))
        count = 0 if suite.endswith("/") and wild < 2 else draw(st.integers(min(1, 2 - wild), 3))
        components = draw(st.lists(some(COMPONENTS, wild), min_size=count, max_size=count))
        words += [draw(some(HOSTS, wild)).replace("example", f"example{number}"), suite, *components]
        text += draw(some(INDENTS, wild)) + gap.join(words) + draw(some(REMARKS, wild)) + draw(some(ENDS, wild))
    return text


FOLDS = ([" "], ["\n ", "\n\t", "\n  ", " \n ", "\n#x\n "], ["\n \n ", "\r\n ", "\n .\n ", "\v", "\u00a0", "\n\n "])
COLONS = ([": "], [": ", ":", ":\t", " : ", ":\n "], [": \n ", "\n:", ":\n\t", ": \n \n "])
LINE_ENDS = (["\n"], ["\n", "\r\n", " \n"], ["\n \n", "\n\t\n", "\r\r\n", "\n\r", "\u2028\n"])
NOISE = (
    ["", ""],
    ["", "", "# a remark\n", "#\n"],
    [" \n", "\t\n", "foo\n", ": x\n", "\r", " folded\n", "#\n\n", "\x85"],
)
ENABLED = (
    ["yes", "no"],
    ["No", "false", "off", "0", "1", "on", "disable", "without", "YES"],
    ["00", "0x0", "-0", "2", "", "nein", "n\u00f6", "0 ", "no no", "\n\tno", "\n no"],
)
ARMOUR = " -----BEGIN PGP PUBLIC KEY BLOCK-----\n{}\n mDME\n -----END PGP PUBLIC KEY BLOCK-----"
KEYS = (
    ["/usr/share/keyrings/k.gpg"],
    ["A" * 40, f"{'b' * 40}! /k.gpg", "/k.gpg,/l.gpg", f"\n{ARMOUR.format(' .')}"],
    [f"\n{ARMOUR.format(' ')}", ARMOUR.format(""), "k.gpg", "A" * 39, ","],
)
TYPES = (["deb"], ["deb", "deb-src", "deb deb-src"], ["rpm", ""])
NAMES = (
    ["X-Repolib-Name"],
    ["Architectures-Remove", "Enabled", "Description"],
    ["types", "URIS", "suites\t", "enabled "],
)
BETWEEN = (["\n"], ["\n", "\n\n", "# x\n\n", "\n# x\n"], ["", " \n", "\r\n", "x", "\u2028", "\n\r\n"])


def stanza(draw: st.DrawFn, wild: int, number: int) -> str:
    """A stanza that is right, or nearly so."""

    def several(rows: Rows) -> str:
        values = draw(st.lists(some(rows, wild), min_size=1, max_size=2))
        return draw(some(FOLDS, wild)).join(values).replace("example", f"example{number}")

    fields = {"Types": draw(some(TYPES, wild)), "URIs": several(HOSTS)}
    if wild == 1 and draw(st.integers(0, 3)) == 0:
        fields["Suites"] = draw(st.sampled_from(["./", "x/", "./ y/"]))
    else:
        fields |= {"Suites": several(SUITES[:1] if wild < 2 else SUITES), "Components": several(COMPONENTS)}
    for name, rows in (("Enabled", ENABLED), ("Signed-By", KEYS)):
        if draw(st.booleans()):
            fields[name] = draw(some(rows, wild))
    if wild and draw(st.booleans()):
        fields[draw(some(NAMES, wild))] = draw(some(ENABLED, wild))
    if wild == 2 and draw(st.integers(0, 4)) == 0:
        del fields[draw(st.sampled_from(list(fields)))]
    text = ""
    for name, value in draw(st.permutations(list(fields.items()))):
        text += draw(some(NOISE, wild)) + name + draw(some(COLONS, wild)) + value + draw(some(LINE_ENDS, wild))
    return text


@st.composite
def deb822_files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 2, 2]))
    parts = []
    for number in range(draw(st.integers(0, 3))):
        parts += [stanza(draw, wild, number), draw(some(BETWEEN, wild))]
    return draw(some(([""], ["", "\n", "# x\n\n"], ["\r\n", " \n", "x\n\n"]), wild)) + "".join(parts)


def apt_reads(sandbox: Sandbox, path: str, text: str) -> Optional[set[Target]]:
    """What apt would fetch; None when it does not read the file."""
    files = {path: text, "/mnt/apt.conf": CONFIG.format(path=path)}
    done = sandbox.run(["apt-get", "indextargets", "--no-release-info", FORM], files, {"APT_CONFIG": "/mnt/apt.conf"})
    if done.rc != 0:
        assert "E: " in done.stderr, done
        return None
    rows = (line.split("|") for line in done.stdout.split("\n") if line)
    return {
        (KINDS[by], spelling(uri), suite or "/", "" if component == "$(COMPONENT)" else component)
        for by, uri, suite, component in rows
        if by in KINDS
    }  # fmt: skip


def spelling(uri: str) -> str:
    """apt writes a host with two slashes before it and one at the end; nothing is left of a bracket that is open."""
    if uri.count("[") > uri.count("]"):
        return f"{uri.partition(':')[0]}:"
    return uri.replace("://", ":", 1).rstrip("/")


def we_read(path: str, text: str) -> Optional[set[Target]]:
    """The same, as the model has it."""
    file = parse(path, text)
    assert file.text == text
    return (
        None
        if file.malformed
        else {one for source in file.sources if source.enabled for one in stands_for(file, source)}
    )


def stands_for(file: SourcesFile, source: Source) -> set[Target]:
    """What an entry stands for, with apt's variable filled in: in a one-line suite only before a slash."""

    def filled(text: str, suite: bool = False) -> str:
        return text if suite and not (file.deb822 or text.endswith("/")) else text.replace("$(ARCH)", "amd64")

    return {
        (kind, spelling(filled(uri)), filled(suite, True), component)
        for kind in source.types
        for uri in source.uris
        for suite in source.suites
        for component in source.components or ("",)
    }


def compare(sandbox: Sandbox, grammar: str, path: str, text: str) -> None:
    """The file as it is; then with each entry switched off, moved, and one switched on."""
    assume("\0" not in text)
    found = we_read(path, text)
    assert found == apt_reads(sandbox, path, text)
    agreed(grammar, text, "refused by both" if found is None else "read by both" if found else "without an entry")
    if not found:
        return
    file = parse(path, text)
    source = file.sources[0]
    for changed in (
        switched(source, file.deb822, not source.enabled),
        with_uris(source, file.deb822, ("http://moved.example/debian",)),
    ):
        edited = replace(file, parts=tuple(changed if part is source else part for part in file.parts))
        others = {
            one for other in file.sources if other is not source and other.enabled for one in stands_for(file, other)
        }
        expected = others | (stands_for(file, changed) if changed.enabled else set())
        assert apt_reads(sandbox, path, edited.text) == expected == we_read(path, edited.text), edited.text


def test_the_one_line_format(sandbox: Sandbox) -> None:
    @given(one_line_files())
    def one(text: str) -> None:
        compare(sandbox, "sources.list", "/mnt/x.list", text)

    one()
    enough("sources.list")


def test_deb822(sandbox: Sandbox) -> None:
    @given(deb822_files())
    def one(text: str) -> None:
        compare(sandbox, "deb822 .sources", "/mnt/x.sources", text)

    one()
    enough("deb822 .sources")
