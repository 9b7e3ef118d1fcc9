"""What steps took, from one run to the next."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.baremetal.virt.plugins.plugin_utils import step_durations
from ansible_collections.baremetal.virt.plugins.plugin_utils.step_durations import StepDurations


def test_kinds_are_kept_and_no_names(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "step-durations"
    StepDurations(path).add([{"id": "osd.create:/dev/sdb", "seconds": 12.5}, {"id": "package.update", "seconds": 3.0}])
    StepDurations(path).add([{"id": "osd.create:/dev/sdc"}])
    assert path.read_text() == "osd.create 12.5\npackage.update 3.0\n"
    assert StepDurations(path).measured() == [("osd.create", 12.5), ("package.update", 3.0)]
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_without_earlier_runs_nothing_is_measured(tmp_path: Path) -> None:
    assert StepDurations(tmp_path / "none").measured() == []


def test_lines_that_somebody_broke_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "step-durations"
    path.write_bytes(b"osd.create 1.5\nosd.create\n\xff\xfe 3\nosd.create nan\nosd.create 2\n")
    assert [pair for pair in StepDurations(path).measured() if pair[0] == "osd.create"] == [
        ("osd.create", 1.5),
        ("osd.create", 2.0),
    ]


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "step-durations"
    path.write_text("old 1\n" * 10 + "new 1\n" * 2 * step_durations.KEPT)
    StepDurations(path).add([{"id": "newest.one:a", "seconds": 2.0}])
    assert len(StepDurations(path).measured()) == step_durations.KEPT
    assert StepDurations(path).measured()[-1] == ("newest.one", 2.0)
    assert "old" not in path.read_text()


def test_a_cache_that_cannot_be_written_fails_no_task(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    StepDurations(tmp_path / "file" / "step-durations").add([{"id": "osd.create:/dev/sdb", "seconds": 1.0}])
