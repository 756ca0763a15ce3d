"""Publishing in the background, so that its page can tell how far it is."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from grader import publishing
from grader.errors import UsageProblem
from grader.gradebook.store import Gradebook

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """How far it is: ``done`` of ``of`` students while ``running``; then what came of it, or a problem."""

    running: bool = False
    done: int = 0
    of: int = 0
    result: publishing.Published | None = None
    problem: str = ""


class Publisher:
    """Publishes one time at a time."""

    def __init__(self, book: Gradebook, out: Path) -> None:
        self._book, self._out = book, out
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._state = State()

    @property
    def state(self) -> State:
        """How far it is now."""
        with self._lock:
            return self._state

    def start(self, who: str) -> None:
        """Begin, unless it is under way."""
        with self._lock:
            if self._state.running:
                return
            self._state = State(running=True)
            self._thread = threading.Thread(target=self._publish, args=(who,), name="publisher")
            self._thread.start()

    def wait(self) -> None:
        """Return when it is done."""
        if self._thread is not None:
            self._thread.join()

    def _publish(self, who: str) -> None:
        try:
            result = publishing.publish(self._book, self._out, who, self._tell)
            state = State(done=result.students, of=result.students, result=result)
        except UsageProblem as problem:
            state = State(problem=str(problem))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            state = State(problem=f"The pages could not be written ({reason}); mend that and publish again.")
        except Exception as error:  # noqa: BLE001 - the page must say so, whatever it is
            _log.warning("could not be published", exc_info=error)
            state = State(problem=f"The grader itself failed ({type(error).__name__}); the marks are safe.")
        with self._lock:
            self._state = state

    def _tell(self, done: int, of: int) -> None:
        with self._lock:
            self._state = State(running=True, done=done, of=of)
