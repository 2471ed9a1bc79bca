"""Watches a stack at work: what is done so far, and the first thing that failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ops.deploy.account import Account
from ops.terminal import console

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_STACK: Final = "AWS::CloudFormation::Stack"
_CONSEQUENCES: Final = ("Resource creation cancelled", "Resource update cancelled")
"""What CloudFormation says of resources that failed only because another one had."""
_PARTICIPLES: Final = {
    "CREATE_COMPLETE": "is made",
    "UPDATE_COMPLETE": "is changed",
    "DELETE_COMPLETE": "is deleted",
}


@dataclass(kw_only=True)
class Watch:
    """What has happened to one stack since the watch began."""

    account: Account
    stack_id: str
    tell: Callable[[str, int], None] = lambda words, done: None
    """Called with what has become of a resource, and how many are done."""
    begun: bool = False
    """Whether the stack itself has been touched since."""
    _seen: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)
    _failures: "list[StackEventTypeDef]" = field(default_factory=list)

    def begin(self) -> None:
        """Leave out what has happened before."""
        self._seen.update(event["EventId"] for event in self._unseen())

    def look(self) -> None:
        """Take note of what has happened since the last look, oldest first."""
        for event in reversed(list(self._unseen())):
            self._seen.add(event["EventId"])
            self._note(event)

    @property
    def failure(self) -> str | None:
        """The first resource that failed and why, in CloudFormation's words; None if none did."""
        for event in self._failures:
            reason = event.get("ResourceStatusReason", "")
            if not reason.startswith(_CONSEQUENCES):
                return f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): {reason}"
        return None

    def _note(self, event: "StackEventTypeDef") -> None:
        status, name = event.get("ResourceStatus", ""), event.get("LogicalResourceId", "")
        if status.endswith("_FAILED"):
            if not self._failures:
                self.tell("something failed: CloudFormation is taking it back", len(self._done))
            self._failures.append(event)
        if event.get("ResourceType") == _STACK:
            self.begun = True
        elif status.endswith("_COMPLETE") and not self._failures:
            self._done.add(name)
            self.tell(f"{name} {_PARTICIPLES.get(status, 'is done')}", len(self._done))

    def _unseen(self) -> "Iterator[StackEventTypeDef]":
        """Newest first, as CloudFormation lists them, up to what has been seen."""
        pages = self.account.cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=self.stack_id):
            for event in page["StackEvents"]:
                if event["EventId"] in self._seen:
                    return
                yield event


@contextmanager
def watched(account: Account, stack_id: str, resource_count: int) -> Iterator[Watch]:
    """A watch whose news go to a progress bar on a terminal, and to plain lines elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415

    with console.progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")
    ) as shown:
        task = shown.add_task("", total=resource_count)

        def tell(words: str, done: int) -> None:
            if shown.disable:
                console.hint(words)
            shown.update(task, completed=min(done, resource_count), description=words)

        watch = Watch(account=account, stack_id=stack_id, tell=tell)
        watch.begin()
        yield watch
