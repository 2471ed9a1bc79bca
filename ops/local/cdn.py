"""What the template's CDN adds to a request, by its path: none stands before the local run."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from email.message import Message
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ops.local.proxy_events import Request
from ops.local.resources import read_template


def as_asked(request: Request) -> Request:
    """A request as the CDN would hand it on: with the headers of the origin that its path has."""
    added = added_headers(request.path)
    if not added:
        return request
    headers: Message = copy(request.headers)
    for name, value in added.items():
        del headers[name]
        headers[name] = value
    return replace(request, headers=headers)


def added_headers(path: str) -> Mapping[str, str]:
    """The headers that take the place of a visitor's; the secret, a parameter, is none of them."""
    distribution = _distribution()
    target = next(
        (
            behaviour["TargetOriginId"]
            for behaviour in distribution["CacheBehaviors"]
            if fnmatchcase(path, behaviour["PathPattern"])
        ),
        distribution["DefaultCacheBehavior"]["TargetOriginId"],
    )
    [origin] = [each for each in distribution["Origins"] if each["Id"] == target]
    return {
        header["HeaderName"]: header["HeaderValue"]
        for header in origin["OriginCustomHeaders"]
        if isinstance(header["HeaderValue"], str)
    }


@cache
def _distribution() -> Mapping[str, Any]:
    properties = read_template()["Resources"]["Distribution"]["Properties"]
    return dict(properties["DistributionConfig"])
