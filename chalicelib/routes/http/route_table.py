"""Finds the route of a path, as API Gateway does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, kw_only=True)
class RouteMatch:
    """The resource that a path belongs to, and the decoded values of its variables."""

    resource: str
    variables: Mapping[str, str]


class RouteTable:
    """The resources of the API, such as `/{language}/{slug}`."""

    def __init__(self, paths: Iterable[str]) -> None:
        # In each place a literal part goes before a variable, as in API Gateway.
        self._paths = sorted(paths, key=lambda path: [_is_variable(p) for p in path.split("/")])

    def match(self, path: str) -> RouteMatch | None:
        """The resource of a path (still encoded), or None. One slash at its end is forgiven."""
        parts = (path.removesuffix("/") or "/").split("/")
        for resource in self._paths:
            variables = _match(resource.split("/"), parts)
            if variables is not None:
                return RouteMatch(resource=resource, variables=variables)
        return None


def _match(pattern: Sequence[str], parts: Sequence[str]) -> Mapping[str, str] | None:
    if len(pattern) != len(parts):
        return None
    variables = {}
    for expected, part in zip(pattern, parts, strict=True):
        if _is_variable(expected) and part:
            variables[expected[1:-1]] = unquote(part)
        elif expected != part:
            return None
    return variables


def _is_variable(part: str) -> bool:
    return part.startswith("{")
