# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which .network file systemd-networkd takes for a link, and what it says. netplan writes such files, too.

Upstream: systemd.network(5). Files of several folders are read in the order of their names; a name that is in several
folders counts in the first one; drop-ins are added; the first file whose [Match] fits is the one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .interface import Link
from .network import Netplan, NetworkdUnit, Pin
from .patterns import name_matches

FOLDERS = (
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
)
#: The files that netplan writes are called so, with the label behind it.
NETPLAN = "10-netplan-"
_MATCHES = ("Name", "MACAddress", "PermanentMACAddress", "Type")
_DHCP = ("yes", "true", "1", "on", "ipv4", "ipv6", "both", "v4", "v6")
_UDEV = re.compile(r'([A-Z]+(?:\{\w+\})?==?)\s*"([^"]*)"')
#: (section, key) → values in their order; an empty value takes back those before it.
Unit = Mapping[tuple[str, str], tuple[str, ...]]


def parse_unit(*texts: str) -> Unit:
    """One unit of a file and its drop-ins."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for text in texts:
        section = ""
        for line in re.sub(r"\\\n", " ", text).split("\n"):
            bare = line.strip()
            if bare.startswith("[") and bare.endswith("]"):
                section = bare[1:-1]
            elif "=" in bare and not bare.startswith(("#", ";")):
                key, dummy, value = (part.strip() for part in bare.partition("="))
                before = found.get((section, key), ())
                found[section, key] = (*before, value) if value else ()
    return found


def units_of(files: Mapping[str, str], links: Mapping[str, Link]) -> tuple[NetworkdUnit, ...]:
    """path → text of everything in the folders; one unit for each link that a file fits."""
    units = {name: unit for name, unit in _units(files, ".network") if unit}
    return tuple(unit for link in links.values() for unit in _of_link(link, units))


def _units(files: Mapping[str, str], ending: str) -> Iterator[tuple[str, Unit]]:
    names: dict[str, str] = {}
    for folder in FOLDERS:
        for path in files:
            parent, dummy, name = path.rpartition("/")
            if parent == folder and name.endswith(ending):
                names.setdefault(name, path)
    for name in sorted(names):
        more = [path for path in files if path.rpartition("/")[0].endswith(f"/{name}.d") and path.endswith(".conf")]
        more.sort(key=lambda path: path.rpartition("/")[2])
        yield name, parse_unit(files[names[name]], *(files[path] for path in more))


def _of_link(link: Link, units: Mapping[str, Unit]) -> Iterator[NetworkdUnit]:
    fitting = [name for name, unit in units.items() if fits(link, unit)]
    if not fitting:
        return
    yield NetworkdUnit(link.name, fitting[0], tuple(fitting[1:]), _asks_a_server(units[fitting[0]]))


def _asks_a_server(unit: Unit) -> bool:
    return (unit.get(("Network", "DHCP")) or ("no",))[-1].lower() in _DHCP


def fits(link: Link, unit: Unit) -> bool:
    """All that [Match] names must fit; one that names nothing we know of fits nothing here."""
    named = {key: " ".join(values).split() for (section, key), values in unit.items() if section == "Match"}
    known = {key: words for key, words in named.items() if key in _MATCHES and words}
    return bool(known) and all(_word_fits(link, key, words) for key, words in known.items())


def _word_fits(link: Link, key: str, words: list[str]) -> bool:
    if key == "Name":
        negated = words[0].startswith("!")
        patterns = [words[0].lstrip("!"), *words[1:]]
        return negated != any(name_matches(name, one) for one in patterns for name in (link.name, *link.alternatives))
    if key == "Type":
        return ("ether" in words) == (link.kind == "" and link.name != "lo")
    macs = {link.mac} if key == "MACAddress" else {link.permanent_mac or link.mac}
    return bool(macs & {word.lower().replace("-", ":") for word in words})


def pins_of(files: Mapping[str, str]) -> tuple[Pin, ...]:
    """Names that somebody has given to hardware addresses, netplan aside: its names go with it."""
    found = []
    for name, unit in _units(files, ".link"):
        macs = (*unit.get(("Match", "MACAddress"), ()), *unit.get(("Match", "PermanentMACAddress"), ()))
        for given in unit.get(("Link", "Name"), ())[-1:] if not name.startswith(NETPLAN) else ():
            path = next(path for path in files if path.endswith(f"/{name}"))
            found += [Pin(given, mac.lower(), path) for word in macs for mac in word.split()]
    return tuple(found)


def pins_of_udev(text: str, path: str) -> Iterator[Pin]:
    """Of rules that compare a hardware address and assign a name, as Debian wrote them until 8."""
    for line in text.splitlines():
        words = {} if line.lstrip().startswith("#") else dict(_UDEV.findall(line))
        if words.get("SUBSYSTEM==") == "net" and "ATTR{address}==" in words and "NAME=" in words:
            yield Pin(words["NAME="], words["ATTR{address}=="].lower(), path)


def netplan_of(files: Mapping[str, str], links: Mapping[str, Link]) -> tuple[Netplan, ...]:
    """What netplan has written for systemd-networkd: merged already, and with devices found by what they are."""
    renamed = {name[: -len(".link")] for name, unit in _units(files, ".link") if unit.get(("Link", "Name"))}
    return tuple(
        Netplan(
            name[len(NETPLAN) : -len(".network")],
            tuple(link.name for link in links.values() if fits(link, unit)),
            renamed=name[: -len(".network")] in renamed,
            pattern=" ".join(unit.get(("Match", "Name"), ())),
            addresses=unit.get(("Network", "Address"), ()),
            dhcp=_asks_a_server(unit),
            dns=tuple(" ".join(unit.get(("Network", "DNS"), ())).split()),
            search=tuple(" ".join(unit.get(("Network", "Domains"), ())).split()),
        )
        for name, unit in _units(files, ".network")
        if name.startswith(NETPLAN)
    )
