"""nfs_server: what is invalid, what is refused until an option names the danger, and what is warned of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from .nfs_server_support import NETWORK, client, export, fresh, params


def plan(*exports: dict[str, Any], **allowed: bool) -> Plan:
    return make_plan(SUBJECT, params(*exports, **allowed), fresh())


#: (export, the option that permits it, words of the refusal)
DANGERS = [
    *((export(clients=[client(host)]), "allow_any_client", "everybody") for host in ("*", "**", "0.0.0.0/0", "::/0")),
    (export(clients=[client("10.0.0.0/0.0.0.0")]), "allow_any_client", "everybody"),
    (export(clients=[client(NETWORK, "rw", "insecure")]), "allow_insecure_ports", "ports above 1023"),
    *(
        (export(mode=mode), "allow_world_writable", "writable for every user")
        for mode in ("0777", "0757", "0002", "01777")
    ),
]


@pytest.mark.parametrize(("wanted", "permission", "words"), DANGERS)
def test_a_danger_is_refused_until_its_option_is_set(wanted: dict[str, Any], permission: str, words: str) -> None:
    refused = plan(wanted).refusals
    assert [words in refusal.reason for refusal in refused] == [True]
    assert permission in refused[0].hint
    assert not plan(wanted, **{permission: True}).refusals


def test_all_dangers_are_reported_at_once() -> None:
    wanted = export(mode="0777", clients=[client("*", "rw", "insecure"), client(NETWORK, "insecure")])
    assert len(plan(wanted).refusals) == 4


@pytest.mark.parametrize("mode", ["0755", "0700", "0770", "02775", "0751"])
def test_modes_that_keep_others_from_writing_are_fine(mode: str) -> None:
    assert not plan(export(mode=mode)).refusals


@pytest.mark.parametrize("path", ["/etc/exports", "/etc/exports.d/local.exports"])
def test_a_path_exported_elsewhere_is_refused_and_the_file_named(path: str) -> None:
    node = fresh()
    node.files[path] = "# ours\n/srv/other 10.0.0.1(ro)\n/srv/share *(ro)\n"
    refusals = make_plan(SUBJECT, params(export()), node).refusals
    assert [refusal.reason for refusal in refusals] == [f"/srv/share is already exported by {path}."]


def test_a_file_in_the_way_is_refused() -> None:
    node = fresh()
    node.files["/srv/share"] = "precious"
    assert "is a file" in make_plan(SUBJECT, params(export()), node).refusals[0].reason


#: (option, words of the warning)
WARNINGS = [
    (client(NETWORK, "rw", "no_root_squash"), "root on 10.10.2.0/24 is root on this export"),
    (client(NETWORK, "rw", "async"), "loses writes"),
    (client("8.8.8.0/24"), "public address space"),
    (client("172.10.10.0/24"), "public address space"),
    (client("2a00::/32"), "public address space"),
]


@pytest.mark.parametrize(("peer", "words"), WARNINGS)
def test_what_is_allowed_but_should_be_known_is_said_when_it_is_introduced(peer: dict[str, Any], words: str) -> None:
    wanted = params(export(clients=[peer]))
    node = fresh()
    first = make_plan(SUBJECT, wanted, node)
    assert [words in warning for warning in first.warnings] == [True]
    for step in first.steps:
        node.act(step)
    assert make_plan(SUBJECT, wanted, node).warnings == ()


@pytest.mark.parametrize(
    "peer", [client(), client("172.16.0.0/12"), client("fd00::/8"), client("pve2"), client("@all")]
)
def test_ordinary_clients_need_no_warning(peer: dict[str, Any]) -> None:
    assert plan(export(clients=[peer])).warnings == ()


def test_all_squash_leaves_root_nothing_to_warn_of() -> None:
    assert plan(export(clients=[client(NETWORK, "no_root_squash", "all_squash")])).warnings == ()


INVALID = [
    ("relative path", export("srv/share"), "absolute path"),
    ("slash at the end", export("/srv/share/"), "absolute path"),
    ("two slashes", export("/srv//share"), "absolute path"),
    ("dots", export("/srv/../etc"), "contains '.'"),
    *((f"system directory {path}", export(path), "operating system") for path in ("/", "/etc", "/usr", "/srv")),
    *(
        (f"virtual {path}", export(path), "operating system")
        for path in ("/proc/sys", "/dev/shm", "/etc/pve/x", "/run/x")
    ),
    *((f"mode {mode!r}", export(mode=mode), "octal number") for mode in ("493", "755", "0788", "511", "rwxr-xr-x", "")),
    ("not a client", export(clients=[]), "no clients"),
    ("a client twice", export(clients=[client("10.0.0.0/24"), client("10.0.0.9/24", "ro")]), "twice"),
    *(
        (f"host {host!r}", export(clients=[client(host)]), "not a client")
        for host in ("", "@", "a b", "a(rw)", "-ro", "a,b")
    ),
    *(
        (f"net {net}", export(clients=[client(net)]), "neither")
        for net in ("10.0.0.0/33", "gss/krb5", "[fd00::]/8", "::g")
    ),
    *(
        (f"option {word!r}", export(clients=[client("a", word)]), "no option")
        for word in ("sycn", "rw,sync", "no root")
    ),
    ("contradiction", export(clients=[client("a", "rw", "ro")]), "contradicts"),
    ("contradiction behind sec", export(clients=[client("a", "sec=sys", "ro", "rw")]), "contradicts"),
    ("two answers on sync", export(clients=[client("a", "sync", "sec=sys", "async")]), "contradicts"),
]


@pytest.mark.parametrize(("name", "wanted", "words"), INVALID, ids=[case[0] for case in INVALID])
def test_what_contradicts_itself_is_invalid(name: str, wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        desired_from(params(wanted))


def test_one_path_is_listed_once() -> None:
    with pytest.raises(Invalid, match="listed twice"):
        desired_from(params(export(), export()))
