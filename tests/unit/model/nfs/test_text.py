"""exports(5) files and the table of exportfs: written, read, and read back."""

from __future__ import annotations

import string

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs.server import same_exports
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import (
    contradictions,
    effective,
    same_meaning,
    unknown,
    written,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import (
    Client,
    Export,
    ObservedNfsServer,
    Withdrawn,
    canonical_host,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import (
    parse_declared,
    parse_exports,
    parse_served,
    parse_withdrawn,
    quote_path,
    render_exports,
    served_options,
    unquote_path,
)
from hypothesis import given
from hypothesis import strategies as st

WORDS = (
    "ro rw sync async wdelay no_wdelay hide nohide crossmnt nocrossmnt secure insecure root_squash no_root_squash"
    " all_squash no_all_squash subtree_check no_subtree_check secure_locks no_auth_nlm acl no_acl pnfs no_pnfs"
    " security_label anonuid=1000 anongid=-2 fsid=root fsid=7 sec=krb5:krb5i mp mountpoint=/srv"
).split()

paths = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map(
    lambda text: f"/{text}"
)
hosts = st.one_of(
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map(lambda net: f"{net[0]}/{net[1]}"),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)).map(lambda net: f"{net[0]}/{net[1]}"),
    st.text(string.ascii_letters + string.digits + ".*?_", min_size=1),
    st.text(string.ascii_letters, min_size=1).map(lambda name: f"@{name}"),
)
options = st.lists(st.sampled_from(WORDS), max_size=8).filter(lambda words: not contradictions(words)).map(tuple)
clients = st.builds(Client, hosts, options)
several = st.lists(clients, min_size=1, max_size=4, unique_by=lambda client: canonical_host(client.host)).map(tuple)
exports = st.lists(st.builds(Export, paths, several), max_size=4).map(tuple)


def meaning(client: Client) -> object:
    return canonical_host(client.host), client.means


@given(exports)
def test_what_is_written_is_read_back(wanted: tuple[Export, ...]) -> None:
    declared = parse_exports(render_exports(wanted))
    assert [export.path for export in declared] == [export.path for export in wanted]
    for found, export in zip(declared, wanted):
        assert list(map(meaning, found.clients)) == list(map(meaning, export.clients))
    assert render_exports(declared) == render_exports(wanted)


@given(paths)
def test_a_quoted_path_is_one_field_on_one_line(path: str) -> None:
    assert unquote_path(quote_path(path)) == path
    assert not set(quote_path(path)) & set(' \t\n"#')


@given(options)
def test_writing_options_keeps_their_meaning_and_is_final(words: tuple[str, ...]) -> None:
    assert effective(written(words)) == effective(words)
    assert written(written(words)) == written(words)


@given(exports)
def test_exports_are_the_same_in_any_order(wanted: tuple[Export, ...]) -> None:
    once = tuple({export.path: export for export in wanted}.values())
    turned = tuple(Export(export.path, export.clients[::-1]) for export in once[::-1])
    nowhere = ObservedNfsServer(False, False, False, None, {}, {}, {})
    assert same_exports(once, turned, nowhere)


#: (a file as people write it, path → clients)
FILES = [
    ("", {}),
    ("# nothing\n\n", {}),
    ("/srv 10.0.0.1(ro)\n", {"/srv": {"10.0.0.1"}}),
    ("/srv\t10.0.0.1(ro)\t10.0.0.2(rw)", {"/srv": {"10.0.0.1", "10.0.0.2"}}),
    ("/srv 10.0.0.1(ro) \\\n  10.0.0.2(rw)\n", {"/srv": {"10.0.0.1", "10.0.0.2"}}),
    ('"/srv/with space" pve1(ro)\n', {"/srv/with space": {"pve1"}}),
    ("/srv/with\\040space pve1(ro) # comment\n", {"/srv/with space": {"pve1"}}),
    ('"/srv/#1" pve1(ro)\n', {"/srv/#1": {"pve1"}}),
    ("/srv/\\303\\274 pve1(ro)\n", {"/srv/ü": {"pve1"}}),
    ("/srv (ro)\n", {"/srv": {"*"}}),
    ("/srv @nodes(ro) *.example.org fd00::/64(rw)\n", {"/srv": {"@nodes", "*.example.org", "fd00::/64"}}),
    ("/a x(ro)\n/b y(ro)\n", {"/a": {"x"}, "/b": {"y"}}),
    ("/srv\n", {"/srv": {"*"}}),
    ("/srv -ro\n", {"/srv": {"*"}}),
    ("/srv/a#b pve1(ro)\n", {"/srv/a#b": {"pve1"}}),
    ("/srv # \\\n/b x(ro)\n", {"/srv": {"*"}, "/b": {"x"}}),
    ('/srv/"c d"e pve1"(ro)"\n', {"/srv/c de": {"pve1"}}),
    ('"/srv/a" "pve1(ro)"\n', {"/srv/a": {"pve1"}}),
    ("/srv/a x(ro)\r\n/srv/b y(ro)\r\n", {"/srv/a": {"x"}, "/srv/b": {"y"}}),
    ("/srv/\\134141 x(ro)\n", {"/srv/a": {"x"}}),
    ("/srv/a x(ro)\f\fy(ro)\n", {"/srv/a": {"x"}, "y(ro)": {"*"}}),
    ("/srv x(ro,)\n", {"/srv": {"x"}}),
]


