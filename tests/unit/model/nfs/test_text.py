"""exports(5) files and the table of exportfs: written, read, and read back."""

from __future__ import annotations

import string

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs.server import same_exports
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import (
    contradictions,
    effective,
    same_meaning,
    served_options,
    written,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import Client, Export
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import (
    parse_exports,
    parse_served,
    quote_path,
    render_exports,
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
exports = st.lists(st.builds(Export, paths, st.lists(clients, min_size=1, max_size=4).map(tuple)), max_size=4).map(
    tuple
)


@given(exports)
def test_what_is_written_is_read_back(wanted: tuple[Export, ...]) -> None:
    declared = parse_exports(render_exports(wanted))
    assert [export.path for export in declared] == [export.path for export in wanted]
    for found, export in zip(declared, wanted):
        assert [client.meaning for client in found.clients] == [client.meaning for client in export.clients]
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
    assert same_exports(once, turned)


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
    ("/srv\n", {"/srv": set()}),
]


@pytest.mark.parametrize(("text", "expected"), FILES)
def test_files_of_people_are_understood(text: str, expected: dict[str, set[str]]) -> None:
    assert {found.path: {client.host for client in found.clients} for found in parse_exports(text)} == expected


def test_options_before_the_clients_hold_for_all_of_them() -> None:
    (export,) = parse_exports("/srv -rw,no_root_squash 10.0.0.1 10.0.0.2(ro)\n")
    means = {client.host: effective(client.options) for client in export.clients}
    assert (means["10.0.0.1"]["access"], means["10.0.0.2"]["access"]) == ("rw", "ro")
    assert {found["root"] for found in means.values()} == {"no_root_squash"}


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
        "rw,no_subtree_check,refer=/x@1.2.3.4",
        "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
        "refer=/x@1.2.3.4,anonuid=65534,anongid=65534,sec=sys,rw,root_squash,no_all_squash",
    ),
]


@pytest.mark.parametrize(("declared", "table"), SERVED)
def test_the_table_of_exportfs_means_what_the_file_says(declared: str, table: str) -> None:
    assert same_meaning(effective(declared.split(",")), served_options(table))
    assert parse_served(f"/srv/a\\040b\t10.0.0.0/24({table})\n") == {"/srv/a b": {"10.0.0.0/24": served_options(table)}}
