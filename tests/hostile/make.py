"""Write the folder of hostile and broken submissions: ``python -m tests.hostile.make DIR``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from grader.names import readable
from tests.hostile import archives, cells, channel, escapes, files, folders, forgeries, good, hungry, shows
from tests.hostile.case import RIGHT, Case, World, text_of

MODULES = (good, files, archives, folders, cells, escapes, forgeries, channel, shows, hungry)
CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)
ROOT = Path(__file__).resolve().parents[2]


def world_in(folder: Path) -> World:
    """The places of a run in ``folder``, with what nobody may read or change outside the class."""
    world = World(folder / "outside", folder / "class", folder / "grades", ROOT)
    world.outside.mkdir(parents=True)
    (world.outside / "canary.txt").write_text("a canary, REACHED by a submission\n")
    (world.outside / "solution.ipynb").write_text(text_of(*RIGHT))
    return world


def make(cases: Iterable[Case], classroom: Path, world: World) -> None:
    """Write the cases into the class folder."""
    classroom.mkdir(parents=True)
    for case in cases:
        case.write(classroom / case.place, world)


def main() -> None:
    """Write all of them, and a list of what each tries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="made for it, with class/ and outside/")
    parser.add_argument("--heavy", action="store_true", help="those too that take gigabytes or minutes")
    chosen = parser.parse_args()
    cases = [case for case in CASES if chosen.heavy or not case.heavy]
    world = world_in(chosen.folder.absolute())
    make(cases, world.classroom, world)
    told = {readable(case.place): case.tries for case in cases}
    (chosen.folder / "tries.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(cases)} submissions in {world.classroom}")


if __name__ == "__main__":
    main()
