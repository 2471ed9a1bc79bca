"""Reads the forms of the desk: longer than those of visitors, and with files.

A page that keeps a form to be sent again has its files in hidden fields, in base64.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from urllib.parse import parse_qsl, unquote

from chalicelib.domain.errors import FormTooLarge, UnreadableForm
from chalicelib.routes.http.request import FORM_TYPE

MAX_BYTES: Final = 4 * 1024 * 1024
"""In base64 it is a third more, and Lambda takes 6 MB."""
MAX_FIELDS: Final = 400
MAX_KEPT_BYTES: Final = 2 * 1024 * 1024
"""Of files that a page keeps: in base64 they fit into a form and into an answer of Lambda."""
TOUCH_FIELD: Final = "touch_answer"
"""The field with the answer of a passkey that the gate has asked for, as JSON."""
_KEPT_FILE: Final = "kept-file."
"""The first letters of the name of a hidden field that holds a file."""
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """A file as a browser sent it. Its name and its media type are claims, to be checked."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, kw_only=True, repr=False)
class DeskForm:
    """The fields and the files of a form, by their names. Lines end with a newline alone."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, UploadedFile] = field(default_factory=dict)


def read(body: bytes, content_type: str) -> DeskForm:
    """Read a form, urlencoded or multipart. An empty body is a form without fields.

    Raises FormTooLarge, and UnreadableForm for another type or encoding, or a name twice.
    """
    if len(body) > MAX_BYTES:
        raise FormTooLarge
    if not body:
        return DeskForm()
    try:
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type == FORM_TYPE:
            return _with_kept_files(_urlencoded(body))
        if media_type == _MULTIPART:
            return _with_kept_files(_multipart(body, content_type))
    except (ValueError, RecursionError) as error:
        raise UnreadableForm from error
    raise UnreadableForm


def kept_field(name: str, file: UploadedFile) -> tuple[str, str]:
    """The name and the value of a hidden field that `read` takes for this file."""
    content = b64encode(file.content).decode()
    return f"{_KEPT_FILE}{name}", json.dumps([file.name, file.media_type, content])


def _with_kept_files(form: DeskForm) -> DeskForm:
    """The form with the files of its hidden fields. Raises ValueError, RecursionError."""
    kept = {name: value for name, value in form.fields.items() if name.startswith(_KEPT_FILE)}
    fields = {name: value for name, value in form.fields.items() if name not in kept}
    files = {name.removeprefix(_KEPT_FILE): _kept_file(value) for name, value in kept.items()}
    # A file that was chosen anew takes the place of the one that was kept.
    return DeskForm(fields=fields, files={**files, **form.files})


def _kept_file(value: str) -> UploadedFile:
    match json.loads(value):
        case [str() as name, str() as media_type, str() as content]:
            # JSON can name halves of characters, which no page can show.
            (name + media_type).encode()
            raw = b64decode(content, validate=True)
            return UploadedFile(name=name, content=raw, media_type=media_type)
    raise UnreadableForm


def _urlencoded(body: bytes) -> DeskForm:
    pairs = parse_qsl(
        body.decode("utf-8"),
        keep_blank_values=True,
        encoding="utf-8",
        errors="strict",
        max_num_fields=MAX_FIELDS,
    )
    fields = {name: _with_newlines(value) for name, value in pairs}
    if len(fields) < len(pairs):
        raise UnreadableForm
    return DeskForm(fields=fields)


def _multipart(body: bytes, content_type: str) -> DeskForm:
    """A form by RFC 7578. Raises ValueError, UnreadableForm."""
    boundary = _header("Content-Type", content_type).get_boundary()
    if not boundary:
        raise UnreadableForm
    # Every part begins on a line of its own, the first one as well.
    first, *parts = (b"\r\n" + body).split(f"\r\n--{boundary}".encode())
    if first or not parts or not parts[-1].startswith(b"--") or len(parts) > MAX_FIELDS + 1:
        raise UnreadableForm
    fields: dict[str, str] = {}
    files: dict[str, UploadedFile] = {}
    for part in parts[:-1]:
        head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head.decode("utf-8"))
        disposition = _header("Content-Disposition", headers.get("content-disposition", ""))
        name = _parameter(disposition, "name")
        if not separator or name is None or name in fields or name in files:
            raise UnreadableForm
        file_name = _parameter(disposition, "filename")
        if file_name is None:
            fields[name] = _with_newlines(content.decode("utf-8"))
        elif file_name:
            # A field for files in which none was chosen has an empty name.
            media_type = headers.get("content-type", "application/octet-stream")
            files[name] = UploadedFile(name=file_name, content=content, media_type=media_type)
    return DeskForm(fields=fields, files=files)


def _headers(head: str) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in head.split("\r\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message


def _parameter(disposition: Message, name: str) -> str | None:
    """A parameter as browsers write it: in UTF-8, with quotes and line breaks as %22, %0D, %0A."""
    value = disposition.get_param(name, header="content-disposition")
    return unquote(value) if isinstance(value, str) else None


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n")
