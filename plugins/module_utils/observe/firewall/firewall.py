# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the firewall of a node and its cluster from their files, and what the ways to the node are."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from typing import Optional, cast

from ...engine.errors import Unreadable
from ...engine.reader import Reader, recorded
from ...model.ceph.conf import parse_conf
from ...model.ceph.state import CONF
from ...model.cluster.cluster import Member
from ...model.cluster.corosync_conf import parse_corosync_conf
from ...model.firewall.files import CLUSTER_FILE, FOLDER, RuleSet, host_file, parse
from ...model.firewall.firewall import (
    RECORD,
    DesiredFirewall,
    GuardState,
    GuestFirewall,
    NodeWays,
    ObservedFirewall,
    SshConnection,
)
from ...model.guest.guest import FOLDERS, folder_of
from ...model.nfs.text import parse_exports
from ...model.node.host import Host
from ..guest.text import parse_guest
from ..node import host

COROSYNC = "/etc/pve/corosync.conf"
DATACENTER = "/etc/pve/datacenter.cfg"
SSHD = ("/usr/sbin/sshd", "-T")
LOADED = ("iptables", "-S", "PVEFW-HOST-IN")
_EXPORTS = ("/etc/exports", "/etc/exports.d")
_USUAL_PORT = 22


def observe(reader: Reader, desired: DesiredFirewall) -> ObservedFirewall:
    node = host.observe(reader).name
    cluster, own = _file(reader, CLUSTER_FILE), _file(reader, host_file(node))
    guests = () if cluster.enabled else tuple(_sleeping(reader, node))
    loaded = _is_loaded(reader) if _is_asked(cluster, own) else None
    members = tuple(one.name for one in _members(reader))
    return ObservedFirewall(node, cluster, own, _guard(reader), guests, loaded, members)


@recorded
def observe_here(reader: Reader) -> tuple[ObservedFirewall, Optional[NodeWays]]:
    """The ways cost two processes, which only a node pays whose firewall is on."""
    seen = observe(reader, DesiredFirewall())
    return seen, observe_ways(reader) if seen.cluster.enabled else None


def _is_asked(cluster: RuleSet, own: RuleSet) -> bool:
    return cluster.enabled and own.options.get("enable", "1") == "1" and own.options.get("nftables", "0") == "0"


def _file(reader: Reader, path: str) -> RuleSet:
    return parse(reader.read(path) or "")


def _is_loaded(reader: Reader) -> bool:
    """iptables ends with 1 where there is no such chain, and with another number where it could not look."""
    done = reader.run(*LOADED)
    if done.rc not in (0, 1, 127):  # without iptables there is no chain either
        raise Unreadable(f"`{' '.join(LOADED)}` failed: {done.stderr.strip()}.", "See whether it works by hand there.")
    return done.rc == 0


def _members(reader: Reader) -> tuple[Member, ...]:
    text = reader.read(COROSYNC)
    return parse_corosync_conf(text).members if text else ()


def _guard(reader: Reader) -> GuardState:
    text = reader.read(RECORD)
    if text is None:
        return "none"
    try:
        return cast(GuardState, {"armed": "armed", "pending": "pending"}[json.loads(text)["state"]])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{RECORD} does not tell how far a change of the firewall is: {error!r}.") from error


def _sleeping(reader: Reader, node: str) -> Iterator[GuestFirewall]:
    """Guests of this node that filter as soon as the cluster's firewall is on."""
    files = reader.names(FOLDER)
    for kind in FOLDERS:
        for name in reader.names(folder_of(kind, node)):
            number = name.partition(".")[0]
            if f"{number}.fw" in files:
                config = parse_guest(reader.read(f"{folder_of(kind, node)}/{name}") or "")
                cards = [value for key, value in config.items() if key[:3] == "net" and key[3:].isdecimal()]
                rules = _file(reader, f"{FOLDER}/{number}.fw")
                if rules.options.get("enable") == "1" and any("firewall=1" in card.split(",") for card in cards):
                    yield _guest(int(number), rules)


def _guest(vmid: int, rules: RuleSet) -> GuestFirewall:
    allowed = [
        " ".join(filter(None, (rule.macro or rule.proto, rule.dport))) or "everything"
        for rule in rules.rules
        if rule.direction == "in" and rule.action == "ACCEPT" and rule.enable
    ]
    told = f"allows {', '.join(allowed)} only" if allowed else "allows nothing"
    shuts = [rule for rule in rules.rules if rule.enable and rule.action != "ACCEPT"]  # a group may do so
    open_ = (rules.options.get("policy_in"), rules.options.get("policy_out", "ACCEPT")) == ("ACCEPT", "ACCEPT")
    if open_ and shuts:
        told = f"has {', '.join(map(str, shuts))}"
    return GuestFirewall(vmid, open_ and not shuts and not rules.strange, told)


def observe_ways(reader: Reader) -> NodeWays:
    this = host.observe(reader)
    own = [str(ipaddress.ip_interface(f"{one.ip}/{one.prefix}")) for one in this.usable]
    conf = parse_conf(reader.read(CONF) or "")
    return NodeWays(
        node=this.name,
        main=_main(this),
        addresses=tuple(own),
        links=next((dict(one.links.items()) for one in _members(reader) if one.name == this.name), {}),
        connection=_connection(reader),
        ssh_ports=_ports(reader),
        ceph=tuple(dict.fromkeys((*conf.public_network, *conf.cluster_network))) if conf else (),
        migration=_migration(reader.read(DATACENTER) or ""),
        nfs=tuple(dict.fromkeys(_clients(reader))),
    )


def _main(this: Host) -> str:
    found = [str(ip) for ip in this.resolves_to if any(ip == one.ip for one in this.usable)]
    return found[0] if found else ""


def _connection(reader: Reader) -> Optional[SshConnection]:
    words = reader.program("own_connection").stdout.split()
    return SshConnection(words[0].partition("%")[0], words[2], int(words[3])) if len(words) == 4 else None


def _ports(reader: Reader) -> tuple[int, ...]:
    """All on which sshd listens; it refuses to tell where its configuration is broken."""
    done = reader.run(*SSHD)
    if done.rc not in (0, 127):
        raise Unreadable(f"`{' '.join(SSHD)}` failed: {done.stderr.strip()}.", "Mend sshd's configuration.")
    found = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("port ")]
    return tuple(found) or (_USUAL_PORT,)


def _migration(text: str) -> str:
    for line in text.splitlines():
        key, dummy, value = line.partition(":")
        if key == "migration":
            words = dict(word.strip().partition("=")[::2] for word in value.split(","))
            return words.get("network", "")
    return ""


def _clients(reader: Reader) -> Iterator[str]:
    file, folder = _EXPORTS
    names = [name for name in reader.names(folder) if name.endswith(".exports") and not name.startswith(".")]
    for path in (file, *(f"{folder}/{name}" for name in names)):
        for export in parse_exports(reader.read(path) or ""):
            yield from (client.host for client in export.clients)
