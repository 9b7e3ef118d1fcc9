# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a subject sees and changes that is carried out on the controller: the API, and files of the controller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from ...engine.plan import Step
from ...engine.reader import Question, Reader
from ..node import Node
from .api import Api
from .perform import perform


class Controller(Reader):
    """``api``: None where nobody serves it yet; then every question to it is answered by None."""

    def __init__(self, api: Optional[Api]) -> None:
        self.api = api
        self._here = Node()

    def look(self, question: Question) -> Any:
        if question.kind != "api":
            return self._here.look(question)
        return None if self.api is None else self.api.look(question)

    def look_many(self, questions: Sequence[Question]) -> list[Any]:
        if self.api is not None and all(question.kind == "api" for question in questions):
            return self.api.look_many(questions)
        return [self.look(question) for question in questions]

    def act(self, step: Step) -> str:
        if self.api is None:
            raise TypeError(f"{step.why}: nobody serves the API")
        return perform(step, self.api)
