"""The test double fulfils what a plan waits for, or says what never comes. Else a test of a wait would show nothing."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.condition import Condition
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question

from ...doubles.support import FakeNode

READY = Condition(Question("read", ("/ready",)), (), "is", True, "the thing to be ready")
BROKEN = Condition(Question("read", ("/broken",)), (), "is", True, "the thing to be broken")
START = Step("start it", Run(("start",)), "thing.start", "service")
WAIT = Step("wait until it is ready", Wait((READY,), lost=(BROKEN,)), "thing.wait", "service")


def node(*files: str) -> FakeNode:
    return FakeNode(effects={("start",): lambda at: at.files.update(dict.fromkeys(files, "true"))})


def test_what_a_step_has_done_fulfils_it() -> None:
    at = node("/ready")
    at.act(START)
    at.act(WAIT)
    assert at.performed == [START, WAIT]


def test_what_no_step_has_done_is_named() -> None:
    at = node()
    at.act(START)
    with pytest.raises(AssertionError, match="never fulfil .*the thing to be ready"):
        at.act(WAIT)


def test_what_shows_that_it_is_lost_is_named() -> None:
    at = node("/ready", "/broken")
    at.act(START)
    with pytest.raises(AssertionError, match="never come: .*the thing to be broken"):
        at.act(WAIT)
