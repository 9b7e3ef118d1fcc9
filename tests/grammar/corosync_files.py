"""Made-up corosync.conf files: of clusters whose first node is this machine, so that a running corosync takes them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from .wild import some

BLANKS = ([""], ["", " ", "\t", "  "], ["\u00a0", "\v", "\r"])
ENDS = (
    ["\n"],
    ["\n", " \n", "\r\n", "\n\n", "\n# remark\n", "\n  # { } :\n"],
    ["\v\n", " # x\n", "\u2028\n", "\r\r\n", ""],
)
COLONS = ([": "], [":", " : ", ":\t", ": \t"], ["::", " ", ": : ", " {", "="])
OPENS = ([" {"], ["{", "\t{", " { ", ": {"], ["", " {x", "{}", " {{", ":{:"])
CLOSES = (["}"], ["}", "  }", "} "], ["} x", "x }", "}}", "", "};"])
PRIORITIES = (["0", "1", "10", "255"], ["007", "+5"], ["256", "-1", "x", "1 ", "1_0", "\u0663", ""])
VOTES = (["1"], ["0", "2", "01", "+1"], ["-1", "one", "1.0", "4294967296", "1_0"])
NUMBERS = (["1", "3"], ["0", "07"], ["x", "", "-1", "1e3"])
MORE = (
    ["totem.token: 3000", "logging.debug: on", "totem.interface_x: 1"],
    ["quorum.wait_for_all: 1", "quorum.last_man_standing: 1", "quorum.expected_votes: 3", "totem.secauth: off"],
    ["quorum.two_node: yes", "top: value", "nodelist.node_x: 1", "totem.ip_version: ipv9", "a: b", "totem.key{: 1"],
)


class Writer:
    """Draws how each line is written; ``wild`` as in ``wild.some``."""

    def __init__(self, draw: st.DrawFn, wild: int) -> None:
        self.draw, self.wild, self.text = draw, wild, ""

    def odd(self, rows: tuple[list[str], ...], usual: str) -> str:
        """Mostly as usual: one odd line is enough to make a file odd."""
        return usual if self.draw(st.integers(0, 9)) else self.draw(some(rows, self.wild))

    def line(self, key: str, value: str) -> None:
        blank = self.odd(BLANKS, "  ")
        self.text += blank + key + self.odd(COLONS, ": ") + value + self.odd(ENDS, "\n")

    def open(self, name: str) -> None:
        self.text += self.odd(BLANKS, "") + name + self.odd(OPENS, " {") + self.odd(ENDS, "\n")

    def close(self) -> None:
        self.text += self.odd(BLANKS, "") + self.odd(CLOSES, "}") + self.odd(ENDS, "\n")


#: Writes one section.
Part = Callable[[Writer], None]


@st.composite
def files(draw: st.DrawFn) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 1, 2]))
    writer = Writer(draw, wild)
    links = draw(st.integers(1, 3))
    parts = [_totem(links), _nodes(links), _quorum(), _more()]
    for part in draw(st.permutations(parts)):
        part(writer)
    return writer.text


def _totem(links: int) -> Part:
    def write(writer: Writer) -> None:
        draw, wild = writer.draw, writer.wild
        keys = {"version": "2", "cluster_name": "lab", "config_version": draw(some(NUMBERS, wild)), "secauth": "on"}
        if draw(st.booleans()):
            keys["token_coefficient"] = draw(some(NUMBERS, wild))
        halves = [list(keys.items())]
        if wild and draw(st.integers(0, 4)) == 0:  # one section, written in two places
            halves = [halves[0][:2], [*halves[0][2:], ("cluster_name", "lab")]]
        for half in halves:
            writer.open("totem")
            for key, value in half:
                writer.line(key, value)
            if wild and draw(st.integers(0, 4)) == 0:  # what is said last counts
                writer.line("token_coefficient", draw(some(NUMBERS, wild)))
            numbers = draw(st.lists(st.integers(0, links - 1), max_size=links + bool(wild)))
            for number in numbers if wild else sorted(set(numbers)):
                writer.open("interface")
                if number or draw(st.booleans()):
                    writer.line(draw(st.sampled_from(["linknumber"] * 4 + ["ringnumber"] * (wild == 2))), str(number))
                if draw(st.booleans()):
                    writer.line("knet_link_priority", draw(some(PRIORITIES, wild)))
                writer.close()
            writer.close()

    return write


def _nodes(links: int) -> Part:
    def write(writer: Writer) -> None:
        draw, wild = writer.draw, writer.wild
        writer.open("nodelist")
        for number in range(1, draw(st.integers(1, 3)) + 1):
            writer.open("node")
            uneven = wild == 2 and draw(st.integers(0, 9)) == 0
            keys = {"name": f"pve{number}", "nodeid": str(number)}
            keys.update({f"ring{link}_addr": f"127.0.{link}.{number}" for link in range(links - uneven)})
            if draw(st.booleans()):
                keys["quorum_votes"] = draw(some(VOTES, wild))
            if wild and draw(st.integers(0, 9)) == 0:
                keys["operators_own"] = "value of { his".replace("{", "" if wild < 2 else "{")
            for key, value in draw(st.permutations(list(keys.items()))):
                writer.line(key, value)
            writer.close()
        writer.close()

    return write


def _quorum() -> Part:
    def write(writer: Writer) -> None:
        draw, wild = writer.draw, writer.wild
        writer.open("quorum")
        writer.line("provider", "corosync_votequorum")
        if wild and draw(st.integers(0, 2)) == 0:
            writer.line("two_node", draw(some(VOTES, wild)))
        if draw(st.integers(0, 2)) == 0:
            writer.open("device")
            writer.line("model", "net")
            if draw(st.booleans()):
                writer.line("votes", draw(some(VOTES, wild)))
            writer.open("net")
            writer.line("host", draw(st.sampled_from(["10.9.9.9", "qnetd.example", "fd00::9"])))
            writer.line("algorithm", draw(st.sampled_from(["ffsplit", "lms"])))
            writer.close()
            writer.close()
        writer.close()

    return write


def _more() -> Part:
    def write(writer: Writer) -> None:
        if writer.draw(st.integers(0, 2)):
            return
        place, dummy, rest = writer.draw(some(MORE, writer.wild)).partition(".")
        if not rest:
            writer.text += f"{place}\n"
            return
        writer.open(place)
        writer.text += f"{rest}\n"
        writer.close()

    return write
