"""Debian's control format, the renumbering of Ceph's packages, the recipes."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from labtool import aptrepo, ceph_packages, debian_control, packages
from labtool.settings import LabError

STANZA = """Package: ceph-mon
Source: ceph (18.2.7+ds-1)
Version: 18.2.7+ds-1+b2
Architecture: amd64
Depends: ceph-base (= 18.2.7+ds-1+b2), python3-ceph-common (>= 18.2.7+ds-1),
 librados2 (<< 18.2.7+ds-1.1~), libc6 (>= 2.38), libfoo (= 18.2.7+ds-10)
Description: monitor server
 Cluster monitor.
"""


def test_control_text_survives_parsing() -> None:
    fields = debian_control.parse_stanza(STANZA)
    assert fields["Description"] == "monitor server\n Cluster monitor."
    assert debian_control.render(fields) == STANZA


def test_siblings_follow_the_new_version_and_others_keep_theirs() -> None:
    result = ceph_packages.renumbered(debian_control.parse_stanza(STANZA), "19.2.3-pve1")
    assert result["Version"] == "19.2.3-pve1"
    assert result["Depends"] == (
        "ceph-base (= 19.2.3-pve1), python3-ceph-common (>= 19.2.3-pve1),\n"
        " librados2 (<< 19.2.3-pve1.1~), libc6 (>= 2.38), libfoo (= 18.2.7+ds-10)"
    )
    assert "18.2.7+ds-1+b2" in result["Description"]


def test_closure_follows_siblings_and_nothing_else() -> None:
    index = [
        {"Package": "ceph", "Depends": "ceph-mon (= 1) | ceph-mon-other, libc6"},
        {"Package": "ceph-mon", "Pre-Depends": "ceph-base:amd64"},
        {"Package": "ceph-base"},
        {"Package": "ceph-test", "Depends": "ceph"},
    ]
    names = [package["Package"] for package in ceph_packages.closure(index, ("ceph", "ceph-fuse"))]
    assert names == ["ceph", "ceph-base", "ceph-mon"]


class NoSources:
    pve = 9
    codename = "trixie"
    keyring = b"the key"

    def debian_file(self, package: str, path: str) -> bytes:
        return f"{package}:{path}".encode()


@pytest.fixture
def lab_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packages, "LAB_SOURCE", tmp_path)
    monkeypatch.setattr(packages, "CACHE", tmp_path / "cache")
    return tmp_path


def recipe(lab_source: Path, **files: str) -> Path:
    folder = lab_source / "packages" / "thing"
    control = "Version: 1.0\nArchitecture: all\nMaintainer: lab <lab@lab.test>\nDescription: a thing (lab stand-in)\n"
    for name, text in {"control": control, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def listing(deb: Path) -> dict[str, str]:
    """Path -> mode of a package's files."""
    lines = subprocess.run(["dpkg-deb", "--contents", str(deb)], capture_output=True, text=True, check=True).stdout
    return {line.split()[5]: line.split()[0] for line in lines.splitlines() if not line.startswith("d")}


def test_a_recipe_becomes_a_package(lab_source: Path) -> None:
    (lab_source / "standin").mkdir()
    (lab_source / "standin" / "tool.py").write_text("print()\n")
    manifest = "standin /usr/share/thing 0644\n@keyring /etc/key.gpg 0600\n@debian/other/usr/sbin/x /usr/sbin/x 0755\n"
    built = packages.build(recipe(lab_source, manifest=manifest, **{"files/etc/thing.conf": "x"}), NoSources())
    assert built.repository == "proxmox"
    assert debian_control.read_control(built.deb)["Version"] == "1.0+standin1"
    assert listing(built.deb) == {
        "./etc/key.gpg": "-rw-------",
        "./etc/thing.conf": "-rw-r--r--",
        "./usr/sbin/x": "-rwxr-xr-x",
        "./usr/share/thing/tool.py": "-rw-r--r--",
    }


def test_an_unchanged_recipe_is_not_built_again_and_a_changed_one_is(lab_source: Path) -> None:
    first = packages.build(recipe(lab_source, postinst="#!/bin/sh\n"), NoSources()).deb
    assert packages.build(recipe(lab_source, postinst="#!/bin/sh\n"), NoSources()).deb == first
    assert packages.build(recipe(lab_source, postinst="#!/bin/sh\nset -e\n"), NoSources()).deb != first


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"manifest": "standin/absent /usr/x 0644\n"}, "not there"),
        ({"manifest": "two words\n"}, "SRC DEST MODE"),
        ({"control": "Version: 1\nArchitecture: all\nMaintainer: m\nDescription: a thing\n"}, "must end in"),
        ({"control": "Version: 1\n"}, "lacks Architecture"),
    ],
)
def test_a_wrong_recipe_is_named(lab_source: Path, files: dict[str, str], complaint: str) -> None:
    with pytest.raises(LabError, match=complaint) as raised:
        packages.build(recipe(lab_source, **files), NoSources())
    assert "thing" in str(raised.value)


def test_rewriting_changes_control_and_leaves_the_data_member_alone(lab_source: Path) -> None:
    original = packages.build(recipe(lab_source, **{"files/etc/thing.conf": "x"}), NoSources()).deb
    target = lab_source / "rewritten.deb"
    debian_control.rewrite(original, target, {**debian_control.read_control(original), "Version": "2"})
    assert debian_control.read_control(target)["Version"] == "2"
    assert data_member(target) == data_member(original)


def data_member(deb: Path) -> bytes:
    content = deb.read_bytes()
    member = next(one for one in debian_control.members(io.BytesIO(content)) if one.name.startswith("data.tar"))
    return content[member.offset : member.offset + member.size]


def test_release_file_names_every_index_with_its_hash() -> None:
    identity = aptrepo.Identity("Proxmox", "label", "stable", "trixie")
    text = aptrepo.release_text(identity, ["main"], {"main/binary-amd64/Packages": b""})
    assert "Codename: trixie\n" in text
    assert "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/binary-amd64/Packages\n" in text


def test_what_differs_between_releases_has_the_release_in_its_name(lab_source: Path) -> None:
    control = "Version: 9.1\nVersion-8: 8.4\nLab-Releases: 8 9\nArchitecture: all\nMaintainer: lab <lab@lab.test>\n"
    folder = recipe(
        lab_source,
        control=control + "Description: a thing (lab stand-in)\n",
        **{"files/usr/both": "", "files-8/etc/old.list": "", "files-9/etc/new.sources": ""},
    )
    assert packages.recipes(7, folder.parent) == []
    assert packages.recipes(8, folder.parent) == [folder]
    assert packages.control_fields(folder, 8)["Version"] == "8.4+standin1"
    assert packages.control_fields(folder, 9)["Version"] == "9.1+standin1"
    assert [entry.target for entry in packages.contents(folder, 8)] == ["usr/both", "etc/old.list"]
    assert not any("-8" in name or name.startswith("Lab-") for name in packages.control_fields(folder, 9))
