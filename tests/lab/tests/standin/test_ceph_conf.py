"""ceph.conf: layout and changes, against files written by the real tools."""

from __future__ import annotations

import pytest
from pve_standin.ceph import conf, install
from pve_standin.ceph.local import parse_version
from pve_standin.ceph.services import unit_of_service
from pve_standin.core import release
from pve_standin.core.errors import ApiError

from .support import text


@pytest.mark.parametrize("name", ["ceph.conf.after-init", "ceph.conf.after-first-mon", "ceph.conf.2mons-mds"])
def test_a_file_is_written_back_as_it_was(name: str) -> None:
    assert conf.dump(conf.parse(text(name))) == text(name)


def test_adding_a_monitor_and_a_metadata_server() -> None:
    """From the file after the first monitor to the one with two monitors and an MDS."""
    current = conf.parse(text("ceph.conf.after-first-mon"))
    current.mon_hosts = [*current.mon_hosts, "192.168.29.12"]
    current.section("mon.pve2")["public_addr"] = "192.168.29.12"
    current.section("mds")["keyring"] = "/var/lib/ceph/mds/ceph-$id/keyring"
    current.section("mds.pve1")["host"] = "pve1"
    assert conf.dump(current) == text("ceph.conf.2mons-mds")
    assert sorted(current.daemons("mon")) == ["pve1", "pve2"]


def test_spellings_of_a_key_are_one() -> None:
    assert conf.parse("[global]\nmon host = 192.0.2.1, 192.0.2.2\n").mon_hosts == ["192.0.2.1", "192.0.2.2"]
    assert conf.parse("[global]\n  public-network=192.0.2.0/24 # why\n").globals == {"public_network": "192.0.2.0/24"}


@pytest.mark.parametrize(
    ("service", "unit"),
    [
        ("ceph.target", "ceph.target"),
        ("ceph", "ceph.target"),
        ("osd.2", "ceph-osd@2.service"),
        ("mon.pve1", "ceph-mon@pve1.service"),
        ("mds", "ceph-mds.target"),
        ("mgr.target", "ceph-mgr.target"),
    ],
)
def test_services(service: str, unit: str) -> None:
    assert unit_of_service(service) == unit


def test_an_unknown_service() -> None:
    with pytest.raises(ApiError):
        unit_of_service("foo.1")


def test_version_of_the_program() -> None:
    line = "ceph version 18.2.7 (6b0e988052ec84cf2d4a54ff9bbbc5e720b621ad) reef (stable)"
    assert parse_version(line) == {
        "buildcommit": "6b0e988052ec84cf2d4a54ff9bbbc5e720b621ad",
        "version": {"str": "18.2.7", "parts": ["18", "2", "7"]},
    }


@pytest.mark.parametrize(
    ("repository", "uri"),
    [
        ("enterprise", "https://enterprise.proxmox.com/debian/ceph-squid"),
        ("no-subscription", "http://download.proxmox.com/debian/ceph-squid"),
        ("test", "http://download.proxmox.com/debian/ceph-squid"),
    ],
)
def test_repository_file(repository: str, uri: str) -> None:
    lines = install.sources_text("squid", repository, release.of("trixie")).splitlines()
    assert lines == [
        "Types: deb",
        f"URIs: {uri}",
        "Suites: trixie",
        f"Components: {repository}",
        "Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg",
    ]