@pytest.mark.parametrize(("text", "expected"), FILES)
def test_files_of_people_are_understood(text: str, expected: dict[str, set[str]]) -> None:
    assert {found.path: {client.host for client in found.clients} for found in parse_exports(text)} == expected
    assert not parse_declared(text).problem


def test_options_before_the_clients_hold_for_all_of_them() -> None:
    (export,) = parse_exports("/srv -rw,no_root_squash 10.0.0.1 10.0.0.2(ro)\n")
    means = {client.host: client.means for client in export.clients}
    assert means["10.0.0.1"].any_flavour(access="rw") and means["10.0.0.2"].any_flavour(access="ro")
    assert all(found.any_flavour(root="no_root_squash") for found in means.values())


def test_options_before_a_client_are_added_to_those_before_them() -> None:
    (export,) = parse_exports("/srv -rw 10.0.0.1 -async 10.0.0.2(insecure)\n")
    first, second = (client.means for client in export.clients)
    assert first == effective(("rw",)) and second == effective(("rw", "async", "insecure"))


#: (a file, what exportfs exports of it, where it stops)
STOPS = [
    ("/a x(ro)\n/b y(rwx)\n/c z(ro)\n", ["/a"], "line 2: exportfs does not know the option 'rwx'"),
    ("/a x(ro\n/b y(ro)\n", [], "line 1: the options of 'x(ro' do not end with ')'"),
    ("/a x(ro)(rw)\n", [], "line 1"),
    ("/a x(ro, rw)\n", [], "line 1"),
    ("/a x(ro,,rw)\n", [], "line 1"),
    ("/a x(ro)#\n/b y(ro)\n", [], "line 1"),
    ("/a x(ro) y(fsid=08)\n", ["/a"], "line 1"),
    ("/a x(sec=kerberos)\n", [], "line 1"),
    ("/a x(squash_uids=0-15,20)\n", [], "line 1: exportfs does not know the option '20'"),
    ("/a x(anonuid=me)\n", [], "line 1"),
    ("/a x(ro)\n\n/b -rwx y(ro)\n", ["/a"], "line 3"),
    (f"/{'a' * 1100} x(ro)\n", [], "line 1: a word is too long"),
    (f"/a {'x' * 600}(ro)\n", [], "line 1: a word is too long"),
]


@pytest.mark.parametrize(("text", "exported", "problem"), STOPS)
def test_exportfs_reads_a_file_to_the_first_thing_that_it_does_not_understand(
    text: str, exported: list[str], problem: str
) -> None:
    found = parse_declared(text)
    assert [export.path for export in found.exports] == exported
    assert found.problem.startswith(problem)


def test_what_is_withdrawn_is_a_comment_for_exportfs() -> None:
    gone = (Withdrawn("/srv/a b", "10.0.0.1"), Withdrawn("/srv/c", "fd00::/64"))
    text = render_exports((Export("/srv/d", (Client("pve1"),)),), gone)
    assert parse_withdrawn(text) == gone
    assert [export.path for export in parse_exports(text)] == ["/srv/d"]


