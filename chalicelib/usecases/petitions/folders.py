"""The drafts of a petition and its updates as the files of a folder, and back.

They are the files that the commands read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions.draft import Draft
from chalicelib.domain.petitions.source import PetitionSource, UpdateSource
from chalicelib.rendering import folder_files, zip_files
from chalicelib.rendering.folder_files import PICTURE, UPDATES_FOLDER, FileProblem, ReadFolder
from chalicelib.usecases.petitions import drafting, update_folders
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class TakenFiles:
    """What became of files: nothing was taken if there are `problems`.

    `drafted` and `kept` are the names of updates, as in TakenUpdates.
    """

    problems: Sequence[FileProblem] = ()
    drafted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def archive(services: Services, slug: str) -> bytes:
    """The newest drafts of a petition and its updates, zipped. Raises Unavailable."""
    files = files_of(services, drafting.get_draft(services, slug))
    return zip_files.packed({f"{slug}/{path}": content for path, content in files.items()})


def files_of(services: Services, draft: Draft) -> Mapping[str, bytes]:
    """The files of a petition's draft and of those of its updates, by their paths in its folder."""
    files = folder_files.written(draft.source)
    if draft.source.picture is not None:
        name = f"{PICTURE}.{draft.source.picture.media_type.extension}"
        files[name] = drafting.get_picture(services, draft)
    for name, update in update_folders.list_sources(services, draft.source.slug).items():
        for file, content in folder_files.written(update).items():
            files[f"{UPDATES_FOLDER}/{name}/{file}"] = content
    return files


def take(
    services: Services, slug: str, files: Mapping[str, bytes], *, by: Actor, note: str
) -> TakenFiles:
    """Take files into the drafts of a petition and its updates: all, or none with `problems`.

    What the files do not hold stays. Each draft is stored by itself: after a crash some are, and a
    repetition stores the others. Raises InvalidForm, Unavailable.
    """
    read = folder_files.read(zip_files.unpacked(files))
    if read.problems:
        return TakenFiles(problems=read.problems)
    stored = update_folders.list_sources(services, slug) if read.updates else {}
    empty = {
        name: UpdateSource(slug=slug, name=name, settings={}, texts={}) for name in read.updates
    }
    wanted = {name: each.over(stored.get(name, empty[name])) for name, each in read.updates.items()}
    taken = update_folders.take(services, slug, wanted, stored=stored, by=by, note=note)
    if read.petition != ReadFolder():
        drafting.change(
            services,
            slug,
            lambda source: _with_folder(source, read.petition),
            picture=read.petition.content,
            by=by,
            note=note,
        )
    return TakenFiles(drafted=taken.drafted, kept=taken.kept)


def _with_folder(source: PetitionSource, read: ReadFolder) -> PetitionSource:
    return replace(read.over(source), picture=read.picture or source.picture)
