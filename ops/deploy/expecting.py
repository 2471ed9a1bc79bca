"""A visit whose every step goes as it should, or says what came instead and where to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ops.deploy.visiting import Answer, NoAnswer, Visitor
from ops.errors import CannotContinue

OUR_HEADERS: Final = (
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "referrer-policy",
)
"""Some of those that every page has; the CDN must not lose them."""


class StepFailed(CannotContinue):
    """A step did not go as it should. The message names it, what was expected, and what came."""


@dataclass(frozen=True, kw_only=True)
class Expectant:
    """A visitor who knows what should come. `logs` is where names of log groups begin."""

    visitor: Visitor
    logs: str

    def get(self, step: str, path: str, *, seconds: float = 0.0) -> Answer:
        """A page that is there, within `seconds`. Raises StepFailed."""
        try:
            answer = self.visitor.wait_for(path, seconds)
        except NoAnswer as error:
            raise self.failed(step, "an answer", f"none came ({error})", "web") from error
        return self._ok(step, answer)

    def post(self, step: str, path: str, fields: Mapping[str, str]) -> Answer:
        """A form that is taken. Raises StepFailed."""
        try:
            answer = self.visitor.post(path, fields)
        except NoAnswer as error:
            raise self.failed(step, "an answer", f"none came ({error})", "web") from error
        return self._ok(step, answer)

    def refusal(self, step: str, path: str) -> None:
        """A page that nobody may see (403). Raises StepFailed."""
        try:
            answer = self.visitor.get(path)
        except NoAnswer as error:
            raise self.failed(step, "status 403", f"no answer ({error})", "api") from error
        if answer.status != 403:
            raise self.failed(step, "status 403", f"{answer.status}", "web")

    def our_headers(self, step: str, answer: Answer) -> None:
        """A page with the headers that protect its reader. Raises StepFailed."""
        for name in OUR_HEADERS:
            if name not in answer.headers:
                raise self.failed(step, f"the header {name}", "a page without it", "web")

    def failed(self, step: str, expected: str, came: str, function: str) -> StepFailed:
        """What to say when `step` went wrong; `function` is whose log may tell why."""
        return StepFailed(
            f"{step}: expected {expected}, came {came}. Look at the log {self.logs}{function}."
        )

    def _ok(self, step: str, answer: Answer) -> Answer:
        if answer.status != 200:
            raise self.failed(step, "status 200", f"{answer.status}", "web")
        return answer
