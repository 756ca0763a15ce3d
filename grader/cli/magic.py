"""``%labgrade`` in a notebook: one task, checked on the live kernel, as a card below the cell."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import DisplayHandle

from grader import labs, public
from grader.cli import options
from grader.cli.show import card_text
from grader.cli.text import one_line
from grader.errors import UsageProblem
from grader.live import check_live
from grader.pages import render_part

AID = (
    "An aid, not a verdict: this looked at what your notebook holds now. "
    "labgrade check runs it from its first cell to its last, as grading does."
)


@magics_class
class Selfcheck(Magics):
    """The magic; it leaves the notebook's names, random numbers and figures as they are."""

    @line_magic
    def labgrade(self, line: str) -> None:
        """Check tasks on what the notebook holds now: ``%labgrade 4.1``; alone it lists the tasks.

        Nothing is run again or trained, and nothing of yours is changed. The checks of trainings need
        a whole run, which ``labgrade check NOTEBOOK`` makes in a terminal.
        """
        try:
            tasks = options.known_tasks(None, line.replace(",", " ").split())
            if not tasks:
                print(task_list(self._sources()))
            for task in tasks:
                self._show(task)
        except UsageProblem as problem:
            print(f"labgrade: {one_line(str(problem))}")
        except KeyboardInterrupt:
            print("labgrade: stopped")

    def _show(self, task: str) -> None:
        shown = DisplayHandle()  # type: ignore[no-untyped-call]
        shown.display({"text/plain": f"Checking {task} …"}, raw=True)  # type: ignore[no-untyped-call]
        card = check_live(task, self._names(), self._sources())
        others = public.told_of_others(card.others, f" of task {task}")
        page = render_part("card/card.html", task=card.task, others=others, aid=AID)
        text = card_text(card.task, [others, AID])
        shown.update({"text/html": page, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]

    def _names(self) -> dict[str, Any]:
        names: dict[str, Any] = self.shell.user_ns  # type: ignore[union-attr]  # a magic has a shell
        return names

    def _sources(self) -> list[str]:
        """The code that was run so far, but for lines that only ask for this."""
        ran = self._names().get("In", [])
        return [str(source) for source in ran if not str(source).lstrip().startswith("%labgrade")]


def task_list(sources: list[str]) -> str:
    """The tasks of the lab that this code belongs to, or of all labs, with their public checks counted."""
    lab = labs.recognise("\n".join(sources))
    lines = ["%labgrade TASK checks one of these on what your notebook holds now:"]
    for one in [lab] if lab else map(labs.load_lab, labs.lab_ids()):
        rubric = labs.load_rubric(one)
        for task in rubric.tasks:
            count = len(public.public_checks(one, rubric, (), (task.id,)))
            checks = f"{count} public {'check' if count == 1 else 'checks'}" if count else "no public check"
            lines.append(f"  {task.id:5} {one_line(task.title)}: {checks}")
    return "\n".join(lines)


def complete(_shell: Any, _event: Any) -> list[str]:
    """The ids of all tasks, for the Tab key."""
    return [task for lab in labs.lab_ids() for task in labs.task_ids(lab)]


def load(shell: Any) -> None:
    """Make ``%labgrade`` known to a shell."""
    shell.register_magics(Selfcheck)
    shell.set_hook("complete_command", complete, str_key="%labgrade")


def unload(shell: Any) -> None:
    """Forget it."""
    shell.magics_manager.magics["line"].pop("labgrade", None)
