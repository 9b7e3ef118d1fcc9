"""Node: files byte for byte, and how old they are."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.printable import printable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import command
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23, 0), (25, 1), (24 * 40 + 1, 40), (-5, 0)])
def test_age_is_told_in_whole_days(tmp_path: Path, hours: int, days: int) -> None:
    written = time.time() - hours * 3600
    os.utime(tmp_path, (written, written))
    assert Node().age(str(tmp_path)) == days


def test_what_is_not_there_has_no_age(tmp_path: Path) -> None:
    assert Node().age(str(tmp_path / "missing")) is None


def test_a_file_is_read_and_written_byte_for_byte(tmp_path: Path) -> None:
    """Line ends of other systems and letters of other encodings: what is written again is what was there."""
    content = b"# Gr\xfc\xdfe\r\ndeb http://a x main\rmore\n\xc2\x85\n"
    (tmp_path / "before").write_bytes(content)
    text = Node().read(str(tmp_path / "before"))
    assert text is not None and text.count("\n") == 3
    perform(Step("copy it", WriteFile(str(tmp_path / "after"), text), "file.write:after", "file"), Node())
    assert (tmp_path / "after").read_bytes() == content


def test_what_is_no_text_is_shown_nevertheless() -> None:
    found = printable({"plan": ["add deb http://a m\udce4in"], "n\udcff": ("x", 1, None)})
    assert found == {"plan": ["add deb http://a m?in"], "n?": ["x", 1, None]}
    json.dumps(found, ensure_ascii=False).encode()


def test_many_questions_are_asked_side_by_side_and_answered_in_their_order(tmp_path: Path) -> None:
    """Each waits for a file that the next one makes: one after the other none of them would end."""
    wait = "touch {0}/{1}; until [ -e {0}/{2} ]; do sleep 0.02; done; echo {1}"
    asked = [command("timeout", "10", "sh", "-c", wait.format(tmp_path, *pair)) for pair in (("a", "b"), ("b", "a"))]
    assert [answer[:2] for answer in Node().look_many(asked)] == [[0, "a\n"], [0, "b\n"]]
