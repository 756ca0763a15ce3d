"""The pictures of a submission: what a lab's own rules show of it, under the checks they belong to."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Sequence

from checks.kit import Lab, PictureRule, Saved, Shown, Student
from checks.kit.picture import Images, Picture, Rankings, Tile
from checks.kit.saved import SavedCell
from grader import labs
from grader.claims.reading import read_saved
from grader.records import CheckResult, TaskResult

MOST = 6  # pictures of one check
ROOM = 400_000  # characters of all images of a report: a page has 1.5 MB, and a notebook beside them

_log = logging.getLogger(__name__)


def pictures_of(lab: Lab, student: Student, cells: Sequence[SavedCell]) -> tuple[Shown, ...]:
    """What the lab's rules show of a submission.

    Never raises: a rule that fails is our own fault, shows nothing, and is logged.
    """
    rules = labs.load_pictures(lab)
    saved = _saved(cells) if rules else Saved()
    return tuple(one for rule in rules for one in _quietly(rule, student, saved))


def with_pictures(tasks: Sequence[TaskResult], pictures: Iterable[Shown]) -> tuple[TaskResult, ...]:
    """Return the tasks with these pictures, as much as there is room for."""
    present = {result.id: result for task in tasks for result in task.checks}
    added: dict[str, list[Picture]] = {}
    for shown in pictures:
        place = next((name for name in shown.checks if name in present), None)
        if place is not None:
            added.setdefault(place, []).append(shown.picture)
    return _within_room(
        dataclasses.replace(
            task,
            checks=tuple(
                dataclasses.replace(one, pictures=(*one.pictures, *added.get(one.id, ()))[:MOST])
                for one in task.checks
            ),
        )
        for task in tasks
    )


def _saved(cells: Sequence[SavedCell]) -> Saved:
    try:
        return read_saved(tuple(cells))
    except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, costs a picture only
        _log.warning("saved outputs could not be read for the pictures", exc_info=error)
        return Saved()


def _quietly(rule: PictureRule, student: Student, saved: Saved) -> tuple[Shown, ...]:
    try:
        return tuple(rule(student, saved))
    except Exception as error:  # noqa: BLE001 - as above
        _log.warning("a rule on pictures failed", exc_info=error)
        return ()


def _within_room(tasks: Iterable[TaskResult]) -> tuple[TaskResult, ...]:
    """The same, without the images for which there is no room any more."""
    left = ROOM

    def fitting(result: CheckResult) -> Iterator[Picture]:
        nonlocal left
        for picture in result.pictures:
            size = sum(len(tile.png) for tile in tiles_of(picture))
            if size <= left:
                left -= size
                yield picture

    return tuple(
        dataclasses.replace(
            task,
            checks=tuple(dataclasses.replace(one, pictures=tuple(fitting(one))) for one in task.checks),
        )
        for task in tasks
    )


def tiles_of(picture: Picture) -> tuple[Tile, ...]:
    """The images in a picture."""
    if isinstance(picture, Images):
        return picture.tiles
    if isinstance(picture, Rankings):
        return tuple(one.tile for one in picture.rankings)
    return ()
