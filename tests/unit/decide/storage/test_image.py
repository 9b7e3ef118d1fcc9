"""storage_image: downloaded once, by one node, and found intact by every node; nothing is ever replaced."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import (
    Plan,
    Run,
    Step,
    Wait,
    WriteFile,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import NODE, Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.state import OLD_STATE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import PATH
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.image import OLD_RECORDS, RECORDS, STAT
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.image import observe
from ansible_collections.baremetal.virt.plugins.modules.storage_image import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill

SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
NODES = ["pve1", "pve2", "pve3"]
ISO = {"url": "http://192.0.2.9/pub/debian.iso", "checksum": f"sha256:{SUM}", "storage": "share"}
SHARE = "nfs: share\n\tpath /mnt/pve/share\n\tserver 10.10.2.11\n\texport /srv/share\n\tcontent iso,vztmpl\n"
FILE = "/mnt/pve/share/template/iso/debian.iso"
DOWNLOAD = "image.download:share:iso/debian.iso"
READ = "image.check:share:iso/debian.iso"
WAIT = "image.wait:share:iso/debian.iso"


def params(*images: dict[str, Any], **others: Any) -> dict[str, Any]:
    given = {"images": list(images), "nodes": NODES, **others}
    result = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate(given)
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


class Member(FakeNode):
    """A node; ``content`` is the storage that it shares with others: path → (size, time)."""

    def __init__(self, name: str, content: dict[str, tuple[int, int]], config: str = SHARE) -> None:
        super().__init__(files={"/proc/sys/kernel/hostname": f"{name}\n", PATH: config})
        self.content = content

    def act(self, step: Step) -> None:
        if isinstance(step.action, Run) and step.action.argv[0] in ("cp", "rm"):
            self._tidy(step.action.argv)
        elif isinstance(step.action, Run):
            self.content[FILE] = (5, 1000)
        else:
            super().act(step)

    def _tidy(self, argv: tuple[str, ...]) -> None:
        """``cp OLD NEW`` and ``rm --recursive OLD``, as those programs do it."""
        for path in [path for path in self.files if path.startswith(OLD_STATE)]:
            if argv[0] == "cp":
                self.files.setdefault(path.replace(argv[-2], argv[-1]), self.files[path])
            else:
                del self.files[path]

    def _run(self, argument: tuple[str, ...]) -> list[Any]:
        assert argument[: len(STAT)] == STAT
        found = {path: self.content[path] for path in argument[len(STAT) :] if path in self.content}
        return [0, "".join(f"{size} {time} {path}\n" for path, (size, time) in found.items()), ""]


def carry_out(step: Step, node: Any) -> str:
    node.act(step)
    return ""


def ids(result: dict[str, Any]) -> list[str]:
    return [step["id"] for step in result["steps"]]


def plan_of(node: FakeNode, *images: dict[str, Any], **others: Any) -> Plan:
    return make_plan(SUBJECT, params(*(images or (ISO,)), **others), node)


def planned(node: FakeNode, *images: dict[str, Any]) -> list[str]:
    return [step.id for step in plan_of(node, *images).steps]


def run(node: Member, **others: Any) -> list[str]:
    """As a run does it: the steps, and what is mended while they are proved."""
    done = []
    for _look in range(3):
        steps = plan_of(node, **others).steps
        for step in steps:
            node.act(step)
            done.append(step.id)
    assert not plan_of(node, **others).steps
    return done


def test_the_first_node_downloads_and_every_node_reads_once() -> None:
    content: dict[str, tuple[int, int]] = {}
    first, second, third = (Member(name, content) for name in NODES)
    assert planned(second) == planned(third) == []
    assert run(first) == [DOWNLOAD, READ]
    assert run(second, download=False) == run(third, download=False) == [READ]
    assert [planned(node) for node in (first, second, third)] == [[], [], []]


def test_what_is_not_seen_is_waited_for() -> None:
    plan = plan_of(Member("pve2", {}), download=False)
    assert plan.sentences == [
        "wait until this node finds share:iso/debian.iso",
        f"read {FILE} on this node and compare its checksum (only if needed)",
    ]
    assert [step["id"] for step in plan.told] == [WAIT, READ]


def test_proxmox_ve_is_told_everything() -> None:
    (step,) = plan_of(Member("pve1", {}), {**ISO, "filename": "d13.iso", "verify_certificates": False}).steps
    assert isinstance(step.action, Run)
    assert " ".join(step.action.argv) == (
        "pvesh create /nodes/pve1/storage/share/download-url --content iso --filename d13.iso"
        f" --url {ISO['url']} --checksum {SUM} --checksum-algorithm sha256 --verify-certificates 0"
    )


def test_the_record_is_written_only_if_the_checksum_is_right() -> None:
    (step,) = plan_of(Member("pve1", {FILE: (5, 1000)})).steps
    assert isinstance(step.action, WriteFile)
    assert step.action.validate == ("sha256sum", "--check", "--status", "%s")
    assert step.action.content == f"# 5 1000\n{SUM}  {FILE}\n"
    assert "pvesm free share:iso/debian.iso" in step.hint


def test_what_is_downloaded_or_waited_for_is_read_when_it_is_there_and_the_plan_says_so() -> None:
    content: dict[str, tuple[int, int]] = {}
    first, second = Member("pve1", content), Member("pve2", content)
    announced = converge(SUBJECT, params(ISO), first, check=True, act=carry_out)["steps"]
    assert [(step["id"], step["possible"]) for step in announced] == [(DOWNLOAD, False), (READ, True)]
    assert ids(converge(SUBJECT, params(ISO), first, check=False, act=carry_out)) == [DOWNLOAD, READ]
    assert ids(converge(SUBJECT, params(ISO, download=False), second, check=False, act=carry_out)) == [READ]


def test_what_is_waited_for_is_the_file_itself() -> None:
    (step,) = plan_of(Member("pve2", {}), download=False).steps
    assert isinstance(step.action, Wait)
    (there,) = step.action.until
    assert not there.holds(Member("pve2", {f"{FILE}.part": (5, 1)}))
    assert there.holds(Member("pve2", {FILE: (5, 1)}))
    (step,) = plan_of(Member("pve2", {}, config=""), download=False).steps
    assert isinstance(step.action, Wait) and step.action.until == (there,)


@pytest.mark.parametrize("changed", [(6, 1000), (5, 1001)])
def test_a_file_that_changed_is_read_again(changed: tuple[int, int]) -> None:
    node = Member("pve1", {})
    run(node)
    node.content[FILE] = changed
    assert planned(node) == [READ]


def test_another_checksum_is_compared_anew() -> None:
    node = Member("pve1", {})
    run(node)
    assert planned(node, {**ISO, "checksum": f"sha256:{'0' * 64}"}) == [READ]


def test_one_reading_without_wishes_answers_everything_a_converged_run_asks() -> None:
    node = Member("pve1", {})
    run(node)
    recorder = Recorder(node, (NODE,))
    observe(recorder)
    assert not plan_of(Replay(recorder.recording)).steps  # type: ignore[arg-type]


def test_nothing_is_asked_of_storages_when_there_are_no_images() -> None:
    assert observe(Member("pve1", {FILE: (5, 1000)})).found == {}


#: (storage.cfg, node → does it download?)
DOWNLOADERS = [
    (SHARE, {"pve1": True, "pve2": False, "pve3": False}),
    (f"{SHARE}\tnodes pve3,pve2\n", {"pve1": False, "pve2": True, "pve3": False}),
    ("dir: share\n\tpath /srv/x\n\tcontent iso\n", {"pve1": True, "pve2": True, "pve3": True}),
    ("dir: share\n\tpath /srv/x\n\tcontent iso\n\tshared 1\n", {"pve1": True, "pve2": False, "pve3": False}),
    (f"{SHARE}\tdisable\n", {"pve1": False, "pve2": False, "pve3": False}),
    ("", {"pve1": True, "pve2": False, "pve3": False}),
]


@pytest.mark.parametrize(("config", "expected"), DOWNLOADERS)
def test_who_downloads(config: str, expected: dict[str, bool]) -> None:
    assert {name: bool(plan_of(Member(name, {}, config)).steps) for name in NODES} == expected


@pytest.mark.parametrize(
    ("config", "content", "path"),
    [
        ("dir: share\n\tpath /srv/x/\n", "iso", "/srv/x/template/iso/a.iso"),
        ("dir: share\n\tpath /srv/x\n", "vztmpl", "/srv/x/template/cache/a.tar.zst"),
        ("dir: share\n\tpath /srv/x\n", "import", "/srv/x/import/a.qcow2"),
        ("dir: share\n\tpath /srv/x\n\tcontent-dirs iso=isos\n", "iso", "/srv/x/isos/a.iso"),
    ],
)
def test_where_an_image_lies(config: str, content: str, path: str) -> None:
    node = Member("pve1", {path: (1, 1)}, config)
    image = {**ISO, "content": content, "filename": path.rsplit("/", 1)[1]}
    assert plan_of(node, image).sentences == [f"read {path} on this node and compare its checksum"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("rbd: share\n\tpool vms\n\tcontent images\n", "the type rbd holds no files"),
        ("dir: share\n\tpath /srv/x\n\tcontent backup\n", "not for the content iso"),
    ],
)
def test_a_storage_that_cannot_hold_it_is_refused(config: str, words: str) -> None:
    assert words in plan_of(Member("pve1", {}, config)).refusals[0].reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "ftp://192.0.2.9/debian.iso"}, "is not an http or https URL"),
        ({"url": "http://me:secret@192.0.2.9/debian.iso"}, "holds a password"),
        ({"url": "http://192.0.2.9/download?id=7"}, "is not a file name"),
        ({"filename": "debian.qcow2"}, "ends in .img or .iso"),
        ({"filename": "../debian.iso"}, "is not a file name"),
        ({"checksum": SUM}, "sha256:DIGITS"),
        ({"checksum": "md5:d41d8cd98f00b204e9800998ecf8427e"}, "sha256:DIGITS"),
        ({"checksum": f"sha512:{SUM}"}, "sha256:DIGITS"),
    ],
)
def test_what_cannot_be_downloaded_is_invalid(change: dict[str, Optional[str]], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        plan_of(Member("pve1", {}), {**ISO, **change})
    assert words in str(caught.value.as_result())
    assert "secret" not in str(caught.value.as_result())


def test_one_name_is_listed_once() -> None:
    with pytest.raises(Invalid, match="listed twice"):
        plan_of(Member("pve1", {}), ISO, {**ISO, "checksum": f"sha256:{'0' * 64}"})


def test_records_of_others_are_left_alone() -> None:
    node = Member("pve1", {})
    node.files[f"{RECORDS}/other"] = "not a record"
    assert run(node) == [DOWNLOAD, READ]


def of_before() -> Member:
    """A node that has found the image intact, and noted it where such notes were kept before."""
    node = Member("pve1", {})
    run(node)
    for path in [path for path in node.files if path.startswith(RECORDS)]:
        node.files[path.replace(RECORDS, OLD_RECORDS)] = node.files.pop(path)
    return node


def test_records_of_before_are_moved_and_no_image_is_read_again() -> None:
    node = of_before()
    assert [step.id for step in plan_of(node).steps] == [
        "directory.make:/var/lib/baremetal.virt/images",
        f"file.copy:{OLD_RECORDS}",
        f"directory.remove:{OLD_STATE}",
    ]
    assert_converges_from_every_kill(SUBJECT, params(ISO), of_before)
