"""A release is made of a commit, after its changelog has been read, and of the same bytes twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import release

from .repository import committed, git

pytestmark = pytest.mark.slow

CHANGES = "ancestor: null\nreleases:\n  0.1.0: {}\n"
FILES = {
    "README.md": "# virt\n",
    "galaxy.yml": "{namespace: baremetal, name: virt, version: 0.1.0, readme: README.md,"
    " authors: [a], build_ignore: [x]}",
    "changelogs/changelog.yaml": CHANGES,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return committed(tmp_path / "tree", FILES)


@pytest.mark.parametrize("name", ["README.md", "plugins/new.py"])
def test_what_is_not_committed_is_refused_by_name(
    tree: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("changed")
    assert release.main(tree, tmp_path / "out", tmp_path) == 1
    assert capsys.readouterr().err == f"A release is made from a commit, but these are in none: {name}.\n"
    assert not (tmp_path / "out").exists()


def test_a_version_without_changelog_gets_one_and_no_archive(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "changelogs/changelog.yaml").write_text("ancestor: null\nreleases: {}\n")
    git(tree, "commit", "--quiet", "--all", "--message", "none yet")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "antsibull-changelog").write_text("#!/bin/sh\necho $1 > asked\n")
    (programs / "antsibull-changelog").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    assert release.main(tree, tmp_path / "out", tmp_path) == 1
    assert (tree / "asked").read_text() == "release\n"
    assert capsys.readouterr().err == "The changelog of 0.1.0 is written. Read it, commit it, and run this again.\n"
    assert not (tmp_path / "out").exists()


def test_a_change_that_came_after_the_changelog_wants_another_version(tree: Path) -> None:
    (tree / "changelogs/fragments").mkdir()
    (tree / "changelogs/fragments/9-late.yml").write_text("bugfixes: [late]\n")
    with pytest.raises(SystemExit, match=r"0\.1\.0 is in the changelog already, but not 9-late\.yml"):
        release.in_changelog(tree)


def test_the_archive_is_made_of_the_commit_twice_and_examined(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programs = tmp_path / "importer"
    programs.mkdir()
    (programs / "python").write_text("#!/bin/sh\necho 'ERROR: it is of no use'\n")
    (programs / "python").chmod(0o755)
    assert release.main(tree, tmp_path / "out", programs) == 1
    told = capsys.readouterr()
    assert "galaxy-importer: ERROR: it is of no use" in told.err and "twice the same" in told.out
    assert (tmp_path / "out" / "baremetal-virt-0.1.0.tar.gz").is_file()
    assert (tmp_path / "out" / "importer.log").read_text() == "ERROR: it is of no use\n"


def test_two_builds_that_differ_are_no_release(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(root: Path, folder: Path) -> Path:
        folder.mkdir(parents=True)
        (folder / "a.tar.gz").write_text(str(root))
        return folder / "a.tar.gz"

    monkeypatch.setattr(release.archive, "build", build)
    with pytest.raises(SystemExit, match="Two builds of this commit differ"):
        release.built_twice(tree, tmp_path / "out")
    assert not (tmp_path / "out").exists()
