"""The archive: what git knows, the same bytes from anywhere, and nothing but what users need."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import archive
import pytest

from .repository import committed, git

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
GALAXY = """
namespace: baremetal
name: virt
version: 0.1.0
readme: README.md
authors: [somebody]
build_ignore: [".*", tests]
"""
FILES = {
    "README.md": "# virt\n",
    "galaxy.yml": GALAXY,
    "plugins/z.py": "",
    "plugins/a.py": "",
    "tests/x.py": "",
    ".ci/run": "",
    ".gitignore": "*.log\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return committed(tmp_path / "tree", FILES)


def names(built: Path) -> list[str]:
    with tarfile.open(built) as tar:
        return tar.getnames()


def test_a_clone_with_other_times_and_another_umask_gives_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    one = archive.build(tree, tmp_path / "one")
    before = os.umask(0o077)
    try:
        git(tmp_path, "clone", "--quiet", str(tree), "again")
        for path in (tmp_path / "again").rglob("*"):
            if ".git" not in path.parts:
                os.utime(path, (1, 1))
        two = archive.build(tmp_path / "again", tmp_path / "two")
    finally:
        os.umask(before)
    assert one.read_bytes() == two.read_bytes()


def test_it_holds_what_git_knows_and_the_build_does_not_leave_out(tree: Path, tmp_path: Path) -> None:
    (tree / "night.log").write_text("")
    built = archive.build(tree, tmp_path)
    assert names(built) == ["MANIFEST.json", "FILES.json", "README.md", "plugins", "plugins/a.py", "plugins/z.py"]


def test_the_list_in_it_is_the_one_that_its_manifest_names(tree: Path, tmp_path: Path) -> None:
    members = archive._members(archive.build(tree, tmp_path))
    assert [entry["name"] for entry in json.loads(members["FILES.json"] or b"")["files"]] == [
        ".",
        "README.md",
        "plugins",
        "plugins/a.py",
        "plugins/z.py",
    ]
    assert archive._canonical(members) == members


def test_a_file_that_ansible_leaves_out_by_itself_ends_the_build(tree: Path, tmp_path: Path) -> None:
    (tree / "plugins" / "old.retry").write_text("")
    with pytest.raises(SystemExit, match=r"plugins/old\.retry"):
        archive.build(tree, tmp_path)


def test_this_collection_ships_what_its_users_need_and_nothing_of_its_workshop() -> None:
    shipped = archive.shipped(ROOT)
    tops = {path.partition("/")[0] for path in shipped}
    assert {"playbooks", "roles", "plugins", "meta", "docs", "inventories", "README.md", "requirements.txt"} <= tops
    assert not tops & {"tests", "molecule", "Makefile", "ansible.cfg", "pyproject.toml"}
    assert not [path for path in shipped if path.startswith((".", "inventories/lab"))]