#: (options, other options that mean the same)
SAME = [
    (["sec=sys:krb5"], ["sec=sys", "sec=krb5"]),
    (["sec=unix"], ["rw", "ro"]),
    (["sec=krb5p", "rw", "sec=sys", "ro"], ["ro", "sec=krb5p", "rw", "sec=sys", "ro", "sync"]),
    (["rw", "sec=krb5:krb5i"], ["sec=krb5", "rw", "sec=krb5i"]),
    (["sec=krb5", "async", "sec=sys"], ["async", "sec=krb5:sys"]),
    (["fsid=0x10"], ["fsid=16"]),
    (["fsid=010"], ["fsid=8"]),
    (["fsid=4294967295"], ["fsid=-1"]),
    (["anonuid=0007"], ["anonuid=7"]),
    (["mountpoint="], ["mp"]),
    (["squash_uids=0-15,20"], ["squash_uids=0-15", "squash_uids=20"]),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_options_are_compared_by_what_they_decide(one: list[str], other: list[str]) -> None:
    assert effective(one) == effective(other)
    assert not unknown([*one, *other])
    assert effective(written(one)) == effective(one) and written(written(one)) == written(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["sec=krb5p", "rw", "sec=sys", "ro"], ["sec=krb5p:sys", "rw"]),
        (["sec=krb5:sys"], ["sec=sys:krb5"]),
        (["nordirplus"], []),
        (["sec=krb5"], []),
    ],
)
def test_options_that_decide_otherwise(one: list[str], other: list[str]) -> None:
    assert effective(one) != effective(other)


def test_options_set_for_a_line_name_flavours_that_a_clients_own_options_do_not_reach() -> None:
    (export,) = parse_exports("/srv -sec=krb5 10.0.0.1(rw)\n")  # as exportfs has it, strange as it is
    assert export.clients[0].means.flavours[0] == ("krb5", effective(["sec=krb5"]).flavours[0][1])
    assert export.clients[0].means.any_flavour(access="ro")


#: (options in the file, what exportfs of nfs-utils 2.6 made of them in its table)
SERVED = [
    (
        "rw,sync,no_subtree_check",
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "anonuid=65534,anongid=65534,sec=sys,rw,root_squash,no_all_squash",
    ),
    (
        "rw,async,all_squash,anonuid=1000,anongid=-2,no_subtree_check,insecure,nohide,crossmnt,no_wdelay,"
        "insecure_locks,no_acl,pnfs,fsid=root",
        "rw,async,no_wdelay,nohide,crossmnt,insecure,root_squash,all_squash,no_subtree_check,insecure_locks,no_acl,pnfs,"
        "fsid=0,anonuid=1000,anongid=-2,sec=sys,rw,root_squash,all_squash",
    ),
    (
        "rw,sync,no_root_squash,subtree_check,auth_nlm,sec=krb5p:krb5i,mp,security_label",
        "rw,sync,wdelay,hide,nocrossmnt,secure,no_root_squash,no_all_squash,subtree_check,secure_locks,acl,"
        "security_label,no_pnfs,mountpoint,anonuid=65534,anongid=65534,sec=krb5p:krb5i,rw,no_root_squash,no_all_squash",
    ),
    (
        "ro,no_subtree_check,fsid=12345678-1234-1234-1234-123456789abc,mountpoint=/tmp,no_auth_nlm",
        "ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,insecure_locks,acl,no_pnfs,"
        "fsid=12345678-1234-1234-1234-123456789abc,mountpoint=/tmp,anonuid=65534,anongid=65534,"
        "sec=sys,ro,root_squash,no_all_squash",
    ),
    (
        "sec=krb5p,rw,sec=sys,ro",
        "ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "anonuid=65534,anongid=65534,sec=krb5p,rw,root_squash,no_all_squash,sec=sys,ro,root_squash,no_all_squash",
    ),
    (
        "rw,squash_uids=0-15,squash_uids=20,nordirplus",
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,nordirplus,"
        "no_pnfs,squash_uids=0-15,20,anonuid=65534,anongid=65534,sec=sys,rw,root_squash,no_all_squash",
    ),
    (
        "rw,squash_gids=5,anonuid=7",  # exportfs loses the number, which nobody needs
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "squash_gids=anonuid=7,anongid=65534,sec=sys,rw,root_squash,no_all_squash",
    ),
    (
        "sec=krb5,insecure,sec=sys,secure,rw",
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "anonuid=65534,anongid=65534,sec=krb5,ro,root_squash,no_all_squash,sec=sys,rw,root_squash,no_all_squash",
    ),
    (
        "rw,no_subtree_check,refer=/x@1.2.3.4",
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "refer=/x@1.2.3.4,anonuid=65534,anongid=65534,sec=sys,rw,root_squash,no_all_squash",
    ),
]


@pytest.mark.parametrize(("declared", "table"), SERVED)
def test_the_table_of_exportfs_means_what_the_file_says(declared: str, table: str) -> None:
    assert same_meaning(effective(declared.split(",")), served_options(table))
    (client,) = parse_served(f"/srv/a\\040b\t10.0.0.0/24({table})\n")["/srv/a b"].values()
    assert client.means == served_options(table) and client.host == "10.0.0.0/24"
