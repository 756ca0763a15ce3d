"""What the checks asked a live kernel, question by question, and the kernel that only repeats its answers.

Each check has a transcript of its own. It is repeated only as long as a check asks the same questions with
the same arrays in the same order, and only if it asks them all: an answer may depend on those before it
(a model that is kept, a generator that moves on), and so may the process that other checks ask later.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.kit import Gone, Raised, Reply
from grader.cache.arrays import Arrays, Lost
from grader.cache.keys import digest
from grader.evidence import LiveStudent, memory_key
from grader.recall import NotKept, Put

Json = dict[str, Any]
Transcript = Mapping[str, Sequence[Json]]  # by the name of the part that asked; each question in order
# What student code raises because the machine was busy or full; on another day it would not.
OF_THE_MACHINE = (
    "MemoryError", "OSError", "TimeoutError", "BlockingIOError", "ResourceExhaustedError", "InternalError",
    "KeyboardInterrupt",
)  # fmt: skip
NOT_ASKED = "this was not asked when the notebook ran"


def question(op: str, arguments: Mapping[str, Any], arrays: Sequence[Any]) -> str:
    """The hash of a request and its arrays, in 64 hexadecimal digits."""
    contents = [
        [one.dtype.str, list(one.shape), hashlib.sha256(np.ascontiguousarray(one).data).hexdigest()]
        for one in arrays
    ]
    return digest([op, arguments, contents])


@dataclass
class Recorder:
    """Puts questions to a live kernel and notes its answers.

    ``doubtful`` says why what came back must not be kept, or is "": the process was lost, or was too slow,
    which on another day it would not be.
    """

    arrays: Arrays
    put_live: Put
    questions: dict[str, list[Json]] = field(default_factory=dict)
    part: str = ""
    doubtful: str = ""

    def begin(self, part: str) -> None:
        """From now on this part of the judgement asks."""
        self.part = part
        self.questions[part] = []

    def put(self, op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Reply:
        """Put one request to the live kernel; it raises what ``Kernel.ask`` does."""
        asked = {"question": question(op, arguments, arrays), "memory": memory_key(op, arguments)}
        try:
            reply = self.put_live(op, arguments, arrays)
        except Raised as raised:
            if raised.ename in OF_THE_MACHINE:
                self.doubtful = raised.ename
            self._note({**asked, "raised": [raised.ename, raised.evalue]})
            raise
        except Gone as gone:
            self.doubtful = gone.reason
            raise
        if reply.changed:
            self.doubtful = "the notebook replaced parts of the grader"
        if reply.data.get("cut"):
            self.doubtful = "a training was ended by the clock"
        if not self.doubtful:
            self._note_reply(asked, reply)
        return reply

    def _note_reply(self, asked: Json, reply: Reply) -> None:
        try:
            arrays = [self.arrays.keep(array) for array in reply.arrays]
        except (OSError, ValueError) as error:
            self.doubtful = f"an answer cannot be kept ({type(error).__name__})"
            return
        self._note({**asked, "data": reply.data, "arrays": arrays})

    def _note(self, entry: Json) -> None:
        if not self.part:
            self.doubtful = "a question belongs to no part"
            return
        self.questions[self.part].append(entry)


@dataclass
class Repeater:
    """Answers as a live kernel did.

    ``transcript`` is read when the first part is made again; ``lost`` says that something was asked that
    is not in it. The student is then told that the process is gone, and what came of it is thrown away.
    """

    arrays: Arrays
    transcript: Callable[[], Transcript]
    lost: bool = False
    taken: list[str] = field(default_factory=list)
    waiting: deque[Json] = field(default_factory=deque)

    def begin(self, part: str, student: LiveStudent) -> None:
        """From now on this part asks; the student remembers what those before it had asked.

        Raises:
            NotKept: the transcript is no longer there.
        """
        try:
            for name in self.taken:
                for entry in self.transcript().get(name, ()):
                    if entry["memory"]:
                        student.answers[entry["memory"]] = self._known(entry)
            self.taken.clear()
            self.waiting = deque(self.transcript().get(part, ()))
        except (Lost, KeyError, TypeError) as error:
            raise NotKept(part) from error

    def skip(self, part: str) -> None:
        """What a part had asked when the notebook ran stands as it was."""
        self.taken.append(part)

    def put(self, op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Reply:
        """The answer to the next question of the transcript.

        Raises:
            Raised: the student's code raised.
            Gone: it is another question.
        """
        entry = self.waiting.popleft() if self.waiting and not self.lost else None
        if entry is None or entry["question"] != question(op, arguments, arrays):
            self.lost = True
            raise Gone(NOT_ASKED)
        try:
            return self._reply(entry)
        except Lost as error:
            self.lost = True
            raise Gone(NOT_ASKED) from error

    def end(self) -> None:
        """A part has asked all it wanted.

        Raises:
            NotKept: that was something else than when the notebook ran.
        """
        if self.lost or self.waiting:
            raise NotKept(NOT_ASKED)

    def _known(self, entry: Json) -> Reply | Raised:
        """What the student remembers of a question."""
        try:
            return self._reply(entry)
        except Raised as raised:
            return raised

    def _reply(self, entry: Json) -> Reply:
        if "raised" in entry:
            raise Raised(*entry["raised"])
        return Reply(entry["data"], tuple(self.arrays.take(one) for one in entry["arrays"]))
