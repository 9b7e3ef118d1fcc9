"""From the table exportfs keeps to the configuration of NFS-Ganesha."""

from __future__ import annotations

from nfs_server import ganesha

OPTIONS = (
    "sync,wdelay,hide,nocrossmnt,{secure},{squash},no_all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
    "anonuid=65534,anongid=65534,sec=sys,{access},{squash},no_all_squash"
)


def client(who: str, access: str = "rw", squash: str = "root_squash", secure: str = "secure") -> str:
    options = OPTIONS.format(access=access, squash=squash, secure=secure)
    return f"{who}({access},{options})"


def test_access_and_squash_of_every_client() -> None:
    etab = f"/srv/a\t{client('10.10.1.0/24', squash='no_root_squash')}\n/srv/a\t{client('10.10.2.0/24', access='ro')}\n"
    first, second = ganesha.parse_etab(etab)["/srv/a"]
    assert (first.who, first.writable, first.squash) == ("10.10.1.0/24", True, "No_Root_Squash")
    assert (second.who, second.writable, second.squash) == ("10.10.2.0/24", False, "Root_Squash")


def test_insecure_lifts_the_demand_for_a_privileged_port() -> None:
    assert ganesha.parse_client(client("*")).privileged_port
    assert not ganesha.parse_client(client("*", secure="insecure")).privileged_port


def test_spaces_in_paths_are_read_and_written() -> None:
    exports = ganesha.parse_etab(f"/srv/two\\040words\t{client('*')}\n")
    assert 'Path = "/srv/two words";' in ganesha.render(exports)


def test_the_more_specific_client_comes_first() -> None:
    etab = "".join(f"/srv/a\t{client(who)}\n" for who in ("*", "10.0.0.0/8", "*.lab.test", "10.1.1.1", "pve1"))
    text = ganesha.render(ganesha.parse_etab(etab))
    listed = [line.split("= ")[1].rstrip(";") for line in text.splitlines() if "Clients" in line]
    assert listed == ["10.1.1.1", "pve1", "*.lab.test", "10.0.0.0/8", "*"]


def test_an_export_keeps_its_number_when_others_come_and_go() -> None:
    alone = ganesha.export_ids(["/srv/b"])["/srv/b"]
    assert ganesha.export_ids(["/srv/a", "/srv/b", "/srv/c"])["/srv/b"] == alone


def test_numbers_are_never_shared() -> None:
    paths = [f"/srv/{number}" for number in range(2000)]
    assert len(set(ganesha.export_ids(paths).values())) == len(paths)


def test_no_exports_make_a_configuration_without_exports() -> None:
    assert "EXPORT {" not in ganesha.render(ganesha.parse_etab(""))
